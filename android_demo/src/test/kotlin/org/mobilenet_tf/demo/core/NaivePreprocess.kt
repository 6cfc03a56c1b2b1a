package org.mobilenet_tf.demo.core

import java.nio.ByteBuffer

/**
 * What many sample apps do: the whole frame to ARGB, then a rotated, a cropped and a scaled copy, each allocated anew.
 */
object NaivePreprocess {
    fun run(
        frame: YuvFrame,
        quarterTurns: Int,
        res: Int,
    ): ByteArray {
        var pixels = argb(frame)
        var width = frame.width
        var height = frame.height
        repeat(quarterTurns) {
            pixels = rotated(pixels, width, height)
            width = height.also { height = width }
        }
        return bytes(scaled(cropped(pixels, width, height), res))
    }

    private fun argb(frame: YuvFrame): IntArray {
        val pixels = IntArray(frame.width * frame.height)
        val strides = frame.strides
        for (y in 0 until frame.height) {
            for (x in 0 until frame.width) {
                val chroma = y / 2 * strides.uvRow + x / 2 * strides.uvPixel
                val luma = byte(frame.y, y * strides.yRow + x * strides.yPixel).toFloat()
                val u = byte(frame.u, chroma) - 128
                val v = byte(frame.v, chroma) - 128
                val red = (luma + 1.402f * v).toInt().coerceIn(0, 255)
                val green = (luma - 0.344136f * u - 0.714136f * v).toInt().coerceIn(0, 255)
                val blue = (luma + 1.772f * u).toInt().coerceIn(0, 255)
                pixels[y * frame.width + x] = (255 shl 24) or (red shl 16) or (green shl 8) or blue
            }
        }
        return pixels
    }

    private fun byte(
        plane: ByteBuffer,
        index: Int,
    ) = plane.get(index).toInt() and 255

    private fun rotated(
        pixels: IntArray,
        width: Int,
        height: Int,
    ) = IntArray(pixels.size) { pixels[(height - 1 - it % height) * width + it / height] }

    private fun cropped(
        pixels: IntArray,
        width: Int,
        height: Int,
    ): IntArray {
        val side = minOf(width, height) * 7 / 8
        val left = (width - side) / 2
        val top = (height - side) / 2
        return IntArray(side * side) { pixels[(top + it / side) * width + left + it % side] }
    }

    private fun scaled(
        pixels: IntArray,
        res: Int,
    ): IntArray {
        val side = Math.sqrt(pixels.size.toDouble()).toInt()
        val step = side.toFloat() / res
        return IntArray(res * res) {
            val x = ((it % res + 0.5f) * step - 0.5f).coerceIn(0f, side - 1f)
            val y = ((it / res + 0.5f) * step - 0.5f).coerceIn(0f, side - 1f)
            mixed(pixels, side, x, y)
        }
    }

    private fun mixed(
        pixels: IntArray,
        side: Int,
        x: Float,
        y: Float,
    ): Int {
        val right = minOf(x.toInt() + 1, side - 1)
        val below = minOf(y.toInt() + 1, side - 1)
        val across = x - x.toInt()
        val down = y - y.toInt()
        var pixel = 0
        for (shift in intArrayOf(16, 8, 0)) {
            val channel = { column: Int, row: Int -> (pixels[row * side + column] shr shift and 255).toFloat() }
            val upper = channel(x.toInt(), y.toInt()) * (1 - across) + channel(right, y.toInt()) * across
            val lower = channel(x.toInt(), below) * (1 - across) + channel(right, below) * across
            pixel = pixel or ((upper * (1 - down) + lower * down + 0.5f).toInt() shl shift)
        }
        return pixel
    }

    private fun bytes(pixels: IntArray) =
        ByteArray(3 * pixels.size) {
            (pixels[it / 3] shr (16 - 8 * (it % 3))).toByte()
        }
}
