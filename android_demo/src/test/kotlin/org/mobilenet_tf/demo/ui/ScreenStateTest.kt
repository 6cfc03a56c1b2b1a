package org.mobilenet_tf.demo.ui

import org.junit.Assert.assertEquals
import org.junit.Assert.assertFalse
import org.junit.Assert.assertTrue
import org.junit.Test
import org.mobilenet_tf.demo.camera.CameraProblem

class ScreenStateTest {
    private val camera = CameraState(permission = Permission.GRANTED, count = 2, started = true)
    private val model = ModelState(name = "m", running = "CPU", thresholdPercent = 5, open = true)
    private val working = AppState(camera, model)

    private fun contentOf(app: AppState) = screenState(app).content

    private fun withCamera(camera: CameraState) = contentOf(AppState(camera, model))

    private fun withModel(model: ModelState) = contentOf(AppState(camera, model))

    @Test
    fun starting_whenNothingIsKnown_thenStarting() = assertEquals(ScreenContent.Starting, contentOf(AppState()))

    @Test
    fun live_whenCameraAndModelRun_thenLive() = assertEquals(ScreenContent.Live(null), contentOf(working))

    @Test
    fun starting_whenTheModelIsNotOpenYet_thenStarting() =
        assertEquals(ScreenContent.Starting, withModel(model.copy(open = false)))

    @Test
    fun permission_whenRefused_thenBeforeAllOfTheCamera() {
        val refused = camera.copy(permission = Permission.REFUSED, problem = CameraProblem.InUse)
        assertEquals(ScreenContent.PermissionNeeded(canAsk = true), withCamera(refused))
        val permanently = refused.copy(permission = Permission.REFUSED_PERMANENTLY)
        assertEquals(ScreenContent.PermissionNeeded(canAsk = false), withCamera(permanently))
    }

    @Test
    fun noCamera_whenPermissionIsRefusedToo_thenNoCamera() =
        assertEquals(ScreenContent.NoCamera, withCamera(CameraState(permission = Permission.REFUSED, count = 0)))

    @Test
    fun camera_whenInUseOrFailed_thenSaysSo() {
        assertEquals(ScreenContent.CameraInUse, withCamera(camera.copy(problem = CameraProblem.InUse)))
        val failed = camera.copy(problem = CameraProblem.Failed("unplugged"))
        assertEquals(ScreenContent.CameraFailed("unplugged"), withCamera(failed))
    }

    @Test
    fun model_whenItHasAProblem_thenItsSentence() =
        assertEquals(ScreenContent.ModelProblem("no"), withModel(model.copy(problem = "no")))

    @Test
    fun picture_whenOpen_thenNoCameraIsNeeded() {
        val app = AppState(CameraState(count = 0), model, PictureState())
        assertEquals(ScreenContent.Picture(null, null, null), contentOf(app))
        assertEquals(
            ScreenContent.PictureProblem("empty"),
            contentOf(app.copy(picture = PictureState(problem = "empty"))),
        )
        val broken = model.copy(problem = "no")
        assertEquals(ScreenContent.ModelProblem("no"), contentOf(app.copy(model = broken)))
    }

    @Test
    fun screen_whenAnyContent_thenTitleNoticeAndSettingsAreOnIt() {
        val screen = screenState(working.copy(notice = "GPU is off"))
        assertEquals(ScreenState(ScreenContent.Live(null), "m", "CPU", "GPU is off", true, 5), screen)
        assertFalse(screenState(AppState(camera.copy(count = 1), model)).canSwitchCamera)
    }

    @Test
    fun announcement_whenBestClassChangesFast_thenDelayed() {
        val throttle = AnnouncementThrottle(minIntervalMs = 2000)
        assertTrue(throttle.shouldAnnounce("cat", 0))
        assertFalse(throttle.shouldAnnounce("cat", 5000))
        assertTrue(throttle.shouldAnnounce("dog", 5000))
        assertFalse(throttle.shouldAnnounce("cat", 5500))
        assertTrue(throttle.shouldAnnounce("cat", 7000))
    }
}
