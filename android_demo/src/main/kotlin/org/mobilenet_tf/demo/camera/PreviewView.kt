package org.mobilenet_tf.demo.camera

import android.content.Context
import android.graphics.Canvas
import android.graphics.Matrix
import android.graphics.RectF
import android.util.AttributeSet
import android.view.MotionEvent
import android.view.TextureView
import android.widget.FrameLayout

/** The camera's whole picture at its aspect ratio, with a frame around what the model sees. */
class PreviewView(
    context: Context,
    attributes: AttributeSet?,
) : FrameLayout(context, attributes) {
    val texture = TextureView(context)
    private val matrix = Matrix()
    private val frame = CropFrame(context)
    private val shown = RectF()
    private var camera: StartedCamera? = null
    private var fit: PreviewFit? = null
    private var displayDegrees = 0

    /** Called if a person touches the camera's picture, with the point of the frame that is there. */
    var onTap: (FramePoint) -> Unit = {}

    init {
        addView(texture, LayoutParams(LayoutParams.MATCH_PARENT, LayoutParams.MATCH_PARENT))
    }

    /** The camera has started. */
    fun show(
        camera: StartedCamera,
        displayDegrees: Int,
    ) {
        this.camera = camera
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
        val open = camera ?: return
        if (width == 0 || height == 0) return
        val fit = fitPreview(width, height, open.size, open.sensorDegrees, displayDegrees)
        this.fit = fit
        val centreX = width / 2f
        val centreY = height / 2f
        matrix.setScale(fit.scaleX, fit.scaleY, centreX, centreY)
        matrix.postRotate(fit.degrees.toFloat(), centreX, centreY)
        texture.setTransform(matrix)
        shown.set(-fit.shownWidth / 2, -fit.shownHeight / 2, fit.shownWidth / 2, fit.shownHeight / 2)
        shown.offset(centreX, centreY)
        invalidate()
    }

    override fun onTouchEvent(event: MotionEvent): Boolean {
        if (event.actionMasked == MotionEvent.ACTION_UP) {
            performClick()
            focus(event.x, event.y)
        }
        return true
    }

    private fun focus(
        x: Float,
        y: Float,
    ) {
        val open = camera ?: return
        val fit = fit ?: return
        framePoint(x, y, FrameSize(width, height), fit, open, displayDegrees)?.let(onTap)
    }

    override fun dispatchDraw(canvas: Canvas) {
        super.dispatchDraw(canvas)
        if (fit != null) frame.draw(canvas, shown)
    }
}
