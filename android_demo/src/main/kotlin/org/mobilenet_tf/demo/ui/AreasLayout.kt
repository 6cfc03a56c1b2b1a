package org.mobilenet_tf.demo.ui

import android.content.Context
import android.util.AttributeSet
import android.view.View
import android.view.ViewGroup

/**
 * Lays out picture, results and details by the size of the window, so that none covers another. The picture has what the
 * others leave; an area that is GONE leaves its place to it.
 */
class AreasLayout(
    context: Context,
    attributes: AttributeSet?,
) : ViewGroup(context, attributes) {
    private val picture: View get() = getChildAt(0)
    private val results: View get() = getChildAt(1)
    private val details: View get() = getChildAt(2)
    private val alone get() = results.visibility == GONE && details.visibility == GONE

    /** The greatest height of the results so far: the picture should not jump whenever a label gets a second line. */
    private var tallestResults = 0

    /** How far the system's bar reaches in from below. What scrolls goes on under it, the other areas end above it. */
    var bottomInset = 0
        set(value) {
            field = value
            requestLayout()
        }

    private fun arrangement(
        width: Int,
        height: Int,
    ) = resources.displayMetrics.density.let { arrangementOf(width / it, height / it) }

    /** Other results follow, of which the height is not known yet. */
    fun forgetHeights() {
        tallestResults = 0
        requestLayout()
    }

    override fun onSizeChanged(
        width: Int,
        height: Int,
        oldWidth: Int,
        oldHeight: Int,
    ) = forgetHeights()

    override fun onMeasure(
        widthMeasureSpec: Int,
        heightMeasureSpec: Int,
    ) {
        val width = MeasureSpec.getSize(widthMeasureSpec)
        val height = MeasureSpec.getSize(heightMeasureSpec)
        setMeasuredDimension(width, height)
        when (arrangement(width, height)) {
            Arrangement.COLUMN -> measureColumn(width, height)
            Arrangement.BAND -> measureBand(width, height)
            Arrangement.ROW -> measureRow(width, height)
        }
    }

    private fun measureColumn(
        width: Int,
        height: Int,
    ) {
        val forResults = measureResults(width, (height * RESULTS_SHARE).toInt())
        val forDetails = measureAtMost(details, width, (height * DETAILS_SHARE).toInt())
        measureExactly(picture, width, height - forResults - forDetails)
    }

    private fun measureBand(
        width: Int,
        height: Int,
    ) {
        val half = width / 2
        val cap = (height * BAND_SHARE).toInt()
        val forResults = if (results.visibility == GONE) 0 else measureResults(half, cap - bottomInset) + bottomInset
        val tall = maxOf(forResults, measureAtMost(details, width - half, cap))
        if (results.visibility != GONE) measureExactly(results, half, tall - bottomInset)
        val forDetails = if (results.visibility == GONE) width else width - half
        if (details.visibility != GONE) measureExactly(details, forDetails, tall)
        measureExactly(picture, width, height - tall)
    }

    private fun measureRow(
        width: Int,
        height: Int,
    ) {
        val density = resources.displayMetrics.density
        val side = if (alone) 0 else (sideWidth(width / density) * density).toInt()
        val forResults = measureResults(side, (height * SIDE_RESULTS_SHARE).toInt())
        if (details.visibility != GONE) measureExactly(details, side, height - forResults)
        measureExactly(picture, width - side, if (alone) height else height - bottomInset)
    }

    private fun measureResults(
        width: Int,
        cap: Int,
    ): Int {
        if (results.visibility == GONE) return 0
        tallestResults = maxOf(tallestResults, measureAtMost(results, width, cap)).coerceAtMost(cap)
        measureExactly(results, width, tallestResults)
        return tallestResults
    }

    private fun measureAtMost(
        area: View,
        width: Int,
        cap: Int,
    ): Int {
        if (area.visibility == GONE) return 0
        area.measure(exactly(width), MeasureSpec.makeMeasureSpec(maxOf(cap, 0), MeasureSpec.AT_MOST))
        return area.measuredHeight
    }

    private fun measureExactly(
        area: View,
        width: Int,
        height: Int,
    ) = area.measure(exactly(width), exactly(height))

    private fun exactly(size: Int) = MeasureSpec.makeMeasureSpec(maxOf(size, 0), MeasureSpec.EXACTLY)

    override fun onLayout(
        changed: Boolean,
        left: Int,
        top: Int,
        right: Int,
        bottom: Int,
    ) {
        val width = right - left
        place(picture, 0, 0)
        when (arrangement(width, bottom - top)) {
            Arrangement.COLUMN -> {
                place(results, 0, picture.measuredHeight)
                place(details, 0, picture.measuredHeight + heightOf(results))
            }
            Arrangement.BAND -> {
                place(results, 0, picture.measuredHeight)
                place(details, if (results.visibility == GONE) 0 else results.measuredWidth, picture.measuredHeight)
            }
            Arrangement.ROW -> {
                place(results, picture.measuredWidth, 0)
                place(details, picture.measuredWidth, heightOf(results))
            }
        }
    }

    private fun heightOf(area: View) = if (area.visibility == GONE) 0 else area.measuredHeight

    /** start: from the left, or from the right if the language is written from right to left. */
    private fun place(
        area: View,
        start: Int,
        top: Int,
    ) {
        if (area.visibility == GONE) return
        val left = if (layoutDirection == LAYOUT_DIRECTION_RTL) width - start - area.measuredWidth else start
        area.layout(left, top, left + area.measuredWidth, top + area.measuredHeight)
    }
}
