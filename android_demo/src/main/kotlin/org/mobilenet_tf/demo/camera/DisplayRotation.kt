package org.mobilenet_tf.demo.camera

import android.app.Activity
import android.hardware.display.DisplayManager
import android.os.Handler
import android.os.Looper
import android.view.Surface

/**
 * The rotation of the display from the device's natural orientation, and when it changes: a rotation by 180 degrees
 * changes no layout, so Android does not recreate the activity for it.
 */
class DisplayRotation(
    private val activity: Activity,
    private val onChange: (Int) -> Unit,
) {
    private val manager = activity.getSystemService(DisplayManager::class.java)
    private val listener =
        object : DisplayManager.DisplayListener {
            override fun onDisplayAdded(id: Int) = Unit

            override fun onDisplayRemoved(id: Int) = Unit

            override fun onDisplayChanged(id: Int) = onChange(degrees)
        }

    @Suppress("DEPRECATION") // its successor came with Android 11
    val degrees: Int
        get() =
            when (activity.windowManager.defaultDisplay.rotation) {
                Surface.ROTATION_90 -> 90
                Surface.ROTATION_180 -> 180
                Surface.ROTATION_270 -> 270
                else -> 0
            }

    fun start() = manager.registerDisplayListener(listener, Handler(Looper.getMainLooper()))

    fun stop() = manager.unregisterDisplayListener(listener)
}
