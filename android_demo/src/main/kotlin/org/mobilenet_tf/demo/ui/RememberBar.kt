package org.mobilenet_tf.demo.ui

import android.view.View
import android.widget.Button
import org.mobilenet_tf.demo.R
import org.mobilenet_tf.demo.core.Reading

/** The buttons below the results of an embedding: what the model sees is remembered, and all of that is forgotten. */
internal class RememberBar(
    root: View,
    actions: ScreenActions,
) {
    private val bar: View = root.findViewById(R.id.remember_bar)
    private val remember: Button = root.findViewById(R.id.remember)
    private val forget: View = root.findViewById(R.id.forget)

    init {
        remember.setOnClickListener { actions.remember() }
        forget.setOnClickListener { actions.forgetRemembered() }
    }

    /** reading: null if the model has seen nothing yet. */
    fun render(
        kind: AnswerKind,
        reading: Reading?,
    ) {
        bar.visibility = if (kind == AnswerKind.PHOTOS) View.VISIBLE else View.GONE
        remember.isEnabled = reading != null
        remember.alpha = if (reading != null) 1f else DISABLED
        val remembered = reading?.remembered ?: 0
        forget.visibility = if (remembered > 0) View.VISIBLE else View.INVISIBLE
        val text =
            if (remembered == 0) {
                bar.resources.getString(R.string.remember)
            } else {
                bar.resources.getString(R.string.remember_another, remembered)
            }
        if (remember.text.toString() != text) remember.text = text
    }

    private companion object {
        const val DISABLED = 0.4f
    }
}
