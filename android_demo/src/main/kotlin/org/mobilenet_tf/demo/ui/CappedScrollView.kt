package org.mobilenet_tf.demo.ui

import android.content.Context
import android.util.AttributeSet
import android.widget.ScrollView

/** At most 45 % of the available height, beyond which it scrolls: large text leaves the camera some room. */
class CappedScrollView(
    context: Context,
    attributes: AttributeSet?,
) : ScrollView(context, attributes) {
    override fun onMeasure(
        widthMeasureSpec: Int,
        heightMeasureSpec: Int,
    ) {
        val cap = (MeasureSpec.getSize(heightMeasureSpec) * SHARE).toInt()
        super.onMeasure(widthMeasureSpec, MeasureSpec.makeMeasureSpec(cap, MeasureSpec.AT_MOST))
    }

    private companion object {
        const val SHARE = 0.45f
    }
}
