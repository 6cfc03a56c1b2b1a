package org.mobilenet_tf.demo.core

/**
 * The rule's geometry for one size and orientation of picture: from which stored pixels each output is computed.
 *
 * Along each stored axis, output `i` mixes two blocks of `k` pixels, which start at `starts[2 * i]` and
 * `starts[2 * i + 1]`; the second has weight `weights[i]` in 1/256.
 */
internal class CropPlan(
    private val res: Int,
) {
    class Axis(
        res: Int,
    ) {
        val starts = IntArray(2 * res)
        val weights = IntArray(res)
    }

    val columns = Axis(res)
    val rows = Axis(res)
    var transposed = false
        private set
    var k = 1
        private set

    /** The stored columns of the crop: the first, and one past the last. */
    var left = 0
        private set
    var right = 0
        private set

    private var width = 0
    private var height = 0
    private var orientation = Orientation.UPRIGHT

    /** Computes the plan for a stored picture, unless it is the plan for that size and orientation already. */
    fun update(
        width: Int,
        height: Int,
        orientation: Orientation,
    ) {
        require(width > 0 && height > 0) { "expected a frame that was set to a picture" }
        if (width == this.width && height == this.height && orientation == this.orientation) return
        // Crop and blocks have the same sizes if the picture is transposed.
        val side = maxOf(1, ((7L * minOf(width, height) + 4) / 8).toInt())
        k = maxOf(1, side / (2 * res))
        val n = side / k
        fill(columns, width, n, orientation.flipX)
        fill(rows, height, n, orientation.flipY)
        left = cropStart(width, n * k, orientation.flipX)
        right = left + n * k
        transposed = orientation.transposed
        this.width = width
        this.height = height
        this.orientation = orientation
    }

    /**
     * The first pixel of the crop on a stored axis. The upright crop is centred; if a pixel is left over, it is at the
     * end.
     */
    private fun cropStart(
        length: Int,
        crop: Int,
        flipped: Boolean,
    ): Int = if (flipped) length - (length - crop) / 2 - crop else (length - crop) / 2

    private fun fill(
        axis: Axis,
        length: Int,
        n: Int,
        flipped: Boolean,
    ) {
        val start = cropStart(length, n * k, flipped)
        for (i in 0 until res) {
            val centre = (((2L * i + 1) * n - res) * ONE + res) / (2L * res)
            val position = centre.coerceIn(0, (n - 1L) * ONE).toInt()
            val first = position / ONE
            val second = minOf(first + 1, n - 1)
            axis.starts[2 * i] = start + k * (if (flipped) n - 1 - first else first)
            axis.starts[2 * i + 1] = start + k * (if (flipped) n - 1 - second else second)
            axis.weights[i] = position % ONE
        }
    }

    private companion object {
        const val ONE = 256
    }
}
