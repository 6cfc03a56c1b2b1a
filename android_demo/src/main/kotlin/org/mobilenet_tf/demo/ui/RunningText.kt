package org.mobilenet_tf.demo.ui

import android.content.res.Resources
import org.mobilenet_tf.demo.R
import org.mobilenet_tf.demo.core.Accelerator
import org.mobilenet_tf.demo.core.Model

/** A model's name with possible line breaks after its underscores. */
fun breakable(name: String): String = name.replace("_", "_\u200B")

/** Accelerator, threads, and the model's input. */
fun runningText(
    resources: Resources,
    model: Model,
    settings: Settings,
): String {
    val accelerator =
        when (settings.accelerator) {
            Accelerator.CPU -> {
                val name = resources.getString(R.string.cpu)
                resources.getQuantityString(R.plurals.running_with_threads, settings.threads, name, settings.threads)
            }
            Accelerator.GPU -> resources.getString(R.string.gpu)
            Accelerator.NNAPI -> resources.getString(R.string.nnapi)
        }
    val input = model.file.input
    return resources.getString(
        R.string.running_input,
        accelerator,
        model.manifest.network.res,
        input.dtype.name.lowercase(),
    )
}
