package org.mobilenet_tf.demo.camera

import android.content.Context
import android.graphics.Canvas
import android.graphics.Paint
import android.graphics.RectF
import org.mobilenet_tf.demo.R

/** The frame around the part of a picture that the preprocessing rule takes: the middle 7/8 of its short side. */
class CropFrame(
    context: Context,
) {
    private val radius = context.resources.getDimension(R.dimen.guide_radius)
    private val square = RectF()
    private val line =
        Paint(Paint.ANTI_ALIAS_FLAG).apply {
            style = Paint.Style.STROKE
            strokeWidth = context.resources.getDimension(R.dimen.guide_stroke)
            color = context.getColor(R.color.guide)
        }

    /** shown: where the whole picture is drawn. */
    fun draw(
        canvas: Canvas,
        shown: RectF,
    ) {
        val half = minOf(shown.width(), shown.height()) * CROP_SHARE / 2
        square.set(shown.centerX() - half, shown.centerY() - half, shown.centerX() + half, shown.centerY() + half)
        canvas.drawRoundRect(square, radius, radius, line)
    }

    private companion object {
        const val CROP_SHARE = 7f / 8
    }
}
