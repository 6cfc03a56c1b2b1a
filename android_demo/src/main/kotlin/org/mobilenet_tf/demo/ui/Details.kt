package org.mobilenet_tf.demo.ui

import android.view.View
import org.mobilenet_tf.demo.R

/** The area of the measurements, whose place the settings take while they are open. */
internal class Details(
    root: View,
) {
    private val area: View = root.findViewById(R.id.details)
    private val measurements: View = root.findViewById(R.id.measurements)
    private val settings: View = root.findViewById(R.id.settings)

    var settingsOpen = false
        set(value) {
            field = value
            update()
        }

    /** There is something to measure: neither the camera nor the model has a problem. */
    var measured = false
        set(value) {
            field = value
            update()
        }

    private fun update() {
        settings.visibility = if (settingsOpen) View.VISIBLE else View.GONE
        measurements.visibility = if (measured && !settingsOpen) View.VISIBLE else View.GONE
        area.visibility = if (measured || settingsOpen) View.VISIBLE else View.GONE
    }
}
