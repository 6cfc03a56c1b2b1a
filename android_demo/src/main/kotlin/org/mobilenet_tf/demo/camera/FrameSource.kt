package org.mobilenet_tf.demo.camera

import android.view.TextureView

/** The side of the device that a camera looks from. */
enum class Facing { BACK, FRONT }

/** Why there are no frames. */
sealed interface CameraProblem {
    /** Another app of higher priority uses the camera. */
    data object InUse : CameraProblem

    data class Failed(
        val reason: String,
    ) : CameraProblem
}

/** A camera: Camera2's on a phone. One is open at a time. */
interface FrameSource : AutoCloseable {
    /** The cameras of the device; empty if it has none. */
    fun facings(): List<Facing>

    /** The rotation of the display from the device's natural orientation; may change while the camera is open. */
    var displayDegrees: Int

    /** Shows the camera in `preview` and offers its frames until `close`. What goes wrong is reported to `events`. */
    fun open(
        facing: Facing,
        preview: TextureView,
        events: Events,
    )

    /** No event is reported after this. A frame that is still in use stays valid until it is closed. */
    override fun close()

    interface Events {
        /** On the main thread. */
        fun onStarted(
            size: FrameSize,
            sensorDegrees: Int,
        )

        /** On the camera's thread. True if the frame was taken: then the taker closes it. */
        fun onFrame(frame: CameraFrame): Boolean

        /** On the camera's thread: a frame was discarded because a newer one was there, or because one is in use. */
        fun onFrameDropped()

        /** On the main thread; the camera is closed already. */
        fun onProblem(problem: CameraProblem)

        /** On the main thread, after InUse: no app uses the camera any longer. */
        fun onAvailable()
    }
}
