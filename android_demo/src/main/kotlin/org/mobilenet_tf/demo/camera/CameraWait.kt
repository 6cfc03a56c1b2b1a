package org.mobilenet_tf.demo.camera

import android.hardware.camera2.CameraManager
import android.os.Handler
import android.os.Looper

/**
 * Waits, after a camera was in use, for a moment at which it is worth while to open it again: an app has returned a
 * camera, whichever it was, because a device runs only so many at once; the camera service has given this app another
 * priority; or no camera is in use, because it was returned before this began to wait.
 *
 * onMaybeFree: called once, on the main thread; never after `stop`.
 */
internal class CameraWait(
    private val manager: CameraManager,
    private val onMaybeFree: () -> Unit,
) : CameraManager.AvailabilityCallback() {
    private val main = Handler(Looper.getMainLooper())
    private val inUse = HashSet<String>()
    private var over = false
    private val look = Runnable { if (inUse.isEmpty()) end() }

    fun start() {
        // Registering reports the present state of each camera.
        manager.registerAvailabilityCallback(this, main)
        main.postDelayed(look, FIRST_LOOK_MS)
    }

    fun stop() {
        if (over) return
        over = true
        main.removeCallbacks(look)
        manager.unregisterAvailabilityCallback(this)
    }

    override fun onCameraUnavailable(cameraId: String) {
        inUse += cameraId
    }

    override fun onCameraAvailable(cameraId: String) {
        if (inUse.remove(cameraId)) end()
    }

    override fun onCameraAccessPrioritiesChanged() = end()

    private fun end() {
        if (over) return
        stop()
        onMaybeFree()
    }

    private companion object {
        const val FIRST_LOOK_MS = 2000L
    }
}
