package org.mobilenet_tf.demo.ui

import android.content.res.Resources
import org.mobilenet_tf.demo.R
import org.mobilenet_tf.demo.core.Reading
import org.mobilenet_tf.demo.core.RememberedPhoto
import org.mobilenet_tf.demo.core.ScoredClass
import org.mobilenet_tf.demo.core.SimilarPhoto
import kotlin.math.roundToInt

/**
 * One answer as it is shown, read out and shared. bar: how long its bar is, from 0 to 1. photo: the remembered photo that
 * it is; null for classes, tags and objects.
 */
class ResultRow(
    val label: String,
    val score: String,
    val bar: Float,
    val spoken: String,
    val shared: String,
    val photo: RememberedPhoto? = null,
)

/** The answers of a reading, the best first. */
fun resultRows(
    resources: Resources,
    reading: Reading,
): List<ResultRow> =
    reading.best.map { rowOf(resources, it) } + reading.similar.map { rowOf(resources, it) }

private fun rowOf(
    resources: Resources,
    scored: ScoredClass,
): ResultRow {
    val percent = (scored.score * 100).roundToInt()
    return ResultRow(
        label = scored.label,
        score = resources.getString(R.string.score, percent),
        bar = scored.score,
        spoken = resources.getString(R.string.spoken_score, scored.label, percent),
        shared = resources.getString(R.string.shared_score, scored.label, percent),
    )
}

private fun rowOf(
    resources: Resources,
    similar: SimilarPhoto,
): ResultRow {
    val label = resources.getString(R.string.photo, similar.photo.number)
    val cosine = cosineText(similar.cosine)
    return ResultRow(
        label = label,
        score = cosine,
        bar = maxOf(similar.cosine, 0f),
        spoken = resources.getString(R.string.spoken_photo, label, cosine),
        shared = resources.getString(R.string.shared_photo, label, cosine),
        photo = similar.photo,
    )
}
