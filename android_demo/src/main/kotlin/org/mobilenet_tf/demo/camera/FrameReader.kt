package org.mobilenet_tf.demo.camera

import android.graphics.ImageFormat
import android.media.Image
import android.media.ImageReader
import android.os.Handler
import android.view.Surface
import org.mobilenet_tf.demo.core.Orientation
import org.mobilenet_tf.demo.core.Strides
import org.mobilenet_tf.demo.core.YuvFrame

/**
 * Offers the newest image of the camera as a CameraFrame, one at a time. Every image is taken out on the camera's
 * thread at once, so that the camera never waits for a free buffer, which would stop the preview too.
 */
internal class FrameReader(
    size: FrameSize,
    handler: Handler,
    private val events: FrameSource.Events,
    private val orientation: () -> Orientation,
) : AutoCloseable {
    // One is in use, and acquireLatestImage needs two to tell an older from the newest.
    private val reader = ImageReader.newInstance(size.width, size.height, ImageFormat.YUV_420_888, 3)
    private val planes = YuvFrame()
    private val lock = Any()
    private var imageInUse: Image? = null
    private var closed = false

    val surface: Surface get() = reader.surface

    init {
        reader.setOnImageAvailableListener({ offerNewest() }, handler)
    }

    private fun offerNewest() {
        val image =
            synchronized(lock) {
                if (closed) return
                // Null: the call for an earlier image has discarded this one, or taken it.
                val newest = reader.acquireLatestImage() ?: return events.onFrameDropped()
                if (imageInUse != null) {
                    newest.close()
                    return events.onFrameDropped()
                }
                imageInUse = newest
                newest
            }
        // From here on, only whoever has the frame may close `image`: the taker, or this function if nobody takes it.
        val frame = frameOf(image)
        if (!events.onFrame(frame)) frame.close()
    }

    private fun frameOf(image: Image): CameraFrame {
        val (y, u, v) = image.planes
        val strides = Strides(y.rowStride, y.pixelStride, u.rowStride, u.pixelStride)
        planes.set(image.width, image.height, y.buffer, u.buffer, v.buffer, strides)
        return CameraFrame(planes, orientation()) { release(image) }
    }

    /** Returns the image to the camera. If that was closed in the meantime, all images are released now. */
    private fun release(image: Image) {
        synchronized(lock) {
            if (imageInUse !== image) return
            image.close()
            imageInUse = null
            if (closed) reader.close()
        }
    }

    /** No frame is delivered after this. The one in use keeps its memory until it is closed. */
    override fun close() {
        synchronized(lock) {
            if (!closed && imageInUse == null) reader.close()
            closed = true
        }
    }
}
