package org.mobilenet_tf.demo.camera

import android.view.TextureView

/** The side of the device that a camera looks from. */
enum class Facing { BACK, FRONT }

/** Why there are no frames. */
sealed interface CameraProblem {
    /** Another app of higher priority uses the camera, or as many cameras as the device can run are in use. */
    data object InUse : CameraProblem

    data class Failed(
        val reason: String,
    ) : CameraProblem
}

/** A camera that has started. size, sensorDegrees: of its frames as they are stored. */
data class StartedCamera(
    val size: FrameSize,
    val sensorDegrees: Int,
    val front: Boolean = false,
    val hasTorch: Boolean = false,
)

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

    /** Whether the light beside the camera that is open shines. It is off after `open`. */
    fun torch(on: Boolean)

    /** Focuses once on what is at that point of the frame, if the camera can. */
    fun focus(point: FramePoint)

    /** No event is reported after this. A frame that is still in use stays valid until it is closed. */
    override fun close()

    interface Events {
        /** On the main thread. */
        fun onStarted(camera: StartedCamera)

        /** On the camera's thread. True if the frame was taken: then the taker closes it. */
        fun onFrame(frame: CameraFrame): Boolean

        /** On the camera's thread: a frame was discarded because a newer one was there, or because one is in use. */
        fun onFrameDropped()

        /** On the main thread; the camera is closed already. */
        fun onProblem(problem: CameraProblem)

        /** On the main thread, after InUse: it is worth while to open the camera again. */
        fun onAvailable()
    }
}
