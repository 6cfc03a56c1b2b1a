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

    /** The system's question is on the screen; it stays there if the activity is recreated behind it. */
    private var asking = state?.getBoolean(ASKING) ?: false

    /** The question was dismissed without an answer: it may be shown again. */
    private var dismissed = state?.getBoolean(DISMISSED) ?: false

    fun now(): Permission =
        when {
            activity.checkSelfPermission(Manifest.permission.CAMERA) == PackageManager.PERMISSION_GRANTED ->
                Permission.GRANTED
            !requested || asking -> Permission.UNKNOWN
            dismissed || activity.shouldShowRequestPermissionRationale(Manifest.permission.CAMERA) -> Permission.REFUSED
            else -> Permission.REFUSED_PERMANENTLY
        }

    /** Asks, unless the question was asked before or is on the screen. */
    fun requestOnce() {
        if (!requested) request()
    }

    fun request() {
        requested = true
        asking = true
        activity.requestPermissions(arrayOf(Manifest.permission.CAMERA), REQUEST_CODE)
    }

    /** results: as onRequestPermissionsResult gets them, empty if the question was dismissed. */
    fun answered(results: IntArray) {
        asking = false
        dismissed = results.isEmpty()
    }

    fun save(state: Bundle) {
        state.putBoolean(REQUESTED, requested)
        state.putBoolean(ASKING, asking)
        state.putBoolean(DISMISSED, dismissed)
    }

    private companion object {
        const val REQUESTED = "camera_permission_requested"
        const val ASKING = "camera_permission_asking"
        const val DISMISSED = "camera_permission_dismissed"
        const val REQUEST_CODE = 1
    }
}
