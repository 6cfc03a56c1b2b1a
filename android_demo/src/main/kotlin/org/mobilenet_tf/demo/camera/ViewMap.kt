package org.mobilenet_tf.demo.camera

import android.graphics.RectF
import org.mobilenet_tf.demo.core.ScoredBox

/**
 * From a place in the camera's upright frame, in shares of its height and width from 0 to 1, to the pixel of the view
 * that shows it: the frame fills a rectangle of the view, and a front camera's preview is mirrored, as a mirror is.
 */
data class ViewMap(
    val top: Float,
    val left: Float,
    val height: Float,
    val width: Float,
    val mirrored: Boolean,
) {
    fun yOf(share: Float): Float = top + height * share

    fun xOf(share: Float): Float = left + width * (if (mirrored) 1 - share else share)

    /** Sets `into` to the place of a box, in pixels of the view. */
    fun place(
        box: ScoredBox,
        into: RectF,
    ) {
        val left = xOf(if (mirrored) box.right else box.left)
        val right = xOf(if (mirrored) box.left else box.right)
        into.set(left, yOf(box.top), right, yOf(box.bottom))
    }

    companion object {
        /** For a frame that `fitPreview` has fitted into the middle of a view. */
        fun of(
            viewWidth: Int,
            viewHeight: Int,
            fit: PreviewFit,
            front: Boolean,
        ) = ViewMap(
            top = (viewHeight - fit.shownHeight) / 2,
            left = (viewWidth - fit.shownWidth) / 2,
            height = fit.shownHeight,
            width = fit.shownWidth,
            mirrored = front,
        )
    }
}
