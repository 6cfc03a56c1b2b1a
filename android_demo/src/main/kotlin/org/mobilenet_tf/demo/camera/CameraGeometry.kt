package org.mobilenet_tf.demo.camera

/** Size in pixels of a camera's frame as the sensor gives it, before any rotation. */
data class FrameSize(
    val width: Int,
    val height: Int,
) {
    val short: Int get() = minOf(width, height)
    val area: Int get() = width * height
}

/**
 * The clockwise rotation in degrees after which a frame is upright on the display.
 *
 * sensorDegrees: CameraCharacteristics.SENSOR_ORIENTATION. displayDegrees: the display's rotation from the device's
 * natural orientation (Display.getRotation). A front camera looks the other way, so it counts with the other sign.
 */
fun frameRotation(
    sensorDegrees: Int,
    displayDegrees: Int,
    front: Boolean,
): Int = Math.floorMod(if (front) sensorDegrees + displayDegrees else sensorDegrees - displayDegrees, 360)

/** How a TextureView is scaled, then rotated, about its centre, to show the whole frame at its aspect ratio. */
data class PreviewFit(
    val scaleX: Float,
    val scaleY: Float,
    val degrees: Int,
    val shownWidth: Float,
    val shownHeight: Float,
)

/**
 * A TextureView stretches the frame over itself, upright in the device's natural orientation. This undoes the stretch
 * and the display's rotation, and fits the result into the view.
 */
fun fitPreview(
    viewWidth: Int,
    viewHeight: Int,
    frame: FrameSize,
    sensorDegrees: Int,
    displayDegrees: Int,
): PreviewFit {
    val natural = if (sensorDegrees % 180 == 0) frame else FrameSize(frame.height, frame.width)
    val shown = if (displayDegrees % 180 == 0) natural else FrameSize(natural.height, natural.width)
    val fit = minOf(viewWidth.toFloat() / shown.width, viewHeight.toFloat() / shown.height)
    return PreviewFit(
        scaleX = natural.width * fit / viewWidth,
        scaleY = natural.height * fit / viewHeight,
        degrees = Math.floorMod(-displayDegrees, 360),
        shownWidth = shown.width * fit,
        shownHeight = shown.height * fit,
    )
}

/**
 * The smallest size with a short side of at least 720, up to 1080p, which every camera streams to a preview and a
 * reader at once; the largest if all are smaller; null if no size is in both lists. A size of 4 : 3 to 16 : 9 comes
 * before all others: a square one shows less of what the camera sees.
 */
fun chooseSize(
    preview: List<FrameSize>,
    reader: List<FrameSize>,
): FrameSize? {
    val shared = preview.filter { it in reader && it.area <= LARGEST_AREA }
    val both = shared.filter(::isPhotoShaped).ifEmpty { shared }
    return both.filter { it.short >= SHORT_SIDE }.minByOrNull { it.area } ?: both.maxByOrNull { it.area }
}

/** From 4 : 3 to 16 : 9, with a pixel more or less: 1366 x 768 counts. */
private fun isPhotoShaped(size: FrameSize): Boolean {
    val long = maxOf(size.width, size.height)
    return 3 * (long + 1) >= 4 * size.short && 9 * (long - 1) <= 16 * size.short
}

private const val SHORT_SIDE = 720
private const val LARGEST_AREA = 1920 * 1080
