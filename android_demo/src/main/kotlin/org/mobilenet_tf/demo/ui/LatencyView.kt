package org.mobilenet_tf.demo.ui

import android.graphics.Typeface
import android.os.Build
import android.util.TypedValue
import android.view.LayoutInflater
import android.view.View
import android.view.ViewGroup
import android.widget.TableLayout
import android.widget.TextView
import org.mobilenet_tf.demo.NewerApi
import org.mobilenet_tf.demo.R
import org.mobilenet_tf.demo.core.Stage
import org.mobilenet_tf.demo.core.StageLatency
import java.util.Locale

/** A table of the stages' latencies. */
class LatencyView(
    private val table: TableLayout,
) {
    private val context = table.context
    private val header = row()
    private val rows = Stage.entries.associateWith { row() }
    private var percentiles = true
    private var narrow = false

    init {
        fill(header, R.string.latency, context.getString(R.string.last))
        header.findViewById<TextView>(R.id.p50).setText(R.string.p50)
        header.findViewById<TextView>(R.id.p90).setText(R.string.p90)
        // A row's description includes the names of its columns.
        header.importantForAccessibility = View.IMPORTANT_FOR_ACCESSIBILITY_NO_HIDE_DESCENDANTS
        forEachText(header) {
            it.setTextColor(context.getColor(R.color.on_surface_faint))
            it.setTextSize(TypedValue.COMPLEX_UNIT_SP, HEADER_SP)
        }
        rows.values.forEach(::readAsOne)
        table.addOnLayoutChangeListener { _, left, _, right, _, _, _, _, _ -> onWidth(right - left) }
        rows[Stage.TOTAL]?.let { row ->
            forEachText(row) { it.typeface = Typeface.create("sans-serif-medium", Typeface.NORMAL) }
        }
    }

    /** percentiles: whether to show p50 and p90, which need many frames. */
    fun show(
        latencies: List<StageLatency>?,
        percentiles: Boolean,
    ) {
        for ((stage, row) in rows) {
            val latency = latencies?.firstOrNull { it.stage == stage }
            fill(row, nameOf(stage), ms(latency?.lastMs))
            row.findViewById<TextView>(R.id.p50).text = ms(latency?.p50Ms)
            row.findViewById<TextView>(R.id.p90).text = ms(latency?.p90Ms)
            row.contentDescription = latency?.let { spoken(it, percentiles) }
        }
        this.percentiles = percentiles
        showColumns()
    }

    /** Where not all columns have room, that of the last frame is hidden: it changes too fast to be read. */
    private fun showColumns() {
        for (row in rows.values + header) {
            row.findViewById<View>(R.id.last).visibility = visible(!percentiles || !narrow)
            row.findViewById<View>(R.id.p50).visibility = visible(percentiles)
            row.findViewById<View>(R.id.p90).visibility = visible(percentiles)
        }
    }

    private fun visible(shown: Boolean) = if (shown) View.VISIBLE else View.GONE

    private fun onWidth(width: Int) {
        val metrics = context.resources.displayMetrics
        val isNarrow = width / (metrics.density * context.resources.configuration.fontScale) < NARROW_SP
        if (isNarrow == narrow) return
        narrow = isNarrow
        table.post(::showColumns) // during a layout no other can be asked for
    }

    private fun spoken(
        latency: StageLatency,
        percentiles: Boolean,
    ): String {
        val name = context.getString(nameOf(latency.stage)).replace(ZERO_WIDTH_SPACE, "")
        return if (percentiles) {
            context.getString(R.string.spoken_latency, name, ms(latency.lastMs), ms(latency.p50Ms), ms(latency.p90Ms))
        } else {
            context.getString(R.string.spoken_latency_one, name, ms(latency.lastMs))
        }
    }

    /** A screen reader stops at the row and reads its description, which says more than the cells one by one. */
    private fun readAsOne(row: ViewGroup) {
        row.importantForAccessibility = View.IMPORTANT_FOR_ACCESSIBILITY_YES
        forEachText(row) { it.importantForAccessibility = View.IMPORTANT_FOR_ACCESSIBILITY_NO }
        if (Build.VERSION.SDK_INT >= Build.VERSION_CODES.P) stopAt(row) else row.isFocusable = true
    }

    @NewerApi
    private fun stopAt(row: View) {
        row.isScreenReaderFocusable = true
    }

    private fun row(): ViewGroup {
        LayoutInflater.from(context).inflate(R.layout.latency_row, table)
        return table.getChildAt(table.childCount - 1) as ViewGroup
    }

    private fun fill(
        row: ViewGroup,
        name: Int,
        last: String,
    ) {
        row.findViewById<TextView>(R.id.stage_name).setText(name)
        row.findViewById<TextView>(R.id.last).text = last
    }

    private inline fun forEachText(
        row: ViewGroup,
        action: (TextView) -> Unit,
    ) {
        for (index in 0 until row.childCount) action(row.getChildAt(index) as TextView)
    }

    private fun nameOf(stage: Stage): Int =
        when (stage) {
            Stage.PREPROCESS -> R.string.preprocess
            Stage.INFERENCE -> R.string.inference
            Stage.POSTPROCESS -> R.string.postprocess
            Stage.TOTAL -> R.string.total
        }

    private fun ms(value: Double?): String = value?.let(::msText) ?: "–"

    private companion object {
        /** Marks the places for line breaks within a name, for large text. */
        const val ZERO_WIDTH_SPACE = "\u200B"
        const val HEADER_SP = 12f

        /** All columns need so much of the width. */
        const val NARROW_SP = 240
    }
}

internal fun msText(ms: Double): String =
    String.format(Locale.getDefault(), if (ms < TWO_DECIMALS_BELOW_MS) "%.2f" else "%.1f", ms)

/** Latencies below this have two decimals. */
private const val TWO_DECIMALS_BELOW_MS = 10.0
