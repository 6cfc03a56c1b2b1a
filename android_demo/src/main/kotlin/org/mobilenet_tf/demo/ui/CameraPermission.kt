package org.mobilenet_tf.demo.ui

import android.Manifest
import android.app.Activity
import android.content.pm.PackageManager
import android.os.Bundle

/** Whether the camera may be used. The app asks for it once by itself, then only if a person presses the button. */
class CameraPermission(
    private val activity: Activity,
    state: Bundle?,
) {
    private var requested = state?.getBoolean(REQUESTED) ?: false

    /** The question was dismissed without an answer: it may be shown again. */
    private var dismissed = false

    fun now(): Permission =
        when {
            activity.checkSelfPermission(Manifest.permission.CAMERA) == PackageManager.PERMISSION_GRANTED ->
                Permission.GRANTED
            !requested -> Permission.UNKNOWN
            dismissed || activity.shouldShowRequestPermissionRationale(Manifest.permission.CAMERA) -> Permission.REFUSED
            else -> Permission.REFUSED_PERMANENTLY
        }

    fun request() {
        requested = true
        dismissed = true // until it is answered
        activity.requestPermissions(arrayOf(Manifest.permission.CAMERA), REQUEST_CODE)
    }

    /** results: as onRequestPermissionsResult gets them, empty if the question was dismissed. */
    fun answered(results: IntArray) {
        dismissed = results.isEmpty()
    }

    fun save(state: Bundle) = state.putBoolean(REQUESTED, requested)

    private companion object {
        const val REQUESTED = "camera_permission_requested"
        const val REQUEST_CODE = 1
    }
}
