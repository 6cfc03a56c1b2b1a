package org.mobilenet_tf.demo.camera

import android.view.TextureView
import org.mobilenet_tf.demo.core.Orientation
import org.mobilenet_tf.demo.core.YuvFrame

enum class Facing { BACK, FRONT }

/** A frame that the camera lends until `close`, from whatever thread. */
interface LentFrame : AutoCloseable {
    /** What stands it upright on the display. */
    val orientation: Orientation

    /** Points `frame` at this one's planes; nothing is copied. */
    fun describe(frame: YuvFrame)

    override fun close()
}

/** Why there are no frames. */
sealed interface CameraProblem {
    data object Taken : CameraProblem

    data class Failed(
        val reason: String,
    ) : CameraProblem
}

/** A camera: Camera2's on a phone. One is open at a time. */
interface FrameSource : AutoCloseable {
    /** The cameras that there are; empty on a device without. */
    fun facings(): List<Facing>

    /** What is drawn is turned by this from the device's natural orientation; may change while the camera is open. */
    var displayDegrees: Int

    /** Shows the camera in `preview` and lends its frames, until `close`. What goes wrong is told to `events`. */
    fun open(
        facing: Facing,
        preview: TextureView,
        events: Events,
    )

    /** No event comes after this. A frame that is still lent stays good until it is closed. */
    override fun close()

    interface Events {
        /** On the main thread. */
        fun onStarted(
            size: FrameSize,
            sensorDegrees: Int,
        )

        /** On the camera's thread: true if the frame was taken, and will be closed by the taker. */
        fun onFrame(frame: LentFrame): Boolean

        /** On the camera's thread: a frame was discarded because a newer one was there. */
        fun onFrameLost()

        /** On the main thread; the camera is closed already. */
        fun onProblem(problem: CameraProblem)

        /** On the main thread, after Taken: nobody has the camera any longer. */
        fun onFree()
    }
}
