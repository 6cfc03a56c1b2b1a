package org.mobilenet_tf.demo

import android.app.Activity
import org.mobilenet_tf.demo.camera.CameraFrame
import org.mobilenet_tf.demo.camera.CameraProblem
import org.mobilenet_tf.demo.camera.DisplayRotation
import org.mobilenet_tf.demo.camera.Facing
import org.mobilenet_tf.demo.camera.FramePoint
import org.mobilenet_tf.demo.camera.FrameSource
import org.mobilenet_tf.demo.camera.PreviewView
import org.mobilenet_tf.demo.camera.StartedCamera
import org.mobilenet_tf.demo.ui.CameraPermission
import org.mobilenet_tf.demo.ui.CameraState
import org.mobilenet_tf.demo.ui.Permission

/** The camera, with the permission that it needs and the preview that shows it. */
class CameraController(
    activity: Activity,
    private val source: FrameSource,
    private val preview: PreviewView,
    private val permission: CameraPermission,
    private val listener: Listener,
) {
    interface Listener {
        /** On the main thread: `state` has changed. */
        fun onCameraChange()

        /** On the camera's thread: true if the frame was taken. Then the taker closes it. */
        fun onFrame(frame: CameraFrame): Boolean

        /** On the camera's thread. */
        fun onFrameDropped()
    }

    private val rotation = DisplayRotation(activity, ::rotate)

    var state = CameraState()
        private set

    /** The activity has become visible. The camera opens by `restart`. */
    fun start() {
        rotation.start()
        state = CameraState(count = source.facings().size)
    }

    fun stop() {
        rotation.stop()
        source.close()
    }

    fun close() = source.close()

    /**
     * Closes the camera, and opens the one that faces there; if there is none, another. Requests the permission once.
     */
    fun restart(facing: Facing) {
        prepare()
        if (state.count != 0) {
            when (state.permission) {
                Permission.GRANTED -> open(facing)
                Permission.UNKNOWN -> permission.requestOnce()
                Permission.REFUSED, Permission.REFUSED_PERMANENTLY -> Unit
            }
        }
        listener.onCameraChange()
    }

    /** Closes the camera and leaves it closed; `state` has the permission as it is now. */
    fun leaveClosed() {
        prepare()
        listener.onCameraChange()
    }

    /** If the camera that is open has a torch. It is off again whenever a camera is opened. */
    fun switchTorch() {
        val on = !(state.torch ?: return)
        source.torch(on)
        update(state.copy(torch = on))
    }

    fun focus(point: FramePoint) = source.focus(point)

    private fun prepare() {
        source.close()
        state = state.copy(permission = permission.now(), problem = null, started = false, torch = null)
    }

    private fun open(preferred: Facing) {
        val facings = source.facings()
        val facing = preferred.takeIf { it in facings } ?: facings.first()
        source.displayDegrees = rotation.degrees
        source.open(facing, preview.texture, SourceEvents(preferred))
    }

    private fun rotate(displayDegrees: Int) {
        source.displayDegrees = displayDegrees
        preview.rotate(displayDegrees)
    }

    private fun update(state: CameraState) {
        this.state = state
        listener.onCameraChange()
    }

    private inner class SourceEvents(
        private val facing: Facing,
    ) : FrameSource.Events {
        override fun onStarted(camera: StartedCamera) {
            preview.show(camera, rotation.degrees)
            update(state.copy(started = true, problem = null, torch = if (camera.hasTorch) false else null))
        }

        override fun onFrame(frame: CameraFrame): Boolean = listener.onFrame(frame)

        override fun onFrameDropped() = listener.onFrameDropped()

        override fun onProblem(problem: CameraProblem) =
            update(state.copy(started = false, problem = problem, torch = null))

        override fun onAvailable() = restart(facing)
    }
}
