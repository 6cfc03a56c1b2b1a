package org.mobilenet_tf.demo.ui

import android.content.Intent
import android.content.res.Resources
import org.mobilenet_tf.demo.R
import org.mobilenet_tf.demo.core.Reading

/** A result as text that a person sends to somebody, of two models both; null if there is none. */
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
    val text = textOf(resources, reading, state.model.title, state.model.file)
    val second = (state.content as? ScreenContent.Picture)?.second ?: return text
    val beside = textOf(resources, second.answer?.reading, second.model.title, second.model.file)
    return listOfNotNull(text, beside).joinToString("\n\n").ifEmpty { null }
}

private fun textOf(
    resources: Resources,
    reading: Reading?,
    title: String?,
    file: String?,
): String? {
    val rows = reading?.let { resultRows(resources, it) }.orEmpty()
    if (rows.isEmpty()) return null
    return (rows.map { it.shared } + resources.getString(R.string.shared_by, title.orEmpty(), file.orEmpty()))
        .joinToString("\n")
}

fun shareIntent(text: String): Intent =
    Intent.createChooser(Intent(Intent.ACTION_SEND).setType("text/plain").putExtra(Intent.EXTRA_TEXT, text), null)
