package org.mobilenet_tf.demo.ui

import android.content.res.Resources
import org.mobilenet_tf.demo.R
import org.mobilenet_tf.demo.core.Activation
import org.mobilenet_tf.demo.core.Manifest
import org.mobilenet_tf.demo.core.Task
import java.util.Locale
import kotlin.math.roundToInt

/** What a model answers, and the words for it. */
enum class AnswerKind(
    private val best: Int,
    private val above: Int,
) {
    CLASSES(R.plurals.top_k, R.string.nothing_above),
    TAGS(R.plurals.best_tags, R.string.no_tag_above),
    OBJECTS(R.plurals.best_objects, R.string.no_object_above),

    /** Photos that were remembered, by the cosine of their vectors and the picture's. */
    PHOTOS(R.plurals.similar_photos, R.string.no_photo_above),
    ;

    /** What the setting for the number of answers says. */
    fun mostText(
        resources: Resources,
        most: Int,
    ): String =
        if (this == TAGS && most >= Settings.ALL_TAGS) {
            resources.getString(R.string.all_tags)
        } else {
            resources.getQuantityString(best, most, most)
        }

    /** What the setting for the least score says; shownFrom: the model's own. */
    fun thresholdText(
        resources: Resources,
        percent: Int,
        shownFrom: Float,
    ): String =
        when {
            percent == 0 && this == TAGS -> resources.getString(R.string.threshold_of_tags)
            percent == 0 && this == OBJECTS ->
                resources.getString(R.string.threshold_of_model, (shownFrom * 100).roundToInt())
            percent == 0 && this == PHOTOS -> resources.getString(R.string.threshold_of_no_photo)
            this == PHOTOS -> resources.getString(R.string.threshold_of_photos, cosineText(percent / 100f))
            else -> resources.getString(R.string.threshold, percent)
        }

    /** What stands in place of the answers if there is none. remembered: photos that the picture was compared with. */
    fun nothingText(
        resources: Resources,
        percent: Int,
        remembered: Int,
    ): String =
        when {
            this == TAGS && percent == 0 -> resources.getString(R.string.none_of_its_tags)
            this == PHOTOS && remembered == 0 -> resources.getString(R.string.nothing_remembered)
            this == PHOTOS -> resources.getString(above, cosineText(percent / 100f))
            else -> resources.getString(above, percent)
        }

    companion object {
        fun of(manifest: Manifest): AnswerKind =
            when {
                manifest.network.task == Task.DETECTION -> OBJECTS
                manifest.network.task == Task.EMBEDDING -> PHOTOS
                manifest.network.activation == Activation.SIGMOID -> TAGS
                else -> CLASSES
            }
    }
}

/** With two decimals: of vectors of int8 the third says nothing. */
internal fun cosineText(cosine: Float): String = String.format(Locale.getDefault(), "%.2f", cosine)
