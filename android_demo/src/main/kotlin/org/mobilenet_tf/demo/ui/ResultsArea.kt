package org.mobilenet_tf.demo.ui

import android.view.View
import org.mobilenet_tf.demo.R
import org.mobilenet_tf.demo.core.Reading
import org.mobilenet_tf.demo.core.Stage

/** The results of one model, or of two side by side, with the buttons that belong to them. */
internal class ResultsArea(
    root: View,
    actions: ScreenActions,
) {
    private val context = root.context
    private val area: View = root.findViewById(R.id.results_area)
    private val results = ResultsView(root.findViewById(R.id.results), R.color.box)
    private val secondView: View = root.findViewById(R.id.second_results)
    private val second = ResultsView(root.findViewById(R.id.second_results), R.color.second_box)
    private val rememberBar = RememberBar(root, actions)
    private val share: View = root.findViewById(R.id.share)

    var visible: Boolean
        get() = area.visibility == View.VISIBLE
        set(value) {
            area.visibility = if (value) View.VISIBLE else View.GONE
        }

    init {
        share.setOnClickListener { actions.share() }
    }

    /** live: more follows soon. */
    fun render(
        reading: Reading?,
        state: ScreenState,
        live: Boolean,
    ) {
        val seen = reading?.takeIf { it.frames > 0 }
        val column = (state.content as? ScreenContent.Picture)?.second
        results.show(seen, state.choice, live, column?.let { heading(state.model.title.orEmpty(), seen) })
        renderSecond(column)
        rememberBar.render(state.choice.kind, seen)
        renderShare(nothing = sharedText(context.resources, state) == null)
    }

    private fun renderSecond(column: SecondColumn?) {
        secondView.visibility = if (column == null) View.GONE else View.VISIBLE
        if (column == null) return
        val reading = column.answer?.reading
        val title = heading(column.model.title, reading)
        val problem = column.answer?.problem
        if (problem != null) return second.showProblem(problem, title)
        second.show(reading, column.model.choice, live = false, heading = title)
    }

    /** The model with the time of its inference. */
    private fun heading(
        title: String,
        reading: Reading?,
    ): String {
        val inference = reading?.latencies?.firstOrNull { it.stage == Stage.INFERENCE } ?: return title
        return context.getString(R.string.column_heading, title, msText(inference.lastMs))
    }

    /** In a narrow area the labels need the button's width. */
    private fun renderShare(nothing: Boolean) {
        val narrow = area.width in 1 until context.resources.getDimensionPixelSize(R.dimen.share_beside)
        share.visibility =
            when {
                narrow -> View.GONE
                nothing -> View.INVISIBLE
                else -> View.VISIBLE
            }
    }
}
