package org.mobilenet_tf.demo.ui

import android.view.View
import android.widget.ImageView
import android.widget.TextView
import org.mobilenet_tf.demo.R

/** The model's title and the buttons above the camera. */
internal class TopBar(
    root: View,
    actions: ScreenActions,
) {
    private val context = root.context
    private val title: TextView = root.findViewById(R.id.title)
    private val file: TextView = root.findViewById(R.id.file)
    private val back: View = root.findViewById(R.id.back)
    private val torch: ImageView = root.findViewById(R.id.torch)
    private val switchCamera: View = root.findViewById(R.id.switch_camera)

    init {
        back.setOnClickListener { actions.closePicture() }
        torch.setOnClickListener { actions.switchTorch() }
        switchCamera.setOnClickListener { actions.switchCamera() }
        root.findViewById<View>(R.id.open_picture).setOnClickListener { actions.openPicture() }
        root.findViewById<View>(R.id.open_settings).setOnClickListener { actions.openSettings() }
    }

    fun render(
        state: ScreenState,
        inPicture: Boolean,
    ) {
        title.text = state.model.title ?: context.getString(R.string.app_name)
        file.text = state.model.file
        file.visibility = visible(state.model.file != null)
        back.visibility = visible(inPicture)
        switchCamera.visibility = visible(state.canSwitchCamera && !inPicture)
        renderTorch(state.torch.takeUnless { inPicture })
    }

    private fun renderTorch(on: Boolean?) {
        torch.visibility = visible(on != null)
        if (on == null) return
        torch.contentDescription = context.getString(if (on) R.string.torch_off else R.string.torch_on)
        torch.setColorFilter(context.getColor(if (on) R.color.card_bar else R.color.on_stage))
    }

    private fun visible(shown: Boolean) = if (shown) View.VISIBLE else View.GONE
}
