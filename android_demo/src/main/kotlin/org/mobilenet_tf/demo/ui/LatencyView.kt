package org.mobilenet_tf.demo.ui

import android.graphics.Typeface
import android.view.LayoutInflater
import android.view.View
import android.view.ViewGroup
import android.widget.TableLayout
import android.widget.TextView
import org.mobilenet_tf.demo.R
import org.mobilenet_tf.demo.camera.Stage
import org.mobilenet_tf.demo.camera.StageTimes
import java.util.Locale

/** A table of the stages' times. */
class LatencyView(
    private val table: TableLayout,
) {
    private val context = table.context
    private val header = row()
    private val rows = Stage.entries.associateWith { row() }

    init {
        fill(header, R.string.latency, context.getString(R.string.last))
        header.findViewById<TextView>(R.id.p50).setText(R.string.p50)
        header.findViewById<TextView>(R.id.p90).setText(R.string.p90)
        // The rows say their columns' names themselves.
        header.importantForAccessibility = View.IMPORTANT_FOR_ACCESSIBILITY_NO_HIDE_DESCENDANTS
        every(header) { it.setTextColor(context.getColor(R.color.on_surface_faint)) }
        rows[Stage.TOTAL]?.let { row ->
            every(row) { it.typeface = Typeface.create("sans-serif-medium", Typeface.NORMAL) }
        }
    }

    /** spread: whether there are many frames, so that percentiles say something. */
    fun show(
        stages: List<StageTimes>?,
        spread: Boolean,
    ) {
        for ((stage, row) in rows) {
            val times = stages?.firstOrNull { it.stage == stage }
            fill(row, nameOf(stage), ms(times?.lastMs))
            row.findViewById<TextView>(R.id.p50).text = ms(times?.p50Ms)
            row.findViewById<TextView>(R.id.p90).text = ms(times?.p90Ms)
            row.contentDescription = times?.let { spoken(it, spread) }
        }
        for (row in rows.values + header) {
            row.findViewById<View>(R.id.p50).visibility = if (spread) View.VISIBLE else View.GONE
            row.findViewById<View>(R.id.p90).visibility = if (spread) View.VISIBLE else View.GONE
        }
    }

    private fun spoken(
        times: StageTimes,
        spread: Boolean,
    ): String {
        val name = context.getString(nameOf(times.stage)).replace(ZERO_WIDTH_SPACE, "")
        return if (spread) {
            context.getString(R.string.spoken_latency, name, ms(times.lastMs), ms(times.p50Ms), ms(times.p90Ms))
        } else {
            context.getString(R.string.spoken_latency_one, name, ms(times.lastMs))
        }
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

    private inline fun every(
        row: ViewGroup,
        change: (TextView) -> Unit,
    ) {
        for (index in 0 until row.childCount) change(row.getChildAt(index) as TextView)
    }

    private fun nameOf(stage: Stage): Int =
        when (stage) {
            Stage.PREPROCESS -> R.string.preprocess
            Stage.INFERENCE -> R.string.inference
            Stage.POSTPROCESS -> R.string.postprocess
            Stage.TOTAL -> R.string.total
        }

    private fun ms(value: Double?): String =
        when {
            value == null -> "–"
            value < FEW -> String.format(Locale.getDefault(), "%.2f", value)
            else -> String.format(Locale.getDefault(), "%.1f", value)
        }

    private companion object {
        /** Where large text may break a name. */
        const val ZERO_WIDTH_SPACE = "\u200B"

        /** Below this many ms a second decimal says something. */
        const val FEW = 10.0
    }
}
