package org.mobilenet_tf.demo.ui

import android.Manifest
import android.app.Activity
import android.content.pm.PackageManager
import android.os.Bundle

/** Whether the camera may be used, and asking for it: once by itself, then when a person wants it. */
class CameraPermission(
    private val activity: Activity,
    state: Bundle?,
) {
    private var asked = state?.getBoolean(ASKED) ?: false

    /** The question was put away without an answer: it may be put again. */
    private var ignored = false

    fun now(): Permission =
        when {
            activity.checkSelfPermission(Manifest.permission.CAMERA) == PackageManager.PERMISSION_GRANTED ->
                Permission.GRANTED
            !asked -> Permission.UNKNOWN
            ignored || activity.shouldShowRequestPermissionRationale(Manifest.permission.CAMERA) -> Permission.REFUSED
            else -> Permission.REFUSED_FOR_GOOD
        }

    fun ask() {
        asked = true
        ignored = true // until it is answered
        activity.requestPermissions(arrayOf(Manifest.permission.CAMERA), REQUEST)
    }

    /** results: as onRequestPermissionsResult has them, empty where the question was put away. */
    fun answered(results: IntArray) {
        ignored = results.isEmpty()
    }

    fun save(state: Bundle) = state.putBoolean(ASKED, asked)

    private companion object {
        const val ASKED = "camera_permission_asked"
        const val REQUEST = 1
    }
}
