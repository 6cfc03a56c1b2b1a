package org.mobilenet_tf.demo

import android.app.Activity
import android.content.ActivityNotFoundException
import android.content.Intent
import android.net.Uri
import android.os.Bundle
import android.os.Handler
import android.os.Looper
import android.os.SystemClock
import android.provider.Settings.ACTION_APPLICATION_DETAILS_SETTINGS
import org.mobilenet_tf.demo.camera.CameraFrame
import org.mobilenet_tf.demo.camera.Facing
import org.mobilenet_tf.demo.camera.FramePoint
import org.mobilenet_tf.demo.core.Accelerator
import org.mobilenet_tf.demo.ui.AppState
import org.mobilenet_tf.demo.ui.BackButton
import org.mobilenet_tf.demo.ui.CameraPermission
import org.mobilenet_tf.demo.ui.FrameRate
import org.mobilenet_tf.demo.ui.PictureController
import org.mobilenet_tf.demo.ui.PicturePicker
import org.mobilenet_tf.demo.ui.Screen
import org.mobilenet_tf.demo.ui.ScreenActions
import org.mobilenet_tf.demo.ui.Settings
import org.mobilenet_tf.demo.ui.SettingsPanel
import org.mobilenet_tf.demo.ui.drawBehindBars
import org.mobilenet_tf.demo.ui.screenState
import org.mobilenet_tf.demo.ui.shareIntent
import org.mobilenet_tf.demo.ui.sharedText

/**
 * Lifecycle and views. Camera and engine are open from `onStart` to `onStop`. The controllers of camera, model and
 * picture report changes of their states; the screen shows what the three states lead to, and reports what a person
 * does.
 */
class MainActivity :
    Activity(),
    ScreenActions,
    ModelController.Listener,
    CameraController.Listener {
    private val main = Handler(Looper.getMainLooper())
    private val dependencies get() = application as AppDependencies
    private lateinit var screen: Screen
    private lateinit var panel: SettingsPanel
    private lateinit var permission: CameraPermission
    private lateinit var model: ModelController
    private lateinit var camera: CameraController
    private lateinit var picture: PictureController
    private lateinit var back: BackButton
    private val frameRate = FrameRate()
    private var framesPerSecond: Double? = null
    private var notice: String? = null

    // Lifecycle

    override fun onCreate(state: Bundle?) {
        super.onCreate(state)
        drawBehindBars(window)
        setContentView(R.layout.main)
        screen = Screen(findViewById(R.id.root), this)
        permission = CameraPermission(this, state)
        model = ModelController(this, dependencies, this)
        camera = CameraController(this, dependencies.frameSource(), screen.preview, permission, this)
        picture = PictureController(contentResolver, thumbnailSide(), ::render)
        panel = SettingsPanel(findViewById(R.id.settings), ::change, ::onPanel)
        panel.show(model.settings)
        back = BackButton(this, ::closeTopmost)
        if (state != null) restore(state)
    }

    private fun restore(state: Bundle) {
        @Suppress("DEPRECATION") // its successor came with Android 13
        picture.uri = state.getParcelable(PICTURE)
        notice = state.getString(NOTICE)
        panel.open = state.getBoolean(SETTINGS_OPEN)
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
        picture.reset()
        camera.start()
        model.start()
        restartCamera()
        main.post(refresh)
    }

    /** Closes the camera first, so that no frame comes for an engine that is closed. */
    override fun onStop() {
        super.onStop()
        main.removeCallbacks(refresh)
        camera.stop()
        model.stop()
        picture.stop()
    }

    @Deprecated("Only before Android 13")
    @Suppress("DEPRECATION")
    override fun onBackPressed() {
        if (!back.handle()) super.onBackPressed()
    }

    private fun closeTopmost() = if (panel.open) panel.open = false else closePicture()

    private fun onPanel() {
        screen.settingsOpen = panel.open
        back.enabled = panel.open || picture.uri != null
    }

    override fun onRequestPermissionsResult(
        request: Int,
        permissions: Array<out String>,
        results: IntArray,
    ) {
        permission.answered(results)
        restartCamera()
    }

    @Deprecated("The framework has no successor without AndroidX")
    override fun onActivityResult(
        request: Int,
        result: Int,
        data: Intent?,
    ) {
        val chosen = data?.data
        if (request != PicturePicker.REQUEST || result != RESULT_OK || chosen == null) return
        camera.close()
        picture.uri = chosen
        // If the activity was stopped in the meantime, onModelOpen classifies the picture.
        if (model.state.open) model.classify(picture)
    }

    // The controllers' states

    override fun onModels(entries: List<ModelEntry>) {
        panel.show(model.settings)
        panel.showModels(entries)
    }

    override fun onModelOpen() = model.classify(picture)

    override fun onAcceleratorOff(
        accelerator: Accelerator,
        sentence: String,
    ) {
        notice = getString(R.string.accelerator_off, accelerator.name, sentence)
        panel.show(model.settings)
    }

    override fun onModelChange() = render()

    override fun onCameraChange() = render()

    override fun onFrame(frame: CameraFrame): Boolean = model.offer(frame)

    override fun onFrameDropped() = model.countDropped()

    /** A few times a second: a person reads no faster, and each time allocates some text. */
    private val refresh =
        object : Runnable {
            override fun run() {
                if (picture.uri == null) refreshReading()
                main.postDelayed(this, REFRESH_MS)
            }
        }

    private fun refreshReading() {
        model.refreshReading()
        framesPerSecond = frameRate.update(model.state.reading?.frames ?: 0, SystemClock.uptimeMillis())
    }

    private fun render() {
        back.enabled = panel.open || picture.uri != null
        screen.render(state())
    }

    private fun state() =
        screenState(
            AppState(
                camera = camera.state,
                model = model.state,
                picture = picture.state,
                second = model.secondText(),
                notice = notice,
                framesPerSecond = framesPerSecond,
                keepScreenOn = model.settings.camera.keepScreenOn,
            ),
        )

    private fun restartCamera() {
        // What was seen before is not what the camera sees now.
        model.forgetReading()
        frameRate.forget()
        framesPerSecond = null
        if (picture.uri == null) camera.restart(model.settings.camera.facing) else camera.leaveClosed()
    }

    // What a person does

    private fun change(settings: Settings) {
        if (settings.accelerator != model.settings.accelerator) dismissNotice()
        model.change(settings)
    }

    override fun switchCamera() {
        val chosen = model.settings.camera
        val other = if (chosen.facing == Facing.BACK) Facing.FRONT else Facing.BACK
        model.change(model.settings.copy(camera = chosen.copy(facing = other)))
        panel.show(model.settings)
        restartCamera()
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

    override fun closePicture() {
        picture.uri = null
        restartCamera()
    }

    override fun openSettings() {
        panel.open = !panel.open
    }

    override fun switchTorch() = camera.switchTorch()

    override fun focus(point: FramePoint) = camera.focus(point)

    override fun share() {
        sharedText(resources, state())?.let { startActivity(shareIntent(it)) }
    }

    override fun remember() = model.remember()

    override fun forgetRemembered() = model.forgetRemembered()

    override fun allowCamera() = permission.request()

    override fun openAppSettings() {
        startActivity(Intent(ACTION_APPLICATION_DETAILS_SETTINGS, Uri.fromParts("package", packageName, null)))
    }

    override fun tryAgain() = restartCamera()

    override fun dismissNotice() {
        notice = null
        render()
    }

    private fun thumbnailSide() = maxOf(resources.displayMetrics.widthPixels, resources.displayMetrics.heightPixels) / 2

    private companion object {
        const val PICTURE = "picture"
        const val NOTICE = "notice"
        const val SETTINGS_OPEN = "settings_open"
        const val REFRESH_MS = 200L
    }
}
