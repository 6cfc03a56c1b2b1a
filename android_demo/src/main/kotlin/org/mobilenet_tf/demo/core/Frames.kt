package org.mobilenet_tf.demo.core

import java.nio.ByteBuffer

/** A picture in memory; one object serves all frames. */
sealed class Frame {
    var width = 0
        protected set
    var height = 0
        protected set

    protected fun requireSize(
        width: Int,
        height: Int,
    ) = require(width > 0 && height > 0) { "expected a picture of at least one pixel; got $width x $height" }
}

/** Distances in bytes between two rows, and between two pixels of a row: of the Y plane, and of both chroma planes. */
data class Strides(
    val yRow: Int,
    val yPixel: Int,
    val uvRow: Int,
    val uvPixel: Int,
)

/** The three planes of a YUV_420_888 picture, as they are. */
class YuvFrame : Frame() {
    var y: ByteBuffer = EMPTY
        private set
    var u: ByteBuffer = EMPTY
        private set
    var v: ByteBuffer = EMPTY
        private set
    var strides = Strides(0, 0, 0, 0)
        private set

    /**
     * Point at the planes of a picture. They are read from index 0, which moves their positions, until the next `set`.
     * Chroma planes have half the width and height, rounded up. Throws IllegalArgumentException for planes too short.
     */
    fun set(
        width: Int,
        height: Int,
        y: ByteBuffer,
        u: ByteBuffer,
        v: ByteBuffer,
        strides: Strides,
    ) {
        requireSize(width, height)
        requirePlane("Y", y, width, height, strides.yRow, strides.yPixel)
        requirePlane("U", u, (width + 1) / 2, (height + 1) / 2, strides.uvRow, strides.uvPixel)
        requirePlane("V", v, (width + 1) / 2, (height + 1) / 2, strides.uvRow, strides.uvPixel)
        this.width = width
        this.height = height
        this.y = y
        this.u = u
        this.v = v
        this.strides = strides
    }

    private fun requirePlane(
        name: String,
        plane: ByteBuffer,
        width: Int,
        height: Int,
        rowStride: Int,
        pixelStride: Int,
    ) {
        val needed = (height - 1L) * rowStride + (width - 1L) * pixelStride + 1
        require(rowStride > 0 && pixelStride > 0 && plane.limit() >= needed) {
            "expected $needed bytes in plane $name for $width x $height at strides $rowStride and $pixelStride; " +
                "got ${plane.limit()}"
        }
    }

    private companion object {
        val EMPTY: ByteBuffer = ByteBuffer.allocate(0)
    }
}

/** Pixels as android.graphics.Bitmap gives them, 0xAARRGGBB in rows without gaps; alpha is ignored. */
class ArgbFrame : Frame() {
    var pixels = IntArray(0)
        private set

    /** Point at the pixels of a picture. Throws IllegalArgumentException if they are too few. */
    fun set(
        width: Int,
        height: Int,
        pixels: IntArray,
    ) {
        requireSize(width, height)
        require(pixels.size >= width.toLong() * height) { "expected $width x $height pixels; got ${pixels.size}" }
        this.width = width
        this.height = height
        this.pixels = pixels
    }
}
