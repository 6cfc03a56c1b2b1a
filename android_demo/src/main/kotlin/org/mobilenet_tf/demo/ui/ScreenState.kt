package org.mobilenet_tf.demo.ui

import android.graphics.Bitmap
import org.mobilenet_tf.demo.camera.SecondAnswer
import org.mobilenet_tf.demo.core.Fit
import org.mobilenet_tf.demo.core.Reading

/**
 * Everything that the screen shows.
 *
 * notice: a sentence above the content. canSwitchCamera: there are several cameras. torch: whether it shines; null if the
 * camera has none. framesPerSecond: null before it is known.
 */
data class ScreenState(
    val content: ScreenContent,
    val model: ModelText = ModelText(),
    val notice: String? = null,
    val canSwitchCamera: Boolean = false,
    val torch: Boolean? = null,
    val choice: ResultChoice = ResultChoice(),
    val framesPerSecond: Double? = null,
    val keepScreenOn: Boolean = false,
)

/**
 * title: what a person calls the model. file: its file's name. running: its accelerator, threads and input. fit: how it
 * takes a picture.
 */
data class ModelText(
    val title: String? = null,
    val file: String? = null,
    val running: String? = null,
    val fit: Fit = Fit.CROP,
)

/**
 * The answers that a person wants to see: the best `most` of those with a score of at least thresholdPercent. Of tags at
 * 0 % those above their own thresholds.
 */
data class ResultChoice(
    val most: Int = 0,
    val thresholdPercent: Int = 0,
    val kind: AnswerKind = AnswerKind.CLASSES,
) {
    /**
     * For so many answers there is always room, so that the picture does not move: few tags of many are true, and not
     * more photos are similar than are remembered.
     */
    fun places(remembered: Int): Int =
        when (kind) {
            AnswerKind.CLASSES, AnswerKind.OBJECTS -> most
            AnswerKind.TAGS -> minOf(most, TAG_PLACES)
            AnswerKind.PHOTOS -> minOf(most, maxOf(remembered, 1))
        }

    private companion object {
        const val TAG_PLACES = 3
    }
}

/** The second model as a person knows it. file: its file's name. problem: why it cannot be used. */
data class SecondText(
    val title: String,
    val file: String,
    val choice: ResultChoice,
    val problem: String?,
)

/** What the second model answers, beside the first. answer: null until the picture was run. */
data class SecondColumn(
    val model: SecondText,
    val answer: SecondAnswer?,
)

/** The main part of the screen: one of these at a time. */
sealed interface ScreenContent {
    /** Models are read, or the camera opens: the last frame stays, dimmed. */
    data object Starting : ScreenContent

    /** canAsk: the system still shows its question; if not, the permission is given in the system's settings. */
    data class PermissionNeeded(
        val canAsk: Boolean,
    ) : ScreenContent

    data object NoCamera : ScreenContent

    data object CameraInUse : ScreenContent

    data class CameraFailed(
        val reason: String,
    ) : ScreenContent

    data class ModelProblem(
        val sentence: String,
    ) : ScreenContent

    /** The camera's frames. reading: null until the first was classified. */
    data class Live(
        val reading: Reading?,
    ) : ScreenContent

    /**
     * A picture from the gallery. thumbnail: null until it is decoded; reading: null until it is classified. second: null
     * if no second model is chosen.
     */
    data class Picture(
        val thumbnail: Bitmap?,
        val reading: Reading?,
        val reduction: Reduction?,
        val second: SecondColumn? = null,
    ) : ScreenContent

    data class PictureProblem(
        val sentence: String,
    ) : ScreenContent

    /** The benchmark, without a camera: what is being done, and the share of the whole that is done, from 0 to 1. */
    data class Measuring(
        val task: String,
        val share: Double,
    ) : ScreenContent
}

/** A picture of so many megapixels was read at 1/factor of its width and height. */
data class Reduction(
    val megapixels: Int,
    val factor: Int,
)
