package org.mobilenet_tf.demo.camera

import android.content.Context
import android.hardware.camera2.CameraAccessException
import android.hardware.camera2.CameraCharacteristics
import android.hardware.camera2.CameraManager
import android.view.TextureView

/** The phone's cameras, by Camera2. */
class CameraSource(
    context: Context,
) : FrameSource {
    private val manager = context.getSystemService(CameraManager::class.java)
    private var session: CameraSession? = null
    private var waiting: CameraWait? = null

    /** The thread of the session before, which may still be closing its camera. */
    private var closing: Thread? = null

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
                forgetSession()
                if (problem == CameraProblem.InUse) {
                    waiting = CameraWait(manager, events::onAvailable).also { it.start() }
                }
                events.onProblem(problem)
            }
        session = opened
        opened.start(before = closing)
    }

    override fun torch(on: Boolean) {
        session?.torch(on)
    }

    override fun focus(point: FramePoint) {
        session?.focus(point)
    }

    override fun close() {
        waiting?.stop()
        waiting = null
        session?.close()
        forgetSession()
    }

    private fun forgetSession() {
        session?.let { closing = it.thread }
        session = null
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
