package org.mobilenet_tf.demo.ui

/** How the three areas of the screen lie: the picture, the results, and the details (latencies or settings). */
enum class Arrangement {
    /** One below the other. */
    COLUMN,

    /** The picture, and below it results and details side by side. */
    BAND,

    /** The picture, and beside it the results above the details. */
    ROW,
}

/** width, height: of all areas together, in dp. */
fun arrangementOf(
    width: Float,
    height: Float,
): Arrangement =
    when {
        width > height -> Arrangement.ROW
        width >= WIDE -> Arrangement.BAND
        else -> Arrangement.COLUMN
    }

/** In a ROW, the width in dp of results and details: half of a narrow window, and less of a wide one. */
fun sideWidth(width: Float): Float = minOf(width / 2, maxOf(SIDE, width * SIDE_SHARE))

/** How tall results and details may be, as shares of the height; beyond that they scroll. The picture has the rest. */
const val RESULTS_SHARE = 0.28f
const val DETAILS_SHARE = 0.4f
const val BAND_SHARE = 0.42f
const val SIDE_RESULTS_SHARE = 0.5f

/** From this width in dp on, results and details fit side by side. */
private const val WIDE = 600f
private const val SIDE = 320f
private const val SIDE_SHARE = 0.36f
