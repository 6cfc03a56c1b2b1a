package org.mobilenet_tf.demo.camera

import android.graphics.ImageFormat
import android.media.Image
import android.media.ImageReader
import android.os.Handler
import android.view.Surface
import org.mobilenet_tf.demo.core.Orientation
import org.mobilenet_tf.demo.core.YuvFrame

/**
 * Lends the newest frame to whoever takes it. Every frame is looked at on the camera's thread at once, so that the
 * camera never waits for a free buffer, which would stop the preview too.
 */
internal class FrameReader(
    size: FrameSize,
    handler: Handler,
    private val events: FrameSource.Events,
    private val upright: () -> Orientation,
) : LentFrame {
    // One is lent, and acquireLatestImage needs two to tell an older from the newest.
    private val reader = ImageReader.newInstance(size.width, size.height, ImageFormat.YUV_420_888, 3)
    private val lock = Any()
    private var lent: Image? = null
    private var closed = false

    val surface: Surface get() = reader.surface

    init {
        reader.setOnImageAvailableListener({ lend() }, handler)
    }

    override val orientation: Orientation get() = upright()

    private fun lend() {
        val image =
            synchronized(lock) {
                if (closed) return
                // Null: the call for an earlier frame has thrown this one's away, or taken it.
                val newest = reader.acquireLatestImage() ?: return events.onFrameLost()
                if (lent != null) {
                    newest.close()
                    return events.onFrameLost()
                }
                lent = newest
                newest
            }
        // Only what stands between the two locks may close `image`: the taker, or this where nobody takes it.
        if (!events.onFrame(this)) returnOf(image)
    }

    override fun describe(frame: YuvFrame) {
        val image = requireNotNull(lent) { "described after close" }
        val (y, u, v) = image.planes
        frame.set(
            image.width,
            image.height,
            y.buffer,
            u.buffer,
            v.buffer,
            y.rowStride,
            y.pixelStride,
            u.rowStride,
            u.pixelStride,
        )
    }

    /** The frame comes back; where the camera was closed meanwhile, its memory goes now. */
    override fun close() {
        val image = synchronized(lock) { lent } ?: return
        returnOf(image)
    }

    private fun returnOf(image: Image) =
        synchronized(lock) {
            image.close()
            lent = null
            if (closed) reader.close()
        }

    /** The camera is closed: no frame after this. The lent one keeps its memory until it comes back. */
    fun shut() {
        synchronized(lock) {
            if (!closed && lent == null) reader.close()
            closed = true
        }
    }
}
