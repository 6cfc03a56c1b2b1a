package org.mobilenet_tf.demo.camera

import android.hardware.camera2.CameraCaptureSession
import android.hardware.camera2.CameraCharacteristics
import android.hardware.camera2.CameraDevice
import android.hardware.camera2.CaptureRequest
import android.hardware.camera2.params.MeteringRectangle
import android.os.Handler
import android.view.Surface

/** The request of a preview that focuses by itself; a camera of fixed focus ignores that. */
internal fun previewRequest(
    camera: CameraDevice,
    surfaces: List<Surface>,
): CaptureRequest.Builder =
    camera.createCaptureRequest(CameraDevice.TEMPLATE_PREVIEW).apply {
        surfaces.forEach(::addTarget)
        set(CaptureRequest.CONTROL_AF_MODE, CaptureRequest.CONTROL_AF_MODE_CONTINUOUS_PICTURE)
    }

/**
 * Torch and focus of a camera that runs. All functions are for the camera's thread and throw what Camera2 throws.
 *
 * onCamera: does a step later on that thread, unless the camera is closed by then.
 */
internal class CaptureControls(
    private val session: CameraCaptureSession,
    private val request: CaptureRequest.Builder,
    private val characteristics: CameraCharacteristics,
    private val size: FrameSize,
    private val handler: Handler,
    private val onCamera: (() -> Unit) -> Unit,
) {
    private val focusAlone = Runnable { onCamera(::focusContinuously) }

    fun repeat() {
        session.setRepeatingRequest(request.build(), null, handler)
    }

    fun torch(on: Boolean) {
        val mode = if (on) CaptureRequest.FLASH_MODE_TORCH else CaptureRequest.FLASH_MODE_OFF
        request.set(CaptureRequest.FLASH_MODE, mode)
        repeat()
    }

    /** Focuses on the point and measures the light there; after some seconds the camera does both by itself again. */
    fun focus(point: FramePoint) {
        val active = characteristics[CameraCharacteristics.SENSOR_INFO_ACTIVE_ARRAY_SIZE] ?: return
        if ((characteristics[CameraCharacteristics.CONTROL_MAX_REGIONS_AF] ?: 0) == 0) return
        val area = MeteringRectangle(focusArea(point, active, size), MeteringRectangle.METERING_WEIGHT_MAX)
        request.set(CaptureRequest.CONTROL_AF_REGIONS, arrayOf(area))
        if ((characteristics[CameraCharacteristics.CONTROL_MAX_REGIONS_AE] ?: 0) > 0) {
            request.set(CaptureRequest.CONTROL_AE_REGIONS, arrayOf(area))
        }
        request.set(CaptureRequest.CONTROL_AF_MODE, CaptureRequest.CONTROL_AF_MODE_AUTO)
        repeat()
        request.set(CaptureRequest.CONTROL_AF_TRIGGER, CaptureRequest.CONTROL_AF_TRIGGER_START)
        session.capture(request.build(), null, handler)
        request.set(CaptureRequest.CONTROL_AF_TRIGGER, CaptureRequest.CONTROL_AF_TRIGGER_IDLE)
        handler.removeCallbacks(focusAlone)
        handler.postDelayed(focusAlone, FOCUS_STAYS_MS)
    }

    private fun focusContinuously() {
        request.set(CaptureRequest.CONTROL_AF_REGIONS, null)
        request.set(CaptureRequest.CONTROL_AE_REGIONS, null)
        request.set(CaptureRequest.CONTROL_AF_MODE, CaptureRequest.CONTROL_AF_MODE_CONTINUOUS_PICTURE)
        repeat()
    }

    private companion object {
        const val FOCUS_STAYS_MS = 5000L
    }
}
