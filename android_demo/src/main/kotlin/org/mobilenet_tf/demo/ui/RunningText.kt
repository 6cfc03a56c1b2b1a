package org.mobilenet_tf.demo.ui

import android.content.res.Resources
import android.text.BidiFormatter
import android.text.TextDirectionHeuristics
import org.mobilenet_tf.demo.R
import org.mobilenet_tf.demo.core.Accelerator
import org.mobilenet_tf.demo.core.Model

/** A model's name with possible line breaks after its underscores. */
fun breakable(name: String): String = name.replace("_", "_\u200B")

/** Accelerator, threads, and the model's input. threads: of the engine that runs; null before it is known. */
fun runningText(
    resources: Resources,
    model: Model,
    accelerator: Accelerator,
    threads: Int?,
): String {
    val cpu = resources.getString(R.string.cpu)
    val name =
        when (accelerator) {
            Accelerator.CPU ->
                threads?.let { resources.getQuantityString(R.plurals.running_with_threads, it, cpu, it) }
                    ?: cpu
            Accelerator.GPU -> resources.getString(R.string.gpu)
            Accelerator.NNAPI -> resources.getString(R.string.nnapi)
        }
    val input = model.file.input
    val dtype = input.dtype.name.lowercase()
    val res = model.manifest.network.res
    return resources.getString(R.string.running_input, name, sizeText(resources, res, res), dtype)
}

/** 160 × 96, in this order also among words that are written from right to left, and with their digits. */
internal fun sizeText(
    resources: Resources,
    width: Int,
    height: Int,
): String = BIDI.unicodeWrap(resources.getString(R.string.size, width, height), TextDirectionHeuristics.LTR)

/** Assumes that words from right to left stand around what it wraps; elsewhere its marks change nothing. */
private val BIDI: BidiFormatter = BidiFormatter.getInstance(true)
