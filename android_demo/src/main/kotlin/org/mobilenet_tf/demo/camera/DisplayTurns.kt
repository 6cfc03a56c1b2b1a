package org.mobilenet_tf.demo.camera

import android.app.Activity
import android.hardware.display.DisplayManager
import android.os.Handler
import android.os.Looper
import android.view.Surface

/**
 * How far what is drawn is turned from the device's natural orientation, and when that changes: half a turn lays nothing
 * out anew, so no activity is made anew for it.
 */
class DisplayTurns(
    private val activity: Activity,
    private val changed: (Int) -> Unit,
) {
    private val manager = activity.getSystemService(DisplayManager::class.java)
    private val listener =
        object : DisplayManager.DisplayListener {
            override fun onDisplayAdded(id: Int) = Unit

            override fun onDisplayRemoved(id: Int) = Unit

            override fun onDisplayChanged(id: Int) = changed(degrees)
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
