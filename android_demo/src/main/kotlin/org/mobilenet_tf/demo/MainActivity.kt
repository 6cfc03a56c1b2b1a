package org.mobilenet_tf.demo

import android.app.Activity
import android.content.ActivityNotFoundException
import android.content.Intent
import android.graphics.Bitmap
import android.net.Uri
import android.os.Bundle
import android.os.Handler
import android.os.Looper
import android.provider.Settings.ACTION_APPLICATION_DETAILS_SETTINGS
import org.mobilenet_tf.demo.camera.CameraProblem
import org.mobilenet_tf.demo.camera.DisplayTurns
import org.mobilenet_tf.demo.camera.Facing
import org.mobilenet_tf.demo.camera.FrameSize
import org.mobilenet_tf.demo.camera.FrameSource
import org.mobilenet_tf.demo.camera.LentFrame
import org.mobilenet_tf.demo.camera.Recognizer
import org.mobilenet_tf.demo.camera.Setup
import org.mobilenet_tf.demo.core.Accelerator
import org.mobilenet_tf.demo.ui.CameraPermission
import org.mobilenet_tf.demo.ui.Facts
import org.mobilenet_tf.demo.ui.OpenPicture
import org.mobilenet_tf.demo.ui.Permission
import org.mobilenet_tf.demo.ui.PictureFacts
import org.mobilenet_tf.demo.ui.PicturePicker
import org.mobilenet_tf.demo.ui.Screen
import org.mobilenet_tf.demo.ui.ScreenActions
import org.mobilenet_tf.demo.ui.Settings
import org.mobilenet_tf.demo.ui.SettingsPanel
import org.mobilenet_tf.demo.ui.SettingsStore
import org.mobilenet_tf.demo.ui.Surroundings
import org.mobilenet_tf.demo.ui.drawBehindBars
import org.mobilenet_tf.demo.ui.runningText
import org.mobilenet_tf.demo.ui.screenState

/**
 * The camera, the inference thread and the screen, put together. Camera and engine live from `onStart` to `onStop`;
 * what they tell becomes `facts`, and the screen shows the one state that the facts make.
 */
class MainActivity :
    Activity(),
    ScreenActions {
    private val main = Handler(Looper.getMainLooper())
    private val parts get() = application as Parts
    private lateinit var source: FrameSource
    private lateinit var store: SettingsStore
    private lateinit var screen: Screen
    private lateinit var panel: SettingsPanel
    private lateinit var permission: CameraPermission
    private lateinit var settings: Settings
    private lateinit var turns: DisplayTurns

    @Volatile private var recognizer: Recognizer? = null // the camera's thread reads it
    private var entries: List<ModelEntry>? = null
    private var facts = Facts()
    private lateinit var picture: OpenPicture
    private var notice: String? = null

    override fun onCreate(state: Bundle?) {
        super.onCreate(state)
        drawBehindBars(window)
        setContentView(R.layout.main)
        source = parts.frameSource()
        store = SettingsStore(this)
        settings = store.read()
        permission = CameraPermission(this, state)
        screen = Screen(findViewById(R.id.root), this)
        panel = SettingsPanel(findViewById(R.id.settings), ::change)
        panel.show(settings)
        turns = DisplayTurns(this, ::onTurn)
        picture = OpenPicture(contentResolver, thumbnailSide(), ::onPicture)
        if (state != null) restore(state)
    }

    private fun restore(state: Bundle) {
        @Suppress("DEPRECATION") // its successor came with Android 13
        picture.uri = state.getParcelable(PICTURE)
        notice = state.getString(NOTICE)
        panel.open = state.getBoolean(SETTINGS_OPEN)
        panel.showProblem(notice)
    }

    override fun onSaveInstanceState(state: Bundle) {
        super.onSaveInstanceState(state)
        permission.save(state)
        state.putParcelable(PICTURE, picture.uri)
        state.putString(NOTICE, notice)
        state.putBoolean(SETTINGS_OPEN, panel.open)
    }

    override fun onStart() {
        super.onStart()
        turns.start()
        facts = Facts(cameras = source.facings().size, picture = picture.uri?.let { PictureFacts() })
        val started = Recognizer(parts::openEngine, RecognizerEvents())
        recognizer = started
        started.work(parts::models, ::onModels)
        startCamera()
        main.post(refresh)
    }

    /** The camera first, so that no frame comes for an engine that is closed. */
    override fun onStop() {
        super.onStop()
        main.removeCallbacks(refresh)
        turns.stop()
        source.close()
        recognizer?.stop()
        recognizer = null
    }

    @Deprecated("The framework has no successor without AndroidX")
    override fun onBackPressed() {
        when {
            panel.open -> panel.open = false
            picture.uri != null -> closePicture()
            else ->
                @Suppress("DEPRECATION")
                super.onBackPressed()
        }
    }

    // The model

    private fun onModels(found: List<ModelEntry>) {
        entries = found
        if (found.none { it.id == settings.model }) settings = settings.copy(model = found.firstOrNull()?.id)
        panel.show(settings)
        panel.showModels(found)
        openModel()
    }

    private fun openModel() {
        val entry = entries?.firstOrNull { it.id == settings.model }
        val model = entry?.model
        facts = facts.copy(modelOpen = false, modelProblem = null, reading = null)
        if (model == null) {
            val folder = "${getExternalFilesDir(null)}/${ModelLibrary.FOLDER}"
            facts = facts.copy(modelProblem = entry?.problem ?: getString(R.string.no_models, folder))
        } else {
            val threshold = settings.thresholdPercent / 100f
            recognizer?.open(Setup(model, settings.accelerator, settings.threads, settings.topK, threshold))
        }
        render()
    }

    private inner class RecognizerEvents : Recognizer.Listener {
        override fun onOpened(setup: Setup) {
            facts = facts.copy(modelOpen = true, modelProblem = null)
            recognizer?.let(picture::classify)
            render()
        }

        /** An accelerator that does not start is off from now on, for everyone to see; then the CPU is tried. */
        override fun onFailed(
            setup: Setup,
            sentence: String,
        ) {
            if (setup.accelerator == Accelerator.CPU) {
                facts = facts.copy(modelOpen = false, modelProblem = sentence)
            } else if (setup.accelerator == settings.accelerator) {
                notice = getString(R.string.accelerator_off, setup.accelerator.name, sentence)
                settings = settings.copy(accelerator = Accelerator.CPU)
                store.write(settings)
                panel.show(settings)
                panel.showProblem(notice)
                openModel()
            }
            render()
        }
    }

    private fun change(wanted: Settings) {
        if (wanted.accelerator != settings.accelerator) dismissNotice()
        settings = wanted
        store.write(wanted)
        openModel()
    }

    // The camera

    private fun startCamera() {
        source.close()
        facts = facts.copy(permission = permission.now(), cameraProblem = null, cameraStarted = false)
        if (picture.uri == null && facts.cameras != 0) {
            when (facts.permission) {
                Permission.GRANTED -> openCamera()
                Permission.UNKNOWN -> permission.ask()
                Permission.REFUSED, Permission.REFUSED_FOR_GOOD -> Unit
            }
        }
        render()
    }

    private fun openCamera() {
        val facing = settings.facing.takeIf { it in source.facings() } ?: source.facings().first()
        source.displayDegrees = turns.degrees
        source.open(facing, screen.preview.texture, CameraEvents())
    }

    private inner class CameraEvents : FrameSource.Events {
        override fun onStarted(
            size: FrameSize,
            sensorDegrees: Int,
        ) {
            screen.preview.show(size, sensorDegrees, turns.degrees)
            facts = facts.copy(cameraStarted = true, cameraProblem = null)
            render()
        }

        override fun onFrame(frame: LentFrame): Boolean = recognizer?.offer(frame) ?: false

        override fun onFrameLost() {
            recognizer?.drop()
        }

        override fun onProblem(problem: CameraProblem) {
            facts = facts.copy(cameraProblem = problem, cameraStarted = false)
            render()
        }

        override fun onFree() = startCamera()
    }

    private fun onTurn(displayDegrees: Int) {
        source.displayDegrees = displayDegrees
        screen.preview.turn(displayDegrees)
    }

    override fun onRequestPermissionsResult(
        request: Int,
        permissions: Array<out String>,
        results: IntArray,
    ) {
        permission.answered(results)
        startCamera()
    }

    // The picture

    @Deprecated("The framework has no successor without AndroidX")
    override fun onActivityResult(
        request: Int,
        result: Int,
        data: Intent?,
    ) {
        val chosen = data?.data
        if (request != PicturePicker.REQUEST || result != RESULT_OK || chosen == null) return
        source.close()
        picture.uri = chosen
        // Where the activity was stopped meanwhile, the model that onStart opens goes on from here.
        if (facts.modelOpen) recognizer?.let(picture::classify)
    }

    private fun onPicture(
        known: PictureFacts?,
        thumbnail: Bitmap?,
    ) {
        facts = facts.copy(picture = known)
        screen.showPicture(thumbnail)
        render()
    }

    override fun closePicture() {
        picture.uri = null
        startCamera()
    }

    // What a person does

    override fun switchCamera() {
        settings = settings.copy(facing = if (settings.facing == Facing.BACK) Facing.FRONT else Facing.BACK)
        store.write(settings)
        panel.show(settings)
        startCamera()
    }

    override fun openPicture() {
        try {
            @Suppress("DEPRECATION")
            startActivityForResult(PicturePicker.intent(), PicturePicker.REQUEST)
        } catch (_: ActivityNotFoundException) {
            notice = getString(R.string.no_picker)
            render()
        }
    }

    override fun openSettings() {
        panel.open = !panel.open
    }

    override fun allowCamera() = permission.ask()

    override fun openAppSettings() {
        startActivity(Intent(ACTION_APPLICATION_DETAILS_SETTINGS, Uri.fromParts("package", packageName, null)))
    }

    override fun tryAgain() = startCamera()

    override fun dismissNotice() {
        notice = null
        panel.showProblem(null)
        render()
    }

    // The screen

    /** A few times a second: a person reads no faster, and each time makes some text. */
    private val refresh =
        object : Runnable {
            override fun run() {
                val reading = recognizer?.reading()
                if (reading != facts.reading && picture.uri == null) {
                    facts = facts.copy(reading = reading)
                    render()
                }
                main.postDelayed(this, REFRESH_MS)
            }
        }

    private fun render() {
        val chosen = entries?.firstOrNull { it.id == settings.model }
        val beside =
            Surroundings(
                title = chosen?.name,
                running = chosen?.model?.let { runningText(resources, it, settings) },
                notice = notice,
                cameras = facts.cameras ?: 0,
                thresholdPercent = settings.thresholdPercent,
            )
        screen.render(screenState(facts), beside)
    }

    private fun thumbnailSide() = maxOf(resources.displayMetrics.widthPixels, resources.displayMetrics.heightPixels) / 2

    private companion object {
        const val PICTURE = "picture"
        const val NOTICE = "notice"
        const val SETTINGS_OPEN = "settings_open"
        const val REFRESH_MS = 200L
    }
}
