package org.mobilenet_tf.demo.core

/**
 * How a photo of any shape becomes the network's square input: CROP takes the centre square of 7/8 of the short side,
 * STRETCH the whole photo whatever its shape, LETTERBOX the whole photo in its shape with grey beside it.
 */
enum class Fit { CROP, STRETCH, LETTERBOX }

/**
 * The rule's geometry for one size and orientation of picture: from which stored pixels each output is computed.
 *
 * Along each stored axis, output `i` mixes two blocks of `k` pixels, which start at `starts[2 * i]` and
 * `starts[2 * i + 1]`; the second has weight `weights[i]` in 1/256.
 */
internal class CropPlan(
    private val res: Int,
    private val fit: Fit = Fit.CROP,
) {
    class Axis(
        res: Int,
    ) {
        val starts = IntArray(2 * res)
        val weights = IntArray(res)

        /** The pixels of a block. */
        var k = 1

        /** The outputs that show the picture: the first, and one past the last. */
        var first = 0
        var end = res

        /** The stored pixels that they are computed from: the first, and one past the last. */
        var from = 0
        var until = 0
    }

    val columns = Axis(res)
    val rows = Axis(res)
    var transposed = false
        private set
    var width = 0
        private set
    var height = 0
        private set
    private var orientation = Orientation.UPRIGHT

    /** Computes the plan for a stored picture, unless it is the plan for that size and orientation already. */
    fun update(
        width: Int,
        height: Int,
        orientation: Orientation,
    ) {
        require(width > 0 && height > 0) { "expected a frame that was set to a picture" }
        if (width == this.width && height == this.height && orientation == this.orientation) return
        fill(columns, width, height, orientation.flipX)
        fill(rows, height, width, orientation.flipY)
        transposed = orientation.transposed
        this.width = width
        this.height = height
        this.orientation = orientation
    }

    /** other: the length of the other axis. */
    private fun fill(
        axis: Axis,
        length: Int,
        other: Int,
        flipped: Boolean,
    ) {
        val used = fit.usedPixels(length, other)
        val outputs = fit.outputs(length, other, res)
        axis.k = maxOf(1, used / (2 * outputs))
        val n = used / axis.k
        axis.first = (res - outputs) / 2
        axis.end = axis.first + outputs
        axis.from = start(length, n * axis.k, flipped)
        axis.until = axis.from + n * axis.k
        for (i in 0 until res) fillOutput(axis, i, n, flipped)
    }

    /** An output that shows nothing of the picture is computed as the next one that does, and painted over. */
    private fun fillOutput(
        axis: Axis,
        i: Int,
        n: Int,
        flipped: Boolean,
    ) {
        val outputs = axis.end - axis.first
        val place = (i - axis.first).coerceIn(0, outputs - 1)
        val centre = (((2L * place + 1) * n - outputs) * ONE + outputs) / (2L * outputs)
        val position = centre.coerceIn(0, (n - 1L) * ONE).toInt()
        val first = position / ONE
        val second = minOf(first + 1, n - 1)
        axis.starts[2 * i] = axis.from + axis.k * (if (flipped) n - 1 - first else first)
        axis.starts[2 * i + 1] = axis.from + axis.k * (if (flipped) n - 1 - second else second)
        axis.weights[i] = position % ONE
    }

    /** Where the pixels begin on a stored axis. They are centred upright; if a pixel is left over, it is at the end. */
    private fun start(
        length: Int,
        used: Int,
        flipped: Boolean,
    ): Int = if (flipped) length - (length - used) / 2 - used else (length - used) / 2

    private companion object {
        const val ONE = 256
    }
}

/** How many pixels of an axis the input shows, before they are averaged in blocks. */
private fun Fit.usedPixels(
    length: Int,
    other: Int,
): Int = if (this == Fit.CROP) maxOf(1, ((7L * minOf(length, other) + 4) / 8).toInt()) else length

/** How many of the `res` outputs of an axis show the picture. */
private fun Fit.outputs(
    length: Int,
    other: Int,
    res: Int,
): Int {
    val long = maxOf(length, other)
    return if (this == Fit.LETTERBOX) maxOf(1, ((2L * res * length + long) / (2L * long)).toInt()) else res
}

/**
 * A rectangle in shares of an upright picture's height and width, from 0 to 1. A letterbox's reaches beyond the picture.
 */
data class Region(
    val top: Float,
    val left: Float,
    val bottom: Float,
    val right: Float,
) {
    /** The place in the picture of a place in the network's input, both in shares: the inverse of the preprocessing. */
    fun yOf(share: Float): Float = top + share * (bottom - top)

    fun xOf(share: Float): Float = left + share * (right - left)

    companion object {
        /** What the network's input shows of an upright picture. */
        fun seen(
            width: Int,
            height: Int,
            res: Int,
            fit: Fit,
        ): Region {
            val plan = CropPlan(res, fit).apply { update(width, height, Orientation.UPRIGHT) }
            val (top, bottom) = seen(plan.rows, height, res)
            val (left, right) = seen(plan.columns, width, res)
            return Region(top, left, bottom, right)
        }

        private fun seen(
            axis: CropPlan.Axis,
            length: Int,
            res: Int,
        ): Pair<Float, Float> {
            val pixels = (axis.until - axis.from).toDouble() / (axis.end - axis.first)
            val start = axis.from - axis.first * pixels
            return (start / length).toFloat() to ((start + res * pixels) / length).toFloat()
        }
    }
}
