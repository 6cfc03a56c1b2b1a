package org.mobilenet_tf.demo.camera

import android.content.Context
import android.graphics.Canvas
import android.graphics.Matrix
import android.graphics.RectF
import android.util.AttributeSet
import android.view.MotionEvent
import android.view.TextureView
import android.view.accessibility.AccessibilityNodeInfo
import android.widget.FrameLayout
import org.mobilenet_tf.demo.core.ScoredBox

/** The camera's whole picture at its aspect ratio, with a frame around what the model sees, and the objects it found. */
class PreviewView(
    context: Context,
    attributes: AttributeSet?,
) : FrameLayout(context, attributes) {
    val texture = TextureView(context)
    private val matrix = Matrix()
    private val frame = CropFrame(context)
    private val painter = BoxPainter(context)
    private val shown = RectF()
    private var map: ViewMap? = null
    private var camera: StartedCamera? = null
    private var fit: PreviewFit? = null
    private var displayDegrees = 0

    /** Called if a person touches the camera's picture, with the point of the frame that is there. */
    var onTap: (FramePoint) -> Unit = {}

    /** The model sees a part of the picture alone. */
    var cropped = true
        set(value) {
            if (value != field) invalidate()
            field = value
        }

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

    /** What the model found in the newest frame that it has seen, in shares of the upright frame. */
    fun show(boxes: List<ScoredBox>) {
        if (boxes == painter.boxes) return
        painter.boxes = boxes
        invalidate()
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
        map = ViewMap.of(width, height, fit, open.front)
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
        val map = map ?: return
        if (cropped) frame.draw(canvas, shown)
        painter.draw(canvas, map)
    }

    override fun onInitializeAccessibilityNodeInfo(info: AccessibilityNodeInfo) {
        super.onInitializeAccessibilityNodeInfo(info)
        info.contentDescription =
            spokenBoxes(resources, contentDescription, painter.boxes, mirrored = map?.mirrored == true)
    }
}
