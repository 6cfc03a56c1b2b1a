package org.mobilenet_tf.demo.ui

import org.junit.Assert.assertEquals
import org.junit.Assert.assertFalse
import org.junit.Assert.assertTrue
import org.junit.Test
import org.mobilenet_tf.demo.camera.CameraProblem

class ScreenStateTest {
    private val working =
        Facts(permission = Permission.GRANTED, cameras = 2, cameraStarted = true, modelOpen = true)

    @Test
    fun starting_whenNothingIsKnown_thenStarting() = assertEquals(ScreenState.Starting, screenState(Facts()))

    @Test
    fun live_whenCameraAndModelRun_thenLive() = assertEquals(ScreenState.Live(null), screenState(working))

    @Test
    fun starting_whenTheModelIsNotOpenYet_thenStarting() =
        assertEquals(ScreenState.Starting, screenState(working.copy(modelOpen = false)))

    @Test
    fun permission_whenRefused_thenBeforeAllOfTheCamera() {
        val facts = working.copy(permission = Permission.REFUSED, cameraProblem = CameraProblem.Taken)
        assertEquals(ScreenState.PermissionNeeded(canAsk = true), screenState(facts))
        assertEquals(
            ScreenState.PermissionNeeded(canAsk = false),
            screenState(facts.copy(permission = Permission.REFUSED_FOR_GOOD)),
        )
    }

    @Test
    fun noCamera_whenPermissionIsRefusedToo_thenNoCamera() =
        assertEquals(ScreenState.NoCamera, screenState(Facts(permission = Permission.REFUSED, cameras = 0)))

    @Test
    fun camera_whenTakenOrFailed_thenSaysSo() {
        assertEquals(ScreenState.CameraTaken, screenState(working.copy(cameraProblem = CameraProblem.Taken)))
        val failed = working.copy(cameraProblem = CameraProblem.Failed("gone"))
        assertEquals(ScreenState.CameraFailed("gone"), screenState(failed))
    }

    @Test
    fun model_whenItHasAProblem_thenItsSentence() =
        assertEquals(ScreenState.ModelProblem("no"), screenState(working.copy(modelProblem = "no")))

    @Test
    fun picture_whenOpen_thenNoCameraIsNeeded() {
        val facts = Facts(cameras = 0, modelOpen = true, picture = PictureFacts())
        assertEquals(ScreenState.Picture(null, null), screenState(facts))
        assertEquals(
            ScreenState.PictureProblem("empty"),
            screenState(facts.copy(picture = PictureFacts(problem = "empty"))),
        )
        assertEquals(ScreenState.ModelProblem("no"), screenState(facts.copy(modelProblem = "no")))
    }

    @Test
    fun announcement_whenBestClassChangesFast_thenHeldBack() {
        val throttle = AnnouncementThrottle(minIntervalMs = 2000)
        assertTrue(throttle.shouldSay("cat", 0))
        assertFalse(throttle.shouldSay("cat", 5000))
        assertTrue(throttle.shouldSay("dog", 5000))
        assertFalse(throttle.shouldSay("cat", 5500))
        assertTrue(throttle.shouldSay("cat", 7000))
    }
}
