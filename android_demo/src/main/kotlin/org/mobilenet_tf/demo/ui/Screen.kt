package org.mobilenet_tf.demo.ui

import android.graphics.Bitmap
import android.view.View
import android.widget.ImageView
import android.widget.TextView
import org.mobilenet_tf.demo.R
import org.mobilenet_tf.demo.camera.PreviewView
import org.mobilenet_tf.demo.camera.Reading
import java.text.NumberFormat

/** What a person does on the screen. */
interface ScreenActions {
    fun switchCamera()

    fun openPicture()

    fun closePicture()

    fun openSettings()

    fun allowCamera()

    fun openAppSettings()

    fun tryAgain()

    fun dismissNotice()
}

/** What stands beside the state. title: of the model; running: what it runs on; notice: why an accelerator is off. */
data class Surroundings(
    val title: String?,
    val running: String?,
    val notice: String?,
    val cameras: Int,
    val thresholdPercent: Int,
)

/** Draws a ScreenState into the views of layout/main.xml. */
class Screen(
    private val root: View,
    private val actions: ScreenActions,
) {
    val preview: PreviewView = root.findViewById(R.id.preview)
    private val picture: ImageView = root.findViewById(R.id.picture)
    private val results = ResultsView(root.findViewById(R.id.results))
    private val latency = LatencyView(root.findViewById(R.id.latency))
    private val message = MessageView(root.findViewById(R.id.message))
    private val content: View = root.findViewById(R.id.content)
    private val title: TextView = root.findViewById(R.id.title)
    private val running: TextView = root.findViewById(R.id.running)
    private val frames: TextView = root.findViewById(R.id.frames)
    private val notice: View = root.findViewById(R.id.notice)
    private val noticeText: TextView = root.findViewById(R.id.notice_text)
    private val back: View = root.findViewById(R.id.back)
    private val switchCamera: View = root.findViewById(R.id.switch_camera)
    private val context = root.context

    /** In portrait the measurements are below the camera, in landscape beside it. */
    private val stacked = root.findViewById<View>(R.id.panel) is CappedScrollView

    init {
        back.setOnClickListener { actions.closePicture() }
        switchCamera.setOnClickListener { actions.switchCamera() }
        root.findViewById<View>(R.id.open_picture).setOnClickListener { actions.openPicture() }
        root.findViewById<View>(R.id.open_settings).setOnClickListener { actions.openSettings() }
        root.findViewById<View>(R.id.dismiss_notice).setOnClickListener { actions.dismissNotice() }
        padForBars()
        // A picture stands above the results where there is room for both; the camera's frame takes all of it.
        if (stacked) {
            root.findViewById<View>(R.id.results).addOnLayoutChangeListener { _, _, top, _, bottom, _, _, _, _ ->
                picture.setPadding(0, 0, 0, bottom - top)
            }
        }
    }

    fun showPicture(bitmap: Bitmap?) = picture.setImageBitmap(bitmap)

    fun render(
        state: ScreenState,
        beside: Surroundings,
    ) {
        val inPicture = state is ScreenState.Picture || state is ScreenState.PictureProblem
        title.text = beside.title?.let(::breakable) ?: context.getString(R.string.app_name)
        switchCamera.visibility = visible(beside.cameras > 1 && !inPicture)
        back.visibility = visible(inPicture)
        preview.visibility = if (inPicture) View.INVISIBLE else View.VISIBLE
        picture.visibility = visible(inPicture)
        renderNotice(beside.notice)
        when (state) {
            is ScreenState.Live -> renderLive(state.reading, beside)
            is ScreenState.Picture -> renderPicture(state, beside)
            else -> renderMessage(state)
        }
    }

    private fun renderLive(
        reading: Reading?,
        beside: Surroundings,
    ) {
        renderResults(reading, beside, spread = true)
        val counts = NumberFormat.getIntegerInstance()
        frames.text =
            context.getString(
                R.string.frames,
                counts.format(reading?.frames ?: 0),
                counts.format(reading?.dropped ?: 0),
            )
    }

    private fun renderPicture(
        state: ScreenState.Picture,
        beside: Surroundings,
    ) {
        renderResults(state.reading, beside, spread = false)
        frames.text = state.note?.let { context.getString(R.string.picture_reduced, it.megapixels, it.factor) }
    }

    private fun renderResults(
        reading: Reading?,
        beside: Surroundings,
        spread: Boolean,
    ) {
        message.hide()
        content.visibility = View.VISIBLE
        results.show(reading?.takeIf { it.frames > 0 }?.best, beside.thresholdPercent, live = spread)
        latency.show(reading?.stages, spread)
        running.text = beside.running
    }

    private fun renderMessage(state: ScreenState) {
        // A camera that opens needs its surface, which only a visible preview has.
        content.visibility = if (state == ScreenState.Starting) View.VISIBLE else View.INVISIBLE
        when (state) {
            is ScreenState.PermissionNeeded -> renderPermission(state.canAsk)
            ScreenState.NoCamera -> show(R.string.no_camera_title, R.string.no_camera_text, choosePicture)
            ScreenState.CameraTaken ->
                show(
                    R.string.camera_taken_title,
                    R.string.camera_taken_text,
                    tryAgain,
                    choosePicture,
                )
            is ScreenState.CameraFailed -> {
                val text = context.getString(R.string.camera_failed_text, state.reason)
                message.show(R.string.camera_failed_title, text, tryAgain, choosePicture)
            }
            is ScreenState.ModelProblem -> message.show(R.string.model_problem_title, state.sentence, chooseModel)
            is ScreenState.PictureProblem ->
                message.show(R.string.picture_problem_title, state.sentence, choosePicture, backToCamera)
            is ScreenState.Measuring -> message.show(state)
            ScreenState.Starting, is ScreenState.Live, is ScreenState.Picture -> message.show(R.string.starting, null)
        }
    }

    private fun renderPermission(canAsk: Boolean) =
        if (canAsk) {
            show(
                R.string.permission_title,
                R.string.permission_text,
                Action(R.string.allow_camera, actions::allowCamera),
                choosePicture,
            )
        } else {
            show(
                R.string.permission_title,
                R.string.permission_text_for_good,
                Action(R.string.open_app_settings, actions::openAppSettings),
                choosePicture,
            )
        }

    private val choosePicture = Action(R.string.choose_picture, actions::openPicture)
    private val tryAgain = Action(R.string.try_again, actions::tryAgain)
    private val chooseModel = Action(R.string.choose_model, actions::openSettings)
    private val backToCamera = Action(R.string.back_to_camera, actions::closePicture)

    private fun show(
        title: Int,
        text: Int,
        vararg offered: Action,
    ) = message.show(title, context.getString(text), *offered)

    private fun renderNotice(sentence: String?) {
        if (noticeText.text.toString() != sentence.orEmpty()) noticeText.text = sentence
        notice.visibility = visible(sentence != null)
    }

    private fun visible(shown: Boolean) = if (shown) View.VISIBLE else View.GONE

    private fun padForBars() {
        val top = Padding(root.findViewById(R.id.top_bar))
        val sides = Padding(root)
        val bottoms =
            listOf(R.id.measurements, R.id.message_content, R.id.settings_content)
                .map { Padding(root.findViewById(it)) }
        val stage = Padding(root.findViewById(R.id.stage))
        onBars(root) { bars ->
            sides.add(left = bars.left, right = bars.right)
            top.add(top = bars.top)
            bottoms.forEach { it.add(bottom = bars.bottom) }
            if (!stacked) stage.add(bottom = bars.bottom)
        }
    }
}
