package org.mobilenet_tf.demo.ui

import org.mobilenet_tf.demo.camera.CameraProblem
import org.mobilenet_tf.demo.camera.Reading

/** What the screen shows: one of these at a time. */
sealed interface ScreenState {
    /** Models are read and the camera opens. */
    data object Starting : ScreenState

    /** canAsk: the system still shows its question; else the permission is given in the system's settings. */
    data class PermissionNeeded(
        val canAsk: Boolean,
    ) : ScreenState

    data object NoCamera : ScreenState

    data object CameraTaken : ScreenState

    data class CameraFailed(
        val reason: String,
    ) : ScreenState

    data class ModelProblem(
        val sentence: String,
    ) : ScreenState

    /** The camera's frames; reading is null until the first was classified. */
    data class Live(
        val reading: Reading?,
    ) : ScreenState

    /** A picture from the gallery; reading is null until it was classified. note: what a person should know of it. */
    data class Picture(
        val reading: Reading?,
        val note: Note?,
    ) : ScreenState

    data class PictureProblem(
        val sentence: String,
    ) : ScreenState

    /** The headless benchmark: no camera. */
    data class Measuring(
        val what: String,
    ) : ScreenState
}

/** The picture was read at 1/factor of its size. */
data class Note(
    val megapixels: Int,
    val factor: Int,
)

enum class Permission { UNKNOWN, GRANTED, REFUSED, REFUSED_FOR_GOOD }

/** What is known, piece by piece, as the parts tell it. */
data class Facts(
    val permission: Permission = Permission.UNKNOWN,
    val cameras: Int? = null,
    val cameraProblem: CameraProblem? = null,
    val cameraStarted: Boolean = false,
    val modelProblem: String? = null,
    val modelOpen: Boolean = false,
    val reading: Reading? = null,
    val picture: PictureFacts? = null,
)

/** Of the picture that is open in place of the camera. */
data class PictureFacts(
    val reading: Reading? = null,
    val note: Note? = null,
    val problem: String? = null,
)

/** The one state that these facts make: what keeps everything from working comes first. */
fun screenState(facts: Facts): ScreenState =
    when {
        facts.picture != null -> pictureState(facts, facts.picture)
        facts.cameras == 0 -> ScreenState.NoCamera
        facts.permission == Permission.REFUSED -> ScreenState.PermissionNeeded(canAsk = true)
        facts.permission == Permission.REFUSED_FOR_GOOD -> ScreenState.PermissionNeeded(canAsk = false)
        facts.cameraProblem == CameraProblem.Taken -> ScreenState.CameraTaken
        facts.cameraProblem is CameraProblem.Failed -> ScreenState.CameraFailed(facts.cameraProblem.reason)
        facts.modelProblem != null -> ScreenState.ModelProblem(facts.modelProblem)
        facts.modelOpen && facts.cameraStarted -> ScreenState.Live(facts.reading)
        else -> ScreenState.Starting
    }

private fun pictureState(
    facts: Facts,
    picture: PictureFacts,
): ScreenState =
    when {
        facts.modelProblem != null -> ScreenState.ModelProblem(facts.modelProblem)
        picture.problem != null -> ScreenState.PictureProblem(picture.problem)
        else -> ScreenState.Picture(picture.reading, picture.note)
    }
