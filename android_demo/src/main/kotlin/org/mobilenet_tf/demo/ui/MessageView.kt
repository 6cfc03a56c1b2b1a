package org.mobilenet_tf.demo.ui

import android.view.View
import android.widget.Button
import android.widget.TextView
import org.mobilenet_tf.demo.R

/** A button of a message. */
class Action(
    val text: Int,
    val run: () -> Unit,
)

/** A message in place of the camera: a title, a sentence, and buttons for what can be done. */
class MessageView(
    private val root: View,
) {
    private val title: TextView = root.findViewById(R.id.message_title)
    private val text: TextView = root.findViewById(R.id.message_text)
    private val first: Button = root.findViewById(R.id.message_action)
    private val second: Button = root.findViewById(R.id.message_other_action)

    fun show(
        titleId: Int,
        sentence: String?,
        vararg actions: Action,
    ) {
        // Text that has not changed is not set again: a screen reader would announce it again.
        val newTitle = root.context.getString(titleId)
        if (title.text.toString() != newTitle) title.text = newTitle
        if (text.text.toString() != sentence.orEmpty()) text.text = sentence
        text.visibility = if (sentence == null) View.GONE else View.VISIBLE
        fill(first, actions.getOrNull(0))
        fill(second, actions.getOrNull(1))
        root.visibility = View.VISIBLE
    }

    /** The benchmark's screen. */
    fun show(state: ScreenContent.Measuring) =
        show(
            R.string.measuring_title,
            root.context.getString(R.string.measuring_text, state.task, (state.share * 100).toInt()),
        )

    fun hide() {
        root.visibility = View.GONE
    }

    private fun fill(
        button: Button,
        action: Action?,
    ) {
        button.visibility = if (action == null) View.GONE else View.VISIBLE
        if (action == null) return
        button.setText(action.text)
        button.setOnClickListener { action.run() }
    }
}
