package org.mobilenet_tf.demo.camera

import android.graphics.Rect

/** A point of a frame as it is stored: shares of its width and height, from 0 to 1. */
data class FramePoint(
    val x: Float,
    val y: Float,
)

/**
 * The point of the frame that a preview shows at (x, y) in pixels of its view; null outside of the picture. The preview
 * of a front camera is mirrored.
 *
 * fit: of `fitPreview` for that view.
 */
fun framePoint(
    x: Float,
    y: Float,
    view: FrameSize,
    fit: PreviewFit,
    camera: StartedCamera,
    displayDegrees: Int,
): FramePoint? {
    val shown = (x - view.width / 2f) / fit.shownWidth + 0.5f
    val down = (y - view.height / 2f) / fit.shownHeight + 0.5f
    if (shown !in 0f..1f || down !in 0f..1f) return null
    val across = if (camera.front) 1 - shown else shown
    // The stored frame, rotated clockwise by so many degrees, is upright.
    return when (frameRotation(camera.sensorDegrees, displayDegrees, camera.front)) {
        90 -> FramePoint(down, 1 - across)
        180 -> FramePoint(1 - across, 1 - down)
        270 -> FramePoint(1 - down, across)
        else -> FramePoint(across, down)
    }
}

/**
 * The square of the sensor to focus on, around a point of the frame. A frame is the middle of the sensor's active array,
 * cut to the frame's aspect ratio.
 */
internal fun focusArea(
    point: FramePoint,
    active: Rect,
    size: FrameSize,
): Rect {
    val scale = minOf(active.width().toFloat() / size.width, active.height().toFloat() / size.height)
    val centreX = active.exactCenterX() + (point.x - 0.5f) * size.width * scale
    val centreY = active.exactCenterY() + (point.y - 0.5f) * size.height * scale
    val side = (FOCUS_SHARE * size.short * scale).toInt()
    val left = (centreX.toInt() - side / 2).coerceIn(active.left, active.right - side)
    val top = (centreY.toInt() - side / 2).coerceIn(active.top, active.bottom - side)
    return Rect(left, top, left + side, top + side)
}

/** The side of the square that a tap focuses on, as a share of the frame's short side. */
private const val FOCUS_SHARE = 0.15f
