package org.mobilenet_tf.demo.ui

import android.graphics.Bitmap
import android.view.View
import android.widget.ImageView
import android.widget.TextView
import org.mobilenet_tf.demo.R
import org.mobilenet_tf.demo.camera.PreviewView
import org.mobilenet_tf.demo.core.Reading
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
    private val contentView: View = root.findViewById(R.id.content)
    private val title: TextView = root.findViewById(R.id.title)
    private val running: TextView = root.findViewById(R.id.running)
    private val frames: TextView = root.findViewById(R.id.frames)
    private val notice: View = root.findViewById(R.id.notice)
    private val noticeText: TextView = root.findViewById(R.id.notice_text)
    private val back: View = root.findViewById(R.id.back)
    private val switchCamera: View = root.findViewById(R.id.switch_camera)
    private val context = root.context
    private var thumbnail: Bitmap? = null

    /** In portrait the measurements are below the camera, in landscape next to it. */
    private val portrait = root.findViewById<View>(R.id.panel) is CappedScrollView

    init {
        back.setOnClickListener { actions.closePicture() }
        switchCamera.setOnClickListener { actions.switchCamera() }
        root.findViewById<View>(R.id.open_picture).setOnClickListener { actions.openPicture() }
        root.findViewById<View>(R.id.open_settings).setOnClickListener { actions.openSettings() }
        root.findViewById<View>(R.id.dismiss_notice).setOnClickListener { actions.dismissNotice() }
        padForBars()
        // In portrait a picture is above the results; the camera's frame fills the whole height.
        if (portrait) {
            root.findViewById<View>(R.id.results).addOnLayoutChangeListener { _, _, top, _, bottom, _, _, _, _ ->
                picture.setPadding(0, 0, 0, bottom - top)
            }
        }
    }

    fun render(state: ScreenState) {
        val content = state.content
        val inPicture = content is ScreenContent.Picture || content is ScreenContent.PictureProblem
        title.text = state.title?.let(::breakable) ?: context.getString(R.string.app_name)
        switchCamera.visibility = visible(state.canSwitchCamera && !inPicture)
        back.visibility = visible(inPicture)
        preview.visibility = if (inPicture) View.INVISIBLE else View.VISIBLE
        picture.visibility = visible(inPicture)
        renderThumbnail((content as? ScreenContent.Picture)?.thumbnail)
        renderNotice(state.notice)
        when (content) {
            is ScreenContent.Live -> renderLive(content.reading, state)
            is ScreenContent.Picture -> renderPicture(content, state)
            else -> renderMessage(content)
        }
    }

    private fun renderThumbnail(bitmap: Bitmap?) {
        if (bitmap != thumbnail) picture.setImageBitmap(bitmap)
        thumbnail = bitmap
    }

    private fun renderLive(
        reading: Reading?,
        state: ScreenState,
    ) {
        renderResults(reading, state, live = true)
        val counts = NumberFormat.getIntegerInstance()
        frames.text =
            context.getString(
                R.string.frames,
                counts.format(reading?.frames ?: 0),
                counts.format(reading?.dropped ?: 0),
            )
    }

    private fun renderPicture(
        content: ScreenContent.Picture,
        state: ScreenState,
    ) {
        renderResults(content.reading, state, live = false)
        frames.text = content.reduction?.let { context.getString(R.string.picture_reduced, it.megapixels, it.factor) }
    }

    private fun renderResults(
        reading: Reading?,
        state: ScreenState,
        live: Boolean,
    ) {
        message.hide()
        contentView.visibility = View.VISIBLE
        results.show(reading?.takeIf { it.frames > 0 }?.best, state.thresholdPercent, live)
        latency.show(reading?.latencies, percentiles = live)
        running.text = state.running
    }

    private fun renderMessage(content: ScreenContent) {
        // A camera that opens needs its surface, which only a visible preview has.
        contentView.visibility = if (content == ScreenContent.Starting) View.VISIBLE else View.INVISIBLE
        when (content) {
            is ScreenContent.PermissionNeeded -> renderPermission(content.canAsk)
            ScreenContent.NoCamera -> show(R.string.no_camera_title, R.string.no_camera_text, choosePicture)
            ScreenContent.CameraInUse ->
                show(
                    R.string.camera_in_use_title,
                    R.string.camera_in_use_text,
                    tryAgain,
                    choosePicture,
                )
            is ScreenContent.CameraFailed -> {
                val text = context.getString(R.string.camera_failed_text, content.reason)
                message.show(R.string.camera_failed_title, text, tryAgain, choosePicture)
            }
            is ScreenContent.ModelProblem -> message.show(R.string.model_problem_title, content.sentence, chooseModel)
            is ScreenContent.PictureProblem ->
                message.show(R.string.picture_problem_title, content.sentence, choosePicture, backToCamera)
            is ScreenContent.Measuring -> message.show(content)
            ScreenContent.Starting, is ScreenContent.Live, is ScreenContent.Picture ->
                message.show(
                    R.string.starting,
                    null,
                )
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
                R.string.permission_text_permanent,
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
            if (!portrait) stage.add(bottom = bars.bottom)
        }
    }
}
