package org.mobilenet_tf.demo

import android.content.Context
import org.mobilenet_tf.demo.camera.CameraFrame
import org.mobilenet_tf.demo.camera.Recognizer
import org.mobilenet_tf.demo.camera.RecognizerSettings
import org.mobilenet_tf.demo.core.Accelerator
import org.mobilenet_tf.demo.ui.ModelState
import org.mobilenet_tf.demo.ui.PictureController
import org.mobilenet_tf.demo.ui.Settings
import org.mobilenet_tf.demo.ui.SettingsStore
import org.mobilenet_tf.demo.ui.runningText

/**
 * The settings, the models that there are, and the one that runs. The inference thread with its engine exists from
 * `start` to `stop`. All functions are for the main thread, except `offer` and `countDropped`.
 */
class ModelController(
    private val context: Context,
    private val dependencies: AppDependencies,
    private val listener: Listener,
) {
    interface Listener {
        /** `state` has changed. */
        fun onModelChange()

        /** The models were read. */
        fun onModels(entries: List<ModelEntry>)

        /** The model is open, so that a picture can be classified. */
        fun onModelOpen()

        /** The accelerator of the settings did not start or stopped working; the settings name the CPU now. */
        fun onAcceleratorOff(
            accelerator: Accelerator,
            sentence: String,
        )
    }

    private val store = SettingsStore(context)

    @Volatile private var recognizer: Recognizer? = null // the camera's thread reads it
    private var entries: List<ModelEntry>? = null

    var settings = store.read()
        private set

    var state = ModelState()
        private set

    /** Reads the models on the new inference thread, then opens the one of the settings. */
    fun start() {
        state = closedState()
        val started = Recognizer(dependencies::openEngine, RecognizerListener())
        recognizer = started
        started.runInBackground(dependencies::models, ::onModels)
    }

    fun stop() {
        recognizer?.stop()
        recognizer = null
    }

    /** Saves the settings, and opens the model again unless only the camera's facing is another. */
    fun change(changed: Settings) {
        val onlyFacing = changed == settings.copy(facing = changed.facing)
        settings = changed
        store.write(changed)
        if (!onlyFacing) open()
    }

    /** Takes the newest numbers of the camera's frames into `state`. */
    fun refreshReading() {
        val reading = recognizer?.reading()
        if (reading != state.reading) update(state.copy(reading = reading))
    }

    fun classify(picture: PictureController) {
        recognizer?.let(picture::classify)
    }

    /** Takes a frame if the inference thread is free, and closes it once it is classified. */
    fun offer(frame: CameraFrame): Boolean = recognizer?.offer(frame) ?: false

    fun countDropped() {
        recognizer?.countDropped()
    }

    private fun onModels(entries: List<ModelEntry>) {
        this.entries = entries
        if (entries.none { it.id == settings.model }) settings = settings.copy(model = entries.firstOrNull()?.id)
        listener.onModels(entries)
        open()
    }

    private fun open() {
        val entry = chosenEntry()
        val model = entry?.model
        if (model == null) {
            val folder = "${context.getExternalFilesDir(null)}/${ModelLibrary.FOLDER}"
            update(closedState(entry?.problem ?: context.getString(R.string.no_models, folder)))
        } else {
            val threshold = settings.thresholdPercent / 100f
            recognizer?.open(
                RecognizerSettings(model, settings.accelerator, settings.threads, settings.topK, threshold),
            )
            update(closedState())
        }
    }

    private inner class RecognizerListener : Recognizer.Listener {
        override fun onOpened(settings: RecognizerSettings) {
            state = state.copy(open = true, problem = null)
            listener.onModelOpen()
            listener.onModelChange()
        }

        /** An accelerator that fails is off from now on, and a notice says so; then the CPU is tried. */
        override fun onFailed(
            settings: RecognizerSettings,
            sentence: String,
        ) {
            if (settings.accelerator == Accelerator.CPU) {
                update(state.copy(open = false, problem = sentence))
            } else if (settings.accelerator == this@ModelController.settings.accelerator) {
                useCpu(settings.accelerator, sentence)
            }
        }
    }

    private fun useCpu(
        failed: Accelerator,
        sentence: String,
    ) {
        settings = settings.copy(accelerator = Accelerator.CPU)
        store.write(settings)
        listener.onAcceleratorOff(failed, sentence)
        open()
    }

    private fun chosenEntry() = entries?.firstOrNull { it.id == settings.model }

    private fun closedState(problem: String? = null): ModelState {
        val entry = chosenEntry()
        val running = entry?.model?.let { runningText(context.resources, it, settings) }
        return ModelState(entry?.name, running, settings.thresholdPercent, problem = problem)
    }

    private fun update(state: ModelState) {
        this.state = state
        listener.onModelChange()
    }
}
