package org.mobilenet_tf.demo.camera

import android.content.Context
import android.hardware.camera2.CameraAccessException
import android.hardware.camera2.CameraCharacteristics
import android.hardware.camera2.CameraManager
import android.os.Handler
import android.os.Looper
import android.view.TextureView

/** The phone's cameras, by Camera2. */
class CameraSource(
    context: Context,
) : FrameSource {
    private val manager = context.getSystemService(CameraManager::class.java)
    private val main = Handler(Looper.getMainLooper())
    private var session: CameraSession? = null
    private var waiting: CameraManager.AvailabilityCallback? = null

    @Volatile override var displayDegrees: Int = 0

    override fun facings(): List<Facing> = Facing.entries.filter { idOf(it) != null }

    override fun open(
        facing: Facing,
        preview: TextureView,
        events: FrameSource.Events,
    ) {
        close()
        val id = idOf(facing)
        if (id == null) {
            events.onProblem(CameraProblem.Failed("no camera faces ${facing.name.lowercase()}"))
            return
        }
        val opened =
            CameraSession(manager, id, preview, this, events) { problem ->
                session = null
                if (problem == CameraProblem.InUse) waitUntilAvailable(id, events)
                events.onProblem(problem)
            }
        session = opened
        opened.start()
    }

    override fun close() {
        waiting?.let(manager::unregisterAvailabilityCallback)
        waiting = null
        session?.close()
        session = null
    }

    /** Reports to `events`, once, that no app uses the camera any longer. */
    private fun waitUntilAvailable(
        id: String,
        events: FrameSource.Events,
    ) {
        val callback =
            object : CameraManager.AvailabilityCallback() {
                // Registering reports the present state too: only a camera that was unavailable can become available.
                private var wasUnavailable = false

                override fun onCameraUnavailable(cameraId: String) {
                    if (cameraId == id) wasUnavailable = true
                }

                override fun onCameraAvailable(cameraId: String) {
                    if (cameraId != id || !wasUnavailable || waiting !== this) return
                    manager.unregisterAvailabilityCallback(this)
                    waiting = null
                    events.onAvailable()
                }
            }
        waiting = callback
        manager.registerAvailabilityCallback(callback, main)
    }

    private fun idOf(facing: Facing): String? =
        try {
            manager.cameraIdList.firstOrNull { facingOf(it) == facing }
        } catch (_: CameraAccessException) {
            null
        }

    /** An external camera, for example on USB, counts as one at the back. */
    private fun facingOf(id: String): Facing =
        when (manager.getCameraCharacteristics(id)[CameraCharacteristics.LENS_FACING]) {
            CameraCharacteristics.LENS_FACING_FRONT -> Facing.FRONT
            else -> Facing.BACK
        }
}
