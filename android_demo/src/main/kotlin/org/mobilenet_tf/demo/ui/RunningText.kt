package org.mobilenet_tf.demo.ui

import android.content.res.Resources
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
    return resources.getString(R.string.running_input, name, model.manifest.network.res, dtype)
}
