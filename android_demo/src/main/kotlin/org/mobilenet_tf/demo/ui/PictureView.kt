package org.mobilenet_tf.demo.ui

import android.content.Context
import android.graphics.Canvas
import android.graphics.RectF
import android.util.AttributeSet
import android.view.accessibility.AccessibilityNodeInfo
import android.widget.ImageView
import org.mobilenet_tf.demo.R
import org.mobilenet_tf.demo.camera.BoxPainter
import org.mobilenet_tf.demo.camera.CropFrame
import org.mobilenet_tf.demo.camera.ViewMap
import org.mobilenet_tf.demo.camera.spokenBoxes
import org.mobilenet_tf.demo.core.ScoredBox

/** A picture from the gallery, with a frame around what the model sees, and the objects that it found. */
class PictureView(
    context: Context,
    attributes: AttributeSet?,
) : ImageView(context, attributes) {
    private val frame = CropFrame(context)
    private val painter = BoxPainter(context)
    private val secondPainter = BoxPainter(context, R.color.second_box)
    private val shown = RectF()

    /** The model sees a part of the picture alone. */
    var cropped = true
        set(value) {
            if (value != field) invalidate()
            field = value
        }

    /** What the model found, and a second one, in shares of the upright picture. */
    fun show(
        boxes: List<ScoredBox>,
        second: List<ScoredBox>,
    ) {
        if (boxes == painter.boxes && second == secondPainter.boxes) return
        painter.boxes = boxes
        secondPainter.boxes = second
        invalidate()
    }

    override fun onDraw(canvas: Canvas) {
        super.onDraw(canvas)
        val picture = drawable ?: return
        shown.set(0f, 0f, picture.intrinsicWidth.toFloat(), picture.intrinsicHeight.toFloat())
        imageMatrix.mapRect(shown)
        shown.offset(paddingLeft.toFloat(), paddingTop.toFloat())
        if (cropped) frame.draw(canvas, shown)
        val map = ViewMap(shown.top, shown.left, shown.height(), shown.width(), mirrored = false)
        secondPainter.draw(canvas, map)
        painter.draw(canvas, map)
    }

    override fun onInitializeAccessibilityNodeInfo(info: AccessibilityNodeInfo) {
        super.onInitializeAccessibilityNodeInfo(info)
        val boxes = painter.boxes + secondPainter.boxes
        info.contentDescription = spokenBoxes(resources, contentDescription, boxes, mirrored = false)
    }
}
