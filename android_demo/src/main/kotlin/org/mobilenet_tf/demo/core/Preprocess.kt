package org.mobilenet_tf.demo.core

/**
 * Makes `res` x `res` RGB bytes of a picture by the rule of docs/manifest.md, byte for byte as
 * mobilenet_tf/contract/preprocessing.py. A rotated picture is read in place, by index, and only pixels that an output
 * depends on are converted. Memory is allocated only when the size of the picture changes.
 */
class Preprocess(
    val res: Int,
    val fit: Fit = Fit.CROP,
) {
    /** The last picture's result: rows of RGB. */
    val rgb = ByteArray(res * res * 3)

    /** The last picture's size, upright. */
    val uprightWidth get() = if (plan.transposed) plan.height else plan.width
    val uprightHeight get() = if (plan.transposed) plan.width else plan.height

    private val plan = CropPlan(res, fit)
    private val yuvRows = YuvRows()
    private val argbRows = ArgbRows()
    private val sums = IntArray(2 * res * 3)
    private val firstLine = Line()
    private val secondLine = Line()

    fun run(
        frame: Frame,
        orientation: Orientation,
    ) {
        plan.update(frame.width, frame.height, orientation)
        when (frame) {
            is YuvFrame -> resize(yuvRows.also { it.frame = frame })
            is ArgbFrame -> resize(argbRows.also { it.frame = frame })
        }
        if (fit == Fit.LETTERBOX) paintBorder()
    }

    /** Grey where the input shows nothing of the picture. */
    private fun paintBorder() {
        val across = if (plan.transposed) plan.rows else plan.columns
        val down = if (plan.transposed) plan.columns else plan.rows
        for (y in 0 until res) {
            val row = 3 * res * y
            if (y < down.first || y >= down.end) {
                rgb.fill(BORDER, row, row + 3 * res)
            } else {
                rgb.fill(BORDER, row, row + 3 * across.first)
                rgb.fill(BORDER, row + 3 * across.end, row + 3 * res)
            }
        }
    }

    /** Both directions of the bilinear mix are exact and rounded once at the end, so that either may come first. */
    private fun resize(source: PixelRows) {
        firstLine.start = NONE
        secondLine.start = NONE
        var above = firstLine
        var below = secondLine
        for (i in 0 until res) {
            val first = plan.rows.starts[2 * i]
            val second = plan.rows.starts[2 * i + 1]
            if (below.start == first) { // in a small picture, many outputs lie between the same two rows
                above = below.also { below = above }
            }
            if (above.start != first) mixRow(source, first, above)
            if (second == first) {
                writeLine(i, above, above)
            } else {
                if (below.start != second) mixRow(source, second, below)
                writeLine(i, above, below)
            }
        }
    }

    /** The blocks of stored rows `start` until `start + k`, mixed along the row: res * 3 values of 16 bits. */
    private fun mixRow(
        source: PixelRows,
        start: Int,
        line: Line,
    ) {
        val sums = sums
        sums.fill(0)
        for (y in start until start + plan.rows.k) source.add(y, plan, sums)
        val area = plan.rows.k * plan.columns.k
        if (area > 1) {
            for (index in sums.indices) sums[index] = (sums[index] + area / 2) / area
        }
        val weights = plan.columns.weights
        val values = line.values
        for (i in 0 until res) {
            val weight = weights[i]
            for (channel in 0 until 3) {
                values[3 * i + channel] = sums[6 * i + channel] * (256 - weight) + sums[6 * i + 3 + channel] * weight
            }
        }
        line.start = start
    }

    /** Stored output row `i`: a row of `rgb`, or a column if the picture is transposed. */
    private fun writeLine(
        i: Int,
        above: Line,
        below: Line,
    ) {
        val upper = above.values
        val lower = below.values
        val weight = plan.rows.weights[i]
        val step = if (plan.transposed) 3 * res else 3
        var target = if (plan.transposed) 3 * i else 3 * res * i
        for (pixel in 0 until res) {
            for (channel in 0 until 3) {
                val mixed = upper[3 * pixel + channel] * (256 - weight) + lower[3 * pixel + channel] * weight
                rgb[target + channel] = (mixed + 32768 shr 16).toByte()
            }
            target += step
        }
    }

    private inner class Line {
        val values = IntArray(3 * res)
        var start = NONE
    }

    companion object {
        /** `preprocessing_sha256` of the manifests with the rule of classifiers. */
        const val RULE_SHA256 = "283c2d35e7fdca500dcbfd5267a77ae0d8dfa4dbab9d938a3421a06c40f8bc1d"

        private const val STRETCH_SHA256 = "1231c7590cadb8c5c7c9a371224ba9b334ae31867454686a2bedfeb6011ce7fd"
        private const val LETTERBOX_SHA256 = "a0cdbbe7de96180db82a5aa520d737cc86405a8c11d27dcc2343adb6024f40ca"

        /** `preprocessing_sha256` of the manifests of a kind. */
        fun ruleSha256(fit: Fit): String =
            when (fit) {
                Fit.CROP -> RULE_SHA256
                Fit.STRETCH -> STRETCH_SHA256
                Fit.LETTERBOX -> LETTERBOX_SHA256
            }

        private const val NONE = -1

        /** The byte of a letterbox's border: (byte - 127.5) / 127.5 is next to 0. */
        private const val BORDER: Byte = 127
    }
}
