package org.mobilenet_tf.demo.ui

import android.graphics.Bitmap
import org.mobilenet_tf.demo.camera.CameraProblem
import org.mobilenet_tf.demo.camera.SecondAnswer
import org.mobilenet_tf.demo.core.Fit
import org.mobilenet_tf.demo.core.Reading

/** UNKNOWN: the system was not asked yet. */
enum class Permission { UNKNOWN, GRANTED, REFUSED, REFUSED_PERMANENTLY }

/** count: cameras of the device; null before they were counted. torch: whether it shines; null if there is none. */
data class CameraState(
    val permission: Permission = Permission.UNKNOWN,
    val count: Int? = null,
    val problem: CameraProblem? = null,
    val started: Boolean = false,
    val torch: Boolean? = null,
)

/**
 * The model that the settings name. title: what a person calls it. fit: how it takes a picture. reading: of the camera's
 * frames. problem: why the model does not run.
 */
data class ModelState(
    val name: String? = null,
    val running: String? = null,
    val choice: ResultChoice = ResultChoice(),
    val title: String? = null,
    val fit: Fit = Fit.CROP,
    val open: Boolean = false,
    val problem: String? = null,
    val reading: Reading? = null,
)

/** The picture that is open in place of the camera. second: what the second model answers. */
data class PictureState(
    val thumbnail: Bitmap? = null,
    val reading: Reading? = null,
    val reduction: Reduction? = null,
    val problem: String? = null,
    val second: SecondAnswer? = null,
)

/**
 * What the parts of the app report. picture: null if the camera is on. second: the model that runs pictures beside the
 * first; null if none is chosen. notice: a sentence that a person can dismiss. framesPerSecond: null before it is known.
 * keepScreenOn: a person wants it.
 */
data class AppState(
    val camera: CameraState = CameraState(),
    val model: ModelState = ModelState(),
    val picture: PictureState? = null,
    val second: SecondText? = null,
    val notice: String? = null,
    val framesPerSecond: Double? = null,
    val keepScreenOn: Boolean = true,
)

/** The one screen that an app state leads to. */
fun screenState(app: AppState): ScreenState {
    val content = if (app.picture == null) cameraContent(app) else pictureContent(app, app.picture)
    val model = app.model
    return ScreenState(
        content = content,
        model = modelText(model),
        notice = app.notice,
        canSwitchCamera = (app.camera.count ?: 0) > 1,
        torch = app.camera.torch,
        choice = model.choice,
        framesPerSecond = app.framesPerSecond,
        // A camera that runs shows something new although nobody touches the screen.
        keepScreenOn = app.keepScreenOn && content is ScreenContent.Live,
    )
}

private fun modelText(model: ModelState) =
    ModelText(model.title ?: model.name, model.name.takeIf { model.title != null }, model.running, model.fit)

/** What keeps everything from working comes first. */
private fun cameraContent(app: AppState): ScreenContent {
    val camera = app.camera
    val model = app.model
    return when {
        camera.count == 0 -> ScreenContent.NoCamera
        camera.permission == Permission.REFUSED -> ScreenContent.PermissionNeeded(canAsk = true)
        camera.permission == Permission.REFUSED_PERMANENTLY -> ScreenContent.PermissionNeeded(canAsk = false)
        camera.problem == CameraProblem.InUse -> ScreenContent.CameraInUse
        camera.problem is CameraProblem.Failed -> ScreenContent.CameraFailed(camera.problem.reason)
        model.problem != null -> ScreenContent.ModelProblem(model.problem)
        model.open && camera.started -> ScreenContent.Live(model.reading)
        else -> ScreenContent.Starting
    }
}

private fun pictureContent(
    app: AppState,
    picture: PictureState,
): ScreenContent =
    when {
        app.model.problem != null -> ScreenContent.ModelProblem(app.model.problem)
        picture.problem != null -> ScreenContent.PictureProblem(picture.problem)
        else -> {
            val column = columnOf(app.second, picture)
            ScreenContent.Picture(picture.thumbnail, picture.reading, picture.reduction, column)
        }
    }

/** A folder that cannot be used has its reason without a picture. */
private fun columnOf(
    second: SecondText?,
    picture: PictureState,
): SecondColumn? {
    if (second == null) return null
    return SecondColumn(second, if (second.problem == null) picture.second else SecondAnswer(problem = second.problem))
}
