package org.mobilenet_tf.demo.ui

import org.junit.Assert.assertEquals
import org.junit.Assert.assertFalse
import org.junit.Assert.assertTrue
import org.junit.Test
import org.mobilenet_tf.demo.camera.CameraProblem

class ScreenStateTest {
    private val camera = CameraState(permission = Permission.GRANTED, count = 2, started = true)
    private val model = ModelState("m", "CPU", choice = ResultChoice(3, 5), title = "Model M", open = true)
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
        val expected =
            ScreenState(
                ScreenContent.Live(null),
                ModelText("Model M", "m", "CPU"),
                "GPU is off",
                canSwitchCamera = true,
                choice = ResultChoice(3, 5),
                keepScreenOn = true,
            )
        assertEquals(expected, screen)
        assertFalse(screenState(AppState(camera.copy(count = 1), model)).canSwitchCamera)
    }

    @Test
    fun title_whenTheArchitectureIsKnown_thenAsItsPaperWritesIt() {
        assertEquals("MobileNet V1", archTitle("mobilenet_v1"))
        assertEquals("MobileNet V3 small", archTitle("mobilenet_v3_small"))
        assertEquals("ShuffleNet V1 g8", archTitle("shufflenet_v1_g8"))
        assertEquals("EfficientNet B0", archTitle("efficientnet_b0"))
        assertEquals("SSDLite MobileNet V2", archTitle("ssdlite_mobilenet_v2"))
        assertEquals("My own net", archTitle("my_own-net"))
    }

    @Test
    fun frameRate_whenCountsAreReadNowAndThen_thenOfTheLastSeconds() {
        val rate = FrameRate()
        assertEquals(null, rate.update(0, 0))
        assertEquals(null, rate.update(5, 500))
        assertEquals(10.0, requireNotNull(rate.update(10, 1000)), 1e-9)
        for (second in 2..10) rate.update(10L + 20 * (second - 1), 1000L * second)
        assertEquals(20.0, requireNotNull(rate.update(210, 11_000)), 1e-9)
        assertEquals(null, rate.update(1, 11_200)) // another model was opened
    }

    @Test
    fun arrangement_whenTheWindowIs_thenByItsShape() {
        assertEquals(Arrangement.COLUMN, arrangementOf(360f, 720f))
        assertEquals(Arrangement.ROW, arrangementOf(400f, 280f))
        assertEquals(Arrangement.BAND, arrangementOf(800f, 1200f))
        assertEquals(listOf(200f, 320f, 360f), listOf(400f, 800f, 1000f).map(::sideWidth))
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
