package org.mobilenet_tf.demo.ui

import android.os.SystemClock
import android.view.LayoutInflater
import android.view.View
import android.view.ViewGroup
import android.view.accessibility.AccessibilityNodeInfo
import android.widget.ImageView
import android.widget.ProgressBar
import android.widget.TextView
import org.mobilenet_tf.demo.R
import org.mobilenet_tf.demo.core.Reading
import kotlin.math.roundToInt

/**
 * The best classes, tags or objects, or the most similar photos, and what a screen reader says of them: it announces them if they change, and reads the scores
 * of this moment to whoever touches them.
 */
class ResultsView(
    private val container: ViewGroup,
    headingColour: Int,
) {
    private val heading: TextView = container.findViewById(R.id.heading)
    private val text: TextView = container.findViewById(R.id.results_text)
    private val rows: ViewGroup = container.findViewById(R.id.score_rows)
    private val throttle = AnnouncementThrottle(MIN_INTERVAL_MS)
    private val thumbnails = Thumbnails()
    private var spoken: CharSequence? = null

    init {
        heading.setTextColor(container.context.getColor(headingColour))
        container.accessibilityDelegate =
            object : View.AccessibilityDelegate() {
                override fun onInitializeAccessibilityNodeInfo(
                    host: View,
                    info: AccessibilityNodeInfo,
                ) {
                    super.onInitializeAccessibilityNodeInfo(host, info)
                    info.contentDescription = spoken
                }
            }
    }

    /**
     * reading: null if nothing was classified yet. live: more follows soon, so that not everything need be announced.
     * For as many as a person wants to see there is always room, so that the picture above does not move. heading: whose
     * answers they are; null if there is only one model.
     */
    fun show(
        reading: Reading?,
        choice: ResultChoice,
        live: Boolean,
        heading: String? = null,
    ) {
        showHeading(heading)
        val best = reading?.let { resultRows(container.resources, it) }
        val remembered = reading?.remembered ?: 0
        text.text =
            when {
                best == null -> container.context.getString(R.string.classifying)
                best.isEmpty() -> choice.kind.nothingText(container.resources, choice.thresholdPercent, remembered)
                else -> null
            }
        text.visibility = if (best.isNullOrEmpty()) View.VISIBLE else View.GONE
        showRows(best.orEmpty(), maxOf(best.orEmpty().size, choice.places(remembered)))
        spoken = headed(spokenText(best))
        // Setting a live region's description makes a screen reader announce it.
        if (best != null && (!live || shouldAnnounce(best, choice.kind))) container.contentDescription = spoken
    }

    /** In place of answers. */
    fun showProblem(
        sentence: String,
        heading: String,
    ) {
        showHeading(heading)
        text.text = sentence
        text.visibility = View.VISIBLE
        showRows(emptyList(), 0)
        spoken = headed(sentence)
        container.contentDescription = spoken
    }

    private fun showHeading(shown: String?) {
        heading.text = shown
        heading.visibility = if (shown == null) View.GONE else View.VISIBLE
    }

    private fun headed(spoken: CharSequence): CharSequence =
        if (heading.text.isNullOrEmpty()) {
            spoken
        } else {
            container.context.getString(R.string.spoken_heading, heading.text, spoken)
        }

    /** The text above takes the place of the first row. */
    private fun showRows(
        best: List<ResultRow>,
        places: Int,
    ) {
        while (rows.childCount < places) LayoutInflater.from(rows.context).inflate(R.layout.score_row, rows)
        for (index in 0 until rows.childCount) {
            val row = rows.getChildAt(index)
            val filled = index < best.size
            val reserved = index < places && !(best.isEmpty() && index == 0)
            row.visibility =
                when {
                    filled -> View.VISIBLE
                    reserved -> View.INVISIBLE
                    else -> View.GONE
                }
            if (filled) showRow(row, best[index])
        }
    }

    private fun showRow(
        row: View,
        shown: ResultRow,
    ) {
        row.findViewById<TextView>(R.id.label).text = shown.label
        row.findViewById<TextView>(R.id.score).text = shown.score
        row.findViewById<ProgressBar>(R.id.bar).progress = (shown.bar * BAR_MAX).roundToInt()
        val photo = row.findViewById<ImageView>(R.id.photo)
        photo.visibility = if (shown.photo == null) View.GONE else View.VISIBLE
        photo.setImageBitmap(shown.photo?.let(thumbnails::of))
    }

    /** Objects and tags are announced if one appears or leaves; their order changes with each frame. */
    private fun shouldAnnounce(
        best: List<ResultRow>,
        kind: AnswerKind,
    ): Boolean {
        val labels = best.map { it.label }
        val many = kind == AnswerKind.OBJECTS || kind == AnswerKind.TAGS
        val what = if (many) labels.sorted().joinToString() else labels.firstOrNull().orEmpty()
        return throttle.shouldAnnounce(what, SystemClock.uptimeMillis())
    }

    private fun spokenText(best: List<ResultRow>?): CharSequence =
        if (best.isNullOrEmpty()) {
            text.text
        } else {
            best.joinToString { it.spoken }
        }

    private companion object {
        const val MIN_INTERVAL_MS = 2500L
        const val BAR_MAX = 1000
    }
}
