package org.mobilenet_tf.demo.ui

import org.mobilenet_tf.demo.core.Head
import org.mobilenet_tf.demo.core.Model
import org.mobilenet_tf.demo.core.Selection
import kotlin.math.roundToInt

/** Which answers of a model are read, by what a person chose. */
fun selectionOf(
    settings: Settings,
    model: Model,
): Selection {
    val most =
        when {
            AnswerKind.of(model.manifest) != AnswerKind.TAGS -> settings.topK
            settings.mostTags >= Settings.ALL_TAGS -> Head.MOST_TAGS
            else -> settings.mostTags
        }
    return Selection(most, settings.thresholdPercent / 100f)
}

/** A model may have fewer classes than a person wants to see. A detector may find more objects than it has classes. */
fun choiceOf(
    settings: Settings,
    model: Model?,
): ResultChoice {
    val percent = settings.thresholdPercent
    if (model == null) return ResultChoice(0, percent)
    val most = selectionOf(settings, model).most
    return when (val kind = AnswerKind.of(model.manifest)) {
        AnswerKind.CLASSES, AnswerKind.TAGS -> ResultChoice(minOf(most, model.labels.size), percent, kind)
        AnswerKind.PHOTOS -> ResultChoice(most, percent, kind)
        AnswerKind.OBJECTS -> {
            val shownFrom = (model.manifest.shownFrom * 100).roundToInt()
            ResultChoice(most, if (percent == 0) shownFrom else percent, kind)
        }
    }
}
