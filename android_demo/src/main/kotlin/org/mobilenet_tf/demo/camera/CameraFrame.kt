package org.mobilenet_tf.demo.camera

import org.mobilenet_tf.demo.core.Orientation
import org.mobilenet_tf.demo.core.YuvFrame

/**
 * One frame of the camera. Its planes are the camera's own memory, which whoever takes the frame returns by `close`,
 * from any thread.
 *
 * orientation: how the planes lie in memory, compared with the upright picture on the display.
 */
class CameraFrame(
    val planes: YuvFrame,
    val orientation: Orientation,
    private val onClose: () -> Unit,
) : AutoCloseable {
    override fun close() = onClose()
}
