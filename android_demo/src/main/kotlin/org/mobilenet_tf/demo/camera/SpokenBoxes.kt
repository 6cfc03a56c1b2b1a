package org.mobilenet_tf.demo.camera

import android.content.res.Resources
import org.mobilenet_tf.demo.R
import org.mobilenet_tf.demo.core.ScoredBox
import kotlin.math.roundToInt

/**
 * What a screen reader says of a picture: what it is, then each object with its score and the third of the picture, as it
 * is shown, that the middle of its box is in.
 */
internal fun spokenBoxes(
    resources: Resources,
    description: CharSequence?,
    boxes: List<ScoredBox>,
    mirrored: Boolean,
): CharSequence? {
    if (boxes.isEmpty()) return description
    val places = resources.getStringArray(R.array.places)
    val objects =
        boxes.joinToString("; ") {
            val across = (it.left + it.right) / 2
            val place = THIRDS * third((it.top + it.bottom) / 2) + third(if (mirrored) 1 - across else across)
            resources.getString(R.string.spoken_box, it.label, (it.score * 100).roundToInt(), places[place])
        }
    return resources.getString(R.string.spoken_boxes, description.toString(), objects)
}

private fun third(share: Float) = (share * THIRDS).toInt().coerceIn(0, THIRDS - 1)

private const val THIRDS = 3
