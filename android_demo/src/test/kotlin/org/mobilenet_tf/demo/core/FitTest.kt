package org.mobilenet_tf.demo.core

import org.junit.Assert.assertArrayEquals
import org.junit.Assert.assertEquals
import org.junit.Test

/** Letterbox and stretch against a slow computation of the same rule, and the way back from the input to the picture. */
class FitTest {
    private val sizes = listOf(1 to 1, 7 to 3, 3 to 7, 40 to 90, 640 to 480, 301 to 299, 1000 to 3)

    /** The upright picture that an orientation stands for: a new array for each. */
    private fun upright(
        frame: ArgbFrame,
        orientation: Orientation,
    ): Array<IntArray> {
        val (width, height) = frame.width to frame.height
        val (w, h) = if (orientation.transposed) height to width else width to height
        return Array(h) { y ->
            IntArray(w) { x ->
                val (column, row) = if (orientation.transposed) y to x else x to y
                val storedX = if (orientation.flipX) width - 1 - column else column
                val storedY = if (orientation.flipY) height - 1 - row else row
                frame.pixels[storedY * width + storedX]
            }
        }
    }

    /** One channel of the rule: the middle n * k pixels of each axis in blocks, then bilinear, rounded once. */
    private fun resized(
        picture: Array<IntArray>,
        rows: Int,
        columns: Int,
        shift: Int,
    ): Array<IntArray> {
        val (y0, ky, ny) = blocks(picture.size, rows)
        val (x0, kx, nx) = blocks(picture[0].size, columns)
        val means =
            Array(ny) { y ->
                IntArray(nx) { x ->
                    var sum = 0
                    for (dy in 0 until ky) {
                        for (dx in 0 until kx) sum += picture[y0 + y * ky + dy][x0 + x * kx + dx] shr shift and 255
                    }
                    (sum + ky * kx / 2) / (ky * kx)
                }
            }
        return Array(rows) { i ->
            val (upper, lower, down) = taps(i, ny, rows)
            IntArray(columns) { j ->
                val (left, right, across) = taps(j, nx, columns)
                val above = means[upper][left] * (256 - across) + means[upper][right] * across
                val below = means[lower][left] * (256 - across) + means[lower][right] * across
                above * (256 - down) + below * down + 32768 shr 16
            }
        }
    }

    private fun blocks(
        length: Int,
        outputs: Int,
    ): Triple<Int, Int, Int> {
        val k = maxOf(1, length / (2 * outputs))
        val n = length / k
        return Triple((length - n * k) / 2, k, n)
    }

    private fun taps(
        i: Int,
        n: Int,
        outputs: Int,
    ): Triple<Int, Int, Int> {
        val centre = Math.floorDiv(((2L * i + 1) * n - outputs) * 256 + outputs, 2L * outputs)
        val position = centre.coerceIn(0, (n - 1L) * 256).toInt()
        return Triple(position / 256, minOf(position / 256 + 1, n - 1), position % 256)
    }

    private fun expected(
        picture: Array<IntArray>,
        res: Int,
        fit: Fit,
    ): ByteArray {
        val long = maxOf(picture.size, picture[0].size)
        val share = { length: Int -> maxOf(1, (2 * res * length + long) / (2 * long)) }
        val rows = if (fit == Fit.LETTERBOX) share(picture.size) else res
        val columns = if (fit == Fit.LETTERBOX) share(picture[0].size) else res
        val bytes = ByteArray(3 * res * res) { 127 }
        for (channel in 0 until 3) {
            val values = resized(picture, rows, columns, 16 - 8 * channel)
            for (y in 0 until rows) {
                for (x in 0 until columns) {
                    val place = ((res - rows) / 2 + y) * res + (res - columns) / 2 + x
                    bytes[3 * place + channel] = values[y][x].toByte()
                }
            }
        }
        return bytes
    }

    @Test
    fun bytes_whenLetterboxedOrStretched_thenThoseOfTheSlowComputation() {
        for (fit in listOf(Fit.LETTERBOX, Fit.STRETCH)) {
            for (res in listOf(1, 8, 33)) check(res, fit)
        }
    }

    private fun check(
        res: Int,
        fit: Fit,
    ) {
        val preprocess = Preprocess(res, fit)
        for ((width, height) in sizes) {
            val frame = argbNoise(width, height, width + res)
            for (orientation in Orientation.entries) {
                preprocess.run(frame, orientation)
                val slow = expected(upright(frame, orientation), res, fit)
                assertArrayEquals("$fit $res $width x $height $orientation", slow, preprocess.rgb)
            }
        }
    }

    @Test
    fun cameraFrame_whenLetterboxed_thenNothingIsAllocated() {
        val preprocess = Preprocess(96, Fit.LETTERBOX)
        val frame = yuvNoise(640, 480, 1)
        assertEquals(0, allocatedBytes(10) { preprocess.run(frame, Orientation.ROTATE_90) })
    }

    @Test
    fun region_whenStretched_thenTheInputShowsTheWholePicture() {
        // 640 x 480 at 160 is two whole blocks of pixels an output: nothing is left over.
        assertEquals(Region(0f, 0f, 1f, 1f), Region.seen(640, 480, 160, Fit.STRETCH))
    }

    @Test
    fun region_whenCropped_thenTheMiddleSquareOfSevenEighths() {
        val seen = Region.seen(640, 480, 160, Fit.CROP)
        // 7/8 of 480 is 420: of the height 30 to 450, of the width 110 to 530.
        assertEquals(Region(30f / 480, 110f / 640, 450f / 480, 530f / 640), seen)
        assertEquals(0.5f, seen.xOf(0.5f), 1e-6f)
        assertEquals(450f / 480, seen.yOf(1f), 0f)
    }

    @Test
    fun region_whenLetterboxed_thenItReachesBeyondThePictureWhereTheBorderIs() {
        val seen = Region.seen(640, 320, 160, Fit.LETTERBOX)
        // The picture has the middle half of the input's rows.
        assertEquals(Region(-0.5f, 0f, 1.5f, 1f), seen)
        assertEquals(0f, seen.yOf(0.25f), 0f)
    }
}
