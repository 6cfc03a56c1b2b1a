package org.mobilenet_tf.demo.ui

import android.graphics.Rect
import android.os.Build
import android.view.View
import android.view.Window
import android.view.WindowInsets
import org.mobilenet_tf.demo.NewerApi

/** Draws behind the system's bars on every version, as Android 15 does by default. */
@Suppress("DEPRECATION") // its successor came with Android 11
fun drawBehindBars(window: Window) {
    window.decorView.systemUiVisibility = window.decorView.systemUiVisibility or
        View.SYSTEM_UI_FLAG_LAYOUT_STABLE or
        View.SYSTEM_UI_FLAG_LAYOUT_FULLSCREEN or
        View.SYSTEM_UI_FLAG_LAYOUT_HIDE_NAVIGATION
}

/** Calls `apply` with how far bars and cutouts reach into `root`, now and whenever that changes. */
fun onBars(
    root: View,
    apply: (Rect) -> Unit,
) = root.setOnApplyWindowInsetsListener { _, insets ->
    apply(if (Build.VERSION.SDK_INT >= Build.VERSION_CODES.R) barsAndCutouts(insets) else bars(insets))
    insets
}

@NewerApi
private fun barsAndCutouts(insets: WindowInsets): Rect {
    val inner = insets.getInsets(WindowInsets.Type.systemBars() or WindowInsets.Type.displayCutout())
    return Rect(inner.left, inner.top, inner.right, inner.bottom)
}

@Suppress("DEPRECATION") // as above
private fun bars(insets: WindowInsets) =
    Rect(
        insets.systemWindowInsetLeft,
        insets.systemWindowInsetTop,
        insets.systemWindowInsetRight,
        insets.systemWindowInsetBottom,
    )

/** Adds to the padding that the layout gives a view. */
class Padding(
    private val view: View,
) {
    private val left = view.paddingLeft
    private val top = view.paddingTop
    private val right = view.paddingRight
    private val bottom = view.paddingBottom

    fun add(
        left: Int = 0,
        top: Int = 0,
        right: Int = 0,
        bottom: Int = 0,
    ) = view.setPadding(this.left + left, this.top + top, this.right + right, this.bottom + bottom)
}
