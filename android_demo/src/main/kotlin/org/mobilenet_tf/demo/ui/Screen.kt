package org.mobilenet_tf.demo.ui

import android.graphics.Bitmap
import android.view.View
import android.widget.TextView
import org.mobilenet_tf.demo.R
import org.mobilenet_tf.demo.camera.FramePoint
import org.mobilenet_tf.demo.camera.PreviewView
import org.mobilenet_tf.demo.core.Fit
import org.mobilenet_tf.demo.core.Reading
import java.text.NumberFormat
import java.util.Locale

/** What a person does on the screen. */
interface ScreenActions {
    fun switchCamera()

    fun openPicture()

    fun closePicture()

    fun openSettings()

    fun switchTorch()

    fun focus(point: FramePoint)

    fun share()

    /** An embedding's: what the model sees is to be found again. */
    fun remember()

    fun forgetRemembered()

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
    private val picture: PictureView = root.findViewById(R.id.picture)
    private val results = ResultsArea(root, actions)
    private val latency = LatencyView(root.findViewById(R.id.latency))
    private val message = MessageView(root.findViewById(R.id.message))
    private val areas: AreasLayout = root.findViewById(R.id.areas)
    private val details = Details(root)
    private val topBar = TopBar(root, actions)
    private val starting: View = root.findViewById(R.id.starting)
    private val running: TextView = root.findViewById(R.id.running)
    private val frames: TextView = root.findViewById(R.id.frames)
    private val notice: View = root.findViewById(R.id.notice)
    private val noticeText: TextView = root.findViewById(R.id.notice_text)
    private val context = root.context
    private var thumbnail: Bitmap? = null

    /** What the results' height depends on. */
    private var shown: List<Any?>? = null

    /** The settings are open, in the place of the measurements. */
    var settingsOpen: Boolean
        get() = details.settingsOpen
        set(value) {
            details.settingsOpen = value
            areas.forgetHeights()
        }

    init {
        preview.onTap = actions::focus
        root.findViewById<View>(R.id.dismiss_notice).setOnClickListener { actions.dismissNotice() }
        padForBars()
    }

    fun render(state: ScreenState) {
        val content = state.content
        val inPicture = content is ScreenContent.Picture || content is ScreenContent.PictureProblem
        val live = content is ScreenContent.Starting || content is ScreenContent.Live
        val working = live || content is ScreenContent.Picture
        val sizing = listOf(state.model.file, state.choice, (content as? ScreenContent.Picture)?.second?.model)
        if (shown != sizing) areas.forgetHeights()
        shown = sizing
        root.keepScreenOn = state.keepScreenOn
        topBar.render(state, inPicture)
        renderWhatTheModelSees(content, state.model.fit)
        // A camera that opens needs its surface, which only a visible preview has.
        preview.visibility = if (live) View.VISIBLE else View.INVISIBLE
        picture.visibility = visible(content is ScreenContent.Picture)
        starting.visibility = visible(content is ScreenContent.Starting)
        results.visible = working
        details.measured = working
        renderThumbnail((content as? ScreenContent.Picture)?.thumbnail)
        renderNotice(state.notice)
        running.text = state.model.running
        when (content) {
            is ScreenContent.Live -> renderLive(content.reading, state)
            is ScreenContent.Picture -> renderPicture(content, state)
            is ScreenContent.Starting -> renderStarting(state)
            else -> renderMessage(content)
        }
    }

    private fun renderWhatTheModelSees(
        content: ScreenContent,
        fit: Fit,
    ) {
        val cropped = fit == Fit.CROP
        preview.cropped = cropped
        picture.cropped = cropped
        preview.show((content as? ScreenContent.Live)?.reading?.boxes.orEmpty())
        val found = content as? ScreenContent.Picture
        picture.show(found?.reading?.boxes.orEmpty(), found?.second?.answer?.reading?.boxes.orEmpty())
        val ofPreview = if (cropped) R.string.preview_description else R.string.preview_description_whole
        val ofPicture = if (cropped) R.string.picture_description else R.string.picture_description_whole
        preview.contentDescription = context.getString(ofPreview)
        picture.contentDescription = context.getString(ofPicture)
    }

    private fun renderThumbnail(bitmap: Bitmap?) {
        if (bitmap != thumbnail) picture.setImageBitmap(bitmap)
        thumbnail = bitmap
    }

    private fun renderStarting(state: ScreenState) {
        renderResults(null, state, live = true)
        frames.text = null
    }

    private fun renderLive(
        reading: Reading?,
        state: ScreenState,
    ) {
        renderResults(reading, state, live = true)
        frames.text = framesText(reading, state.framesPerSecond)
    }

    private fun framesText(
        reading: Reading?,
        framesPerSecond: Double?,
    ): String {
        val whole = NumberFormat.getIntegerInstance()
        val classified = whole.format(reading?.frames ?: 0)
        val dropped = whole.format(reading?.dropped ?: 0)
        if (framesPerSecond == null) return context.getString(R.string.frames, classified, dropped)
        val rate = String.format(Locale.getDefault(), "%.1f", framesPerSecond)
        return context.getString(R.string.frames_a_second, classified, rate, dropped)
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
        results.render(reading, state, live)
        latency.show(reading?.latencies, percentiles = live)
    }

    private fun renderMessage(content: ScreenContent) {
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
            is ScreenContent.Starting, is ScreenContent.Live, is ScreenContent.Picture -> message.hide()
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
            listOf(R.id.measurements_content, R.id.message_content, R.id.settings_content)
                .map { Padding(root.findViewById(it)) }
        onBars(root) { bars ->
            sides.add(left = bars.left, right = bars.right)
            top.add(top = bars.top)
            bottoms.forEach { it.add(bottom = bars.bottom) }
            areas.bottomInset = bars.bottom
        }
    }
}
