package org.mobilenet_tf.demo.ui

import android.content.Context
import android.graphics.Canvas
import android.graphics.RectF
import android.util.AttributeSet
import android.widget.ImageView
import org.mobilenet_tf.demo.camera.CropFrame

/** A picture from the gallery, with a frame around what the model sees. */
class PictureView(
    context: Context,
    attributes: AttributeSet?,
) : ImageView(context, attributes) {
    private val frame = CropFrame(context)
    private val shown = RectF()

    override fun onDraw(canvas: Canvas) {
        super.onDraw(canvas)
        val picture = drawable ?: return
        shown.set(0f, 0f, picture.intrinsicWidth.toFloat(), picture.intrinsicHeight.toFloat())
        imageMatrix.mapRect(shown)
        shown.offset(paddingLeft.toFloat(), paddingTop.toFloat())
        frame.draw(canvas, shown)
    }
}
