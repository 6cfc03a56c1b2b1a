package org.mobilenet_tf.demo

import android.content.Context
import org.mobilenet_tf.demo.camera.CameraFrame
import org.mobilenet_tf.demo.camera.FreshReadings
import org.mobilenet_tf.demo.camera.OpenModel
import org.mobilenet_tf.demo.camera.Recognizer
import org.mobilenet_tf.demo.camera.RecognizerSettings
import org.mobilenet_tf.demo.camera.SecondModel
import org.mobilenet_tf.demo.core.Accelerator
import org.mobilenet_tf.demo.core.AcceleratorException
import org.mobilenet_tf.demo.core.DemoException
import org.mobilenet_tf.demo.core.Fit
import org.mobilenet_tf.demo.ui.ModelState
import org.mobilenet_tf.demo.ui.PictureController
import org.mobilenet_tf.demo.ui.SecondText
import org.mobilenet_tf.demo.ui.Settings
import org.mobilenet_tf.demo.ui.SettingsStore
import org.mobilenet_tf.demo.ui.choiceOf
import org.mobilenet_tf.demo.ui.modelTitle
import org.mobilenet_tf.demo.ui.runningText
import org.mobilenet_tf.demo.ui.selectionOf

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

    private val fresh = FreshReadings()

    /** Reads the models on the new inference thread, then opens the one of the settings. */
    fun start() {
        state = closedState()
        val started = Recognizer(dependencies::openEngine, RecognizerListener(), dependencies.remembered::of)
        recognizer = started
        started.runInBackground(dependencies::models, ::onModels)
    }

    fun stop() {
        recognizer?.stop()
        recognizer = null
    }

    /** Saves the settings, and does what they need: only another model, accelerator or number of threads opens one. */
    fun change(changed: Settings) {
        val before = settings
        settings = changed
        store.write(changed)
        if (engineOf(changed) != engineOf(before)) return open()
        val first = chosenEntry()?.model
        val second = secondEntry()?.model
        first?.let { recognizer?.select(selectionOf(changed, it)) }
        second?.let { recognizer?.selectSecond(selectionOf(changed, it)) }
        state = state.copy(choice = choiceOf(changed, first))
        if (changed.secondModel != before.secondModel && state.open) listener.onModelOpen()
        listener.onModelChange()
    }

    private fun engineOf(settings: Settings) = Triple(settings.model, settings.accelerator, settings.threads)

    /** Takes the newest numbers of the camera's frames into `state`. */
    fun refreshReading() {
        val reading = recognizer?.reading()?.takeIf(fresh::shows)
        if (reading != state.reading) update(state.copy(reading = reading))
    }

    /** The frames until now are not shown any longer: the camera looks at something else from now on. */
    fun forgetReading() {
        recognizer?.let(fresh::forgetBefore)
        update(state.copy(reading = null))
    }

    fun classify(picture: PictureController) {
        val second = secondEntry()?.model
        val settings = second?.let { RecognizerSettings(it, settings.accelerator, settings.threads) }
        recognizer?.let { running ->
            picture.classify(running, settings?.let { SecondModel(it, selectionOf(this.settings, it.model)) })
        }
    }

    /** Remembers what the model saw last, if it gives an embedding. */
    fun remember() {
        recognizer?.remember()
    }

    fun forgetRemembered() {
        recognizer?.forgetRemembered()
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
            recognizer?.select(selectionOf(settings, model))
            recognizer?.open(RecognizerSettings(model, settings.accelerator, settings.threads))
            update(closedState())
        }
    }

    private inner class RecognizerListener : Recognizer.Listener {
        override fun onOpened(open: OpenModel) {
            val running = runningText(context.resources, open.settings.model, settings.accelerator, open.threads)
            fresh.restart()
            state = state.copy(open = true, problem = null, running = running)
            listener.onModelOpen()
            listener.onModelChange()
        }

        /**
         * An accelerator that fails is off from now on, and a notice says so; then the CPU is tried. A model that cannot
         * be used leaves the accelerator as it is.
         */
        override fun onFailed(
            settings: RecognizerSettings,
            error: DemoException,
        ) {
            val sentence = error.message.orEmpty()
            if (error !is AcceleratorException) {
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

    private fun secondEntry() = settings.secondModel?.let { id -> entries?.firstOrNull { it.id == id } }

    /** The model that runs pictures beside the first; null if none is chosen, or it is no longer there. */
    fun secondText(): SecondText? {
        val entry = secondEntry() ?: return null
        val title = entry.model?.let { modelTitle(context.resources, it) } ?: entry.name
        return SecondText(title, entry.name, choiceOf(settings, entry.model), entry.problem)
    }

    private fun closedState(problem: String? = null): ModelState {
        val entry = chosenEntry()
        val running = entry?.model?.let { runningText(context.resources, it, settings.accelerator, threads = null) }
        val title = entry?.model?.let { modelTitle(context.resources, it) }
        val fit = entry?.model?.manifest?.network?.fit ?: Fit.CROP
        val choice = choiceOf(settings, entry?.model)
        return ModelState(entry?.name, running, choice, title, fit, problem = problem)
    }

    private fun update(state: ModelState) {
        this.state = state
        listener.onModelChange()
    }
}
