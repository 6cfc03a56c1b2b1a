package org.mobilenet_tf.demo.camera

import android.hardware.camera2.CameraAccessException
import android.hardware.camera2.CameraDevice

/** error: one of CameraDevice.StateCallback's numbers. */
internal fun problemOfError(error: Int): CameraProblem =
    when (error) {
        CameraDevice.StateCallback.ERROR_CAMERA_IN_USE,
        CameraDevice.StateCallback.ERROR_MAX_CAMERAS_IN_USE,
        -> CameraProblem.InUse
        CameraDevice.StateCallback.ERROR_CAMERA_DISABLED -> CameraProblem.Failed(DISABLED)
        else -> CameraProblem.Failed("the camera service reports error $error")
    }

/** reason: one of CameraAccessException's numbers. */
internal fun problemOfReason(
    reason: Int,
    message: String?,
): CameraProblem =
    when (reason) {
        CameraAccessException.CAMERA_IN_USE, CameraAccessException.MAX_CAMERAS_IN_USE -> CameraProblem.InUse
        CameraAccessException.CAMERA_DISABLED -> CameraProblem.Failed(DISABLED)
        CameraAccessException.CAMERA_DISCONNECTED -> CameraProblem.Failed("it was disconnected")
        else -> CameraProblem.Failed(message ?: "the camera service reports error $reason")
    }

private const val DISABLED = "the device's owner has disabled cameras"
