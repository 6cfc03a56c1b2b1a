package org.mobilenet_tf.demo.ui

import android.content.res.Resources
import org.mobilenet_tf.demo.R
import org.mobilenet_tf.demo.core.Model
import org.mobilenet_tf.demo.core.Network
import java.util.Locale

/** What a person calls a model: "MobileNet V1, small, int8". The name of its file says the rest. */
fun modelTitle(
    resources: Resources,
    model: Model,
): String =
    listOfNotNull(
        archTitle(model.manifest.network.arch),
        widthName(model.manifest.network)?.let(resources::getString),
        model.file.recipe,
    ).joinToString(", ")

/** mobilenet_v3_small is MobileNet V3 small. A word that is not known stays as it is. */
internal fun archTitle(arch: String): String =
    arch
        .split('_', '-', ' ')
        .filter(String::isNotEmpty)
        .mapIndexed { index, word -> if (index == 0) first(word) else later(word) }
        .joinToString(" ")

private fun first(word: String) = known(word) ?: word.replaceFirstChar { it.uppercase(Locale.ROOT) }

private fun known(word: String) = KNOWN.firstOrNull { it.equals(word, ignoreCase = true) }

/** V1 and B0, but small and g8. */
private fun later(word: String) = known(word) ?: if (VERSION.matches(word)) word.uppercase(Locale.ROOT) else word

/** Null for a network of other people's, which has no width multiplier. */
private fun widthName(network: Network): Int? {
    val alpha = network.alpha ?: return null
    return when {
        alpha < 0.4 -> R.string.width_tiny
        alpha < 0.7 -> R.string.width_small
        alpha < 1.0 -> R.string.width_medium
        alpha == 1.0 -> R.string.width_full
        else -> R.string.width_wide
    }
}

private val VERSION = Regex("[vVbB][0-9]+([.][0-9]+)?")

/** As their papers write them. */
private val KNOWN =
    "MobileNet ShuffleNet EffNet EfficientNet SqueezeNet ResNet DenseNet MnasNet NASNet SSD SSDLite".split(' ')
