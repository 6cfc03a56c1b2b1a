package org.mobilenet_tf.demo.ui

import android.content.Intent
import android.content.res.Resources
import org.mobilenet_tf.demo.R

/** A result as text that a person sends to somebody; null if there is none. */
fun sharedText(
    resources: Resources,
    state: ScreenState,
): String? {
    val reading =
        when (val content = state.content) {
            is ScreenContent.Live -> content.reading
            is ScreenContent.Picture -> content.reading
            else -> null
        }
    val rows = reading?.let { resultRows(resources, it) }.orEmpty()
    if (rows.isEmpty()) return null
    val lines = rows.map { it.shared }
    val model = resources.getString(R.string.shared_by, state.model.title.orEmpty(), state.model.file.orEmpty())
    return (lines + model).joinToString("\n")
}

fun shareIntent(text: String): Intent =
    Intent.createChooser(Intent(Intent.ACTION_SEND).setType("text/plain").putExtra(Intent.EXTRA_TEXT, text), null)
