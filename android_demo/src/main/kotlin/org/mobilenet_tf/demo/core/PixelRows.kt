package org.mobilenet_tf.demo.core

import java.nio.ByteBuffer

/** Adds up the pixels of a row for the blocks of a plan's columns. */
internal interface PixelRows {
    /** `sums[3 * b + c]` += channel c of the `plan.columns.k` pixels of stored row `y` from column `plan.columns.starts[b]`. */
    fun add(
        y: Int,
        plan: CropPlan,
        sums: IntArray,
    )
}

internal class ArgbRows : PixelRows {
    lateinit var frame: ArgbFrame

    override fun add(
        y: Int,
        plan: CropPlan,
        sums: IntArray,
    ) {
        val pixels = frame.pixels
        val row = y * frame.width
        val starts = plan.columns.starts
        val k = plan.columns.k
        for (block in starts.indices) {
            val start = row + starts[block]
            var red = 0
            var green = 0
            var blue = 0
            for (index in start until start + k) {
                val pixel = pixels[index]
                red += pixel shr 16 and 255
                green += pixel shr 8 and 255
                blue += pixel and 255
            }
            sums[3 * block] += red
            sums[3 * block + 1] += green
            sums[3 * block + 2] += blue
        }
    }
}

/**
 * Full-range BT.601 (JFIF), as Camera2 delivers, in 16-bit fixed point and rounded once; the chroma of pixel (x, y) is
 * that of sample (x / 2, y / 2). `yuv_to_rgb` in mobilenet_tf/contract/preprocessing.py has the same integers.
 *
 * The part of a row that is needed is copied out of the planes first: one bulk copy is faster than a read with a bounds
 * check for each byte.
 */
internal class YuvRows : PixelRows {
    lateinit var frame: YuvFrame
    private var luma = ByteArray(0)
    private var chromaU = ByteArray(0)
    private var chromaV = ByteArray(0)

    override fun add(
        y: Int,
        plan: CropPlan,
        sums: IntArray,
    ) {
        copyRow(y, plan)
        val luma = luma
        val chromaU = chromaU
        val chromaV = chromaV
        val yStride = frame.strides.yPixel
        val uvStride = frame.strides.uvPixel
        val left = plan.columns.from
        val chromaLeft = left / 2
        val starts = plan.columns.starts
        val k = plan.columns.k
        for (block in starts.indices) {
            val start = starts[block]
            var red = 0
            var green = 0
            var blue = 0
            for (x in start until start + k) {
                val chroma = ((x shr 1) - chromaLeft) * uvStride
                val scaledLuma = ((luma[(x - left) * yStride].toInt() and 255) shl 16) + HALF
                val u = (chromaU[chroma].toInt() and 255) - 128
                val v = (chromaV[chroma].toInt() and 255) - 128
                red += clamp(scaledLuma + V_TO_RED * v shr 16)
                green += clamp(scaledLuma - U_TO_GREEN * u - V_TO_GREEN * v shr 16)
                blue += clamp(scaledLuma + U_TO_BLUE * u shr 16)
            }
            sums[3 * block] += red
            sums[3 * block + 1] += green
            sums[3 * block + 2] += blue
        }
    }

    private fun copyRow(
        y: Int,
        plan: CropPlan,
    ) {
        val frame = frame
        val strides = frame.strides
        luma = copy(frame.y, y * strides.yRow, plan.columns.from, plan.columns.until, strides.yPixel, luma)
        val row = y / 2 * strides.uvRow
        val end = (plan.columns.until + 1) / 2
        chromaU = copy(frame.u, row, plan.columns.from / 2, end, strides.uvPixel, chromaU)
        chromaV = copy(frame.v, row, plan.columns.from / 2, end, strides.uvPixel, chromaV)
    }

    /**
     * Samples `from` until `to` of a row, gaps included, into `target`, or into a longer array if that is too short.
     */
    private fun copy(
        plane: ByteBuffer,
        row: Int,
        from: Int,
        to: Int,
        stride: Int,
        target: ByteArray,
    ): ByteArray {
        val length = (to - from - 1) * stride + 1
        val samples = if (target.size < length) ByteArray(length) else target
        plane.position(row + from * stride)
        plane.get(samples, 0, length)
        return samples
    }

    // Without a branch, which the processor could not predict.
    private fun clamp(value: Int): Int = minOf(maxOf(value, 0), 255)

    private companion object {
        const val HALF = 32768
        const val V_TO_RED = 91881
        const val U_TO_GREEN = 22554
        const val V_TO_GREEN = 46802
        const val U_TO_BLUE = 116130
    }
}
