package org.mobilenet_tf.demo.camera

import android.content.Context
import android.graphics.Canvas
import android.graphics.Matrix
import android.graphics.Paint
import android.graphics.RectF
import android.util.AttributeSet
import android.view.TextureView
import android.widget.FrameLayout
import org.mobilenet_tf.demo.R

/** The camera's whole picture at its aspect ratio, with a frame around what the model sees. */
class PreviewView(
    context: Context,
    attributes: AttributeSet?,
) : FrameLayout(context, attributes) {
    val texture = TextureView(context)
    private val matrix = Matrix()
    private val crop = RectF()
    private val line =
        Paint(Paint.ANTI_ALIAS_FLAG).apply {
            style = Paint.Style.STROKE
            strokeWidth = resources.getDimension(R.dimen.guide_stroke)
            color = context.getColor(R.color.guide)
        }
    private var size: FrameSize? = null
    private var sensorDegrees = 0
    private var displayDegrees = 0

    init {
        addView(texture, LayoutParams(LayoutParams.MATCH_PARENT, LayoutParams.MATCH_PARENT))
    }

    /** The camera has started. */
    fun show(
        size: FrameSize,
        sensorDegrees: Int,
        displayDegrees: Int,
    ) {
        this.size = size
        this.sensorDegrees = sensorDegrees
        this.displayDegrees = displayDegrees
        fit(width, height)
    }

    /** The display was rotated; a rotation by 180 degrees does not change the layout. */
    fun rotate(displayDegrees: Int) {
        this.displayDegrees = displayDegrees
        fit(width, height)
    }

    override fun onSizeChanged(
        width: Int,
        height: Int,
        oldWidth: Int,
        oldHeight: Int,
    ) = fit(width, height)

    private fun fit(
        width: Int,
        height: Int,
    ) {
        val frame = size ?: return
        if (width == 0 || height == 0) return
        val fit = fitPreview(width, height, frame, sensorDegrees, displayDegrees)
        val centreX = width / 2f
        val centreY = height / 2f
        matrix.setScale(fit.scaleX, fit.scaleY, centreX, centreY)
        matrix.postRotate(fit.degrees.toFloat(), centreX, centreY)
        texture.setTransform(matrix)
        val half = minOf(fit.shownWidth, fit.shownHeight) * CROP_SHARE / 2
        crop.set(centreX - half, centreY - half, centreX + half, centreY + half)
        invalidate()
    }

    override fun dispatchDraw(canvas: Canvas) {
        super.dispatchDraw(canvas)
        val radius = resources.getDimension(R.dimen.guide_radius)
        if (size != null) canvas.drawRoundRect(crop, radius, radius, line)
    }

    private companion object {
        /** The side of the preprocessing rule's crop, as a share of the short side. */
        const val CROP_SHARE = 7f / 8
    }
}
