package org.mobilenet_tf.demo.ui

import android.app.Activity
import android.os.Build
import android.window.OnBackInvokedCallback
import android.window.OnBackInvokedDispatcher
import org.mobilenet_tf.demo.NewerApi

/**
 * Back, if it closes something within the app. From Android 13 on the system must know in advance whether it does, and an
 * app for Android 16 hears of it in no other way. Before Android 13 the activity calls `handle` from onBackPressed.
 */
class BackButton(
    activity: Activity,
    private val close: () -> Unit,
) {
    private val registration =
        if (Build.VERSION.SDK_INT >= Build.VERSION_CODES.TIRAMISU) BackRegistration(activity, close) else null

    /** Whether there is something to close. If there is not, back leaves the app, with the system's own animation. */
    var enabled = false
        set(value) {
            if (value == field) return
            field = value
            registration?.register(value)
        }

    /** True if it closed something. */
    fun handle(): Boolean {
        val closes = enabled
        if (closes) close()
        return closes
    }
}

@NewerApi
private class BackRegistration(
    private val activity: Activity,
    private val close: () -> Unit,
) : OnBackInvokedCallback {
    override fun onBackInvoked() = close()

    fun register(wanted: Boolean) {
        val dispatcher = activity.onBackInvokedDispatcher
        if (wanted) {
            dispatcher.registerOnBackInvokedCallback(OnBackInvokedDispatcher.PRIORITY_DEFAULT, this)
        } else {
            dispatcher.unregisterOnBackInvokedCallback(this)
        }
    }
}
