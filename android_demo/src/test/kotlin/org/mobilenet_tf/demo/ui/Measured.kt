package org.mobilenet_tf.demo.ui

import android.app.Activity
import android.view.View
import android.view.ViewGroup
import android.widget.TextView
import org.mobilenet_tf.demo.R

private val MEASURED =
    listOf(
        listOf("1.44", "1.46", "1.61"),
        listOf("8.21", "8.24", "9.02"),
        listOf("0.03", "0.03", "0.04"),
        listOf("9.68", "9.73", "10.7"),
    )

/** What is measured differs from run to run. */
fun replaceMeasurements(activity: Activity) {
    val table = activity.findViewById<ViewGroup>(R.id.latency)
    for ((index, row) in MEASURED.withIndex()) {
        val cells = table.getChildAt(index + 1) as ViewGroup
        for ((cell, text) in listOf(R.id.last, R.id.p50, R.id.p90).zip(row)) {
            val view = cells.findViewById<TextView>(cell)
            if (view.text != "–") view.text = text
        }
    }
    for ((results, ms) in listOf(R.id.results to "8.21", R.id.second_results to "12.4")) {
        val heading = activity.findViewById<View>(results).findViewById<TextView>(R.id.heading)
        if ("·" in heading.text) heading.text = "${heading.text.toString().substringBefore("·")}· $ms ms"
    }
    val frames = activity.findViewById<TextView>(R.id.frames)
    if (frames.text.startsWith("Frames:")) frames.text = "Frames: 248 (24.8 a second), dropped: 31"
}
