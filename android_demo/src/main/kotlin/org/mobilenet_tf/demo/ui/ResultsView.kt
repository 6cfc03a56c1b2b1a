package org.mobilenet_tf.demo.ui

import android.os.SystemClock
import android.view.LayoutInflater
import android.view.View
import android.view.ViewGroup
import android.widget.ProgressBar
import android.widget.TextView
import org.mobilenet_tf.demo.R
import org.mobilenet_tf.demo.core.ScoredClass
import kotlin.math.roundToInt

/** The best classes over the picture, and what a screen reader announces. */
class ResultsView(
    private val container: ViewGroup,
) {
    private val text: TextView = container.findViewById(R.id.results_text)
    private val rows: ViewGroup = container.findViewById(R.id.score_rows)
    private val throttle = AnnouncementThrottle(MIN_INTERVAL_MS)

    /** best: null if nothing was classified yet. live: more follows soon, so that not everything need be announced. */
    fun show(
        best: List<ScoredClass>?,
        thresholdPercent: Int,
        live: Boolean,
    ) {
        text.text =
            when {
                best == null -> container.context.getString(R.string.classifying)
                best.isEmpty() -> container.context.getString(R.string.nothing_above, thresholdPercent)
                else -> null
            }
        text.visibility = if (best.isNullOrEmpty()) View.VISIBLE else View.GONE
        showRows(best.orEmpty())
        if (best != null && (!live || shouldAnnounce(best))) describe(best)
    }

    private fun showRows(best: List<ScoredClass>) {
        while (rows.childCount < best.size) LayoutInflater.from(rows.context).inflate(R.layout.score_row, rows)
        for (index in 0 until rows.childCount) {
            val row = rows.getChildAt(index)
            row.visibility = if (index < best.size) View.VISIBLE else View.GONE
            if (index < best.size) showRow(row, best[index])
        }
    }

    private fun showRow(
        row: View,
        scored: ScoredClass,
    ) {
        row.findViewById<TextView>(R.id.label).text = scored.label
        row.findViewById<TextView>(R.id.score).text =
            row.context.getString(R.string.score, percent(scored))
        row.findViewById<ProgressBar>(R.id.bar).progress = (scored.score * BAR_MAX).roundToInt()
    }

    private fun shouldAnnounce(best: List<ScoredClass>) =
        throttle.shouldAnnounce(best.firstOrNull()?.label.orEmpty(), SystemClock.uptimeMillis())

    /** Setting a live region's description makes a screen reader announce it. */
    private fun describe(best: List<ScoredClass>) {
        val spoken =
            if (best.isEmpty()) {
                text.text
            } else {
                best.joinToString { container.context.getString(R.string.spoken_score, it.label, percent(it)) }
            }
        if (spoken != container.contentDescription) container.contentDescription = spoken
    }

    private fun percent(scored: ScoredClass) = (scored.score * 100).roundToInt()

    private companion object {
        const val MIN_INTERVAL_MS = 2500L
        const val BAR_MAX = 1000
    }
}
