package org.mobilenet_tf.demo.ui

import android.graphics.Bitmap
import org.mobilenet_tf.demo.core.Reading

/**
 * Everything that the screen shows.
 *
 * title: the model's name. running: accelerator, threads and input of the model. notice: a sentence above the content.
 * canSwitchCamera: there are several cameras.
 */
data class ScreenState(
    val content: ScreenContent,
    val title: String? = null,
    val running: String? = null,
    val notice: String? = null,
    val canSwitchCamera: Boolean = false,
    val thresholdPercent: Int = 0,
)

/** The main part of the screen: one of these at a time. */
sealed interface ScreenContent {
    /** Models are read and the camera opens. */
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

    /** A picture from the gallery. thumbnail: null until it is decoded; reading: null until it is classified. */
    data class Picture(
        val thumbnail: Bitmap?,
        val reading: Reading?,
        val reduction: Reduction?,
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
