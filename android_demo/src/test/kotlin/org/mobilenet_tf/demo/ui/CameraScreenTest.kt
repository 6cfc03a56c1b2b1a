package org.mobilenet_tf.demo.ui

import android.Manifest
import android.app.Activity
import android.content.Intent
import android.net.Uri
import android.view.MotionEvent
import android.view.View
import org.junit.Assert.assertEquals
import org.junit.Assert.assertFalse
import org.junit.Assert.assertTrue
import org.junit.Test
import org.mobilenet_tf.demo.AppTest
import org.mobilenet_tf.demo.PHOTO
import org.mobilenet_tf.demo.R
import org.mobilenet_tf.demo.camera.CameraProblem
import org.robolectric.Shadows.shadowOf
import java.util.concurrent.CountDownLatch

/** What a person does with the camera's screen, and what is on it afterwards. */
class CameraScreenTest : AppTest() {
    @Test
    fun back_whenNothingIsOpen_thenTheSystemsOwnAnimationLeavesTheApp() {
        startLive()
        pressBack()
        assertTrue(activity.isFinishing)
    }

    @Test
    fun back_whenAPictureIsOpen_thenTheCameraIsBack() {
        startLive()
        val uri = Uri.parse("content://gallery/1")
        shadowOf(app.contentResolver).registerInputStreamSupplier(uri) { PHOTO.inputStream() }
        click(R.id.open_picture)
        val request = shadowOf(activity).nextStartedActivityForResult.intent
        shadowOf(activity).receiveResult(request, Activity.RESULT_OK, Intent().setData(uri))
        settle()
        assertTrue(shown(R.id.back))
        pressBack()
        assertFalse(shown(R.id.back))
        assertFalse(activity.isFinishing)
    }

    @Test
    fun screen_whenTheCameraRuns_thenItStaysOnUnlessAPersonMinds() {
        start()
        waitFor("the live state") { title() == "" }
        assertTrue(view<View>(R.id.root).keepScreenOn)
        click(R.id.keep_screen_on)
        frame()
        assertFalse(view<View>(R.id.root).keepScreenOn)
        assertEquals(1, app.log.count { it.startsWith("engine opened") })
    }

    @Test
    fun screen_whenTheCameraDoesNotRun_thenItMayGoDark() {
        app.camera.problem = CameraProblem.InUse
        startWithModel()
        assertEquals("The camera is in use", title())
        assertFalse(view<View>(R.id.root).keepScreenOn)
    }

    @Test
    fun permission_whenRotatedBehindTheQuestion_thenItIsNotTakenForRefused() {
        deny()
        start()
        controller.recreate()
        settle()
        assertEquals("Starting…", title())
        shadowOf(app.packageManager).setShouldShowRequestPermissionRationale(Manifest.permission.CAMERA, true)
        answer(granted = false)
        assertEquals("The camera is not allowed", title())
        assertEquals("Allow the camera", text(R.id.message_action))
    }

    @Test
    fun camera_whenSwitched_thenTheOldClassesAreGone() {
        startLive()
        assertEquals(3, rows().size)
        click(R.id.switch_camera)
        settle()
        assertEquals(emptyList<String>(), rows())
        assertEquals("Classifying…", text(R.id.results_text))
        app.scores = listOf(0f, 0.8f)
        frame()
        assertEquals("consomme 80 %", rows().first())
    }

    @Test
    fun camera_whenSwitchedInMidFrame_thenThatFrameIsNotShown() {
        startLive()
        val gate = CountDownLatch(1)
        app.gate = gate
        assertTrue(app.camera.frame())
        waitFor("the inference") { "inference waits" in app.log }
        click(R.id.switch_camera)
        app.gate = null
        gate.countDown()
        waitFor("the frame") { app.log.count { it == "frame returned" } == 2 }
        settle()
        assertEquals(emptyList<String>(), rows())
    }

    @Test
    fun torch_whenPressed_thenItShinesUntilTheCameraIsSwitched() {
        startLive()
        click(R.id.torch)
        assertEquals("torch true", app.log.last())
        assertEquals("Switch the torch off", view<View>(R.id.torch).contentDescription)
        click(R.id.switch_camera) // the front camera has none
        assertFalse(shown(R.id.torch))
    }

    @Test
    fun preview_whenTouched_thenTheCameraFocusesThere() {
        startLive()
        val preview = view<View>(R.id.preview)
        val up = MotionEvent.obtain(0, 0, MotionEvent.ACTION_UP, preview.width / 2f, preview.height / 2f, 0)
        preview.dispatchTouchEvent(MotionEvent.obtain(0, 0, MotionEvent.ACTION_DOWN, up.x, up.y, 0))
        preview.dispatchTouchEvent(up)
        assertEquals("focus 0.5 0.5", app.log.last())
    }

    @Test
    fun share_whenPressed_thenTheClassesAndTheModelAreText() {
        startLive()
        click(R.id.share)
        val chooser = shadowOf(activity).nextStartedActivity

        @Suppress("DEPRECATION")
        val send = chooser.getParcelableExtra<Intent>(Intent.EXTRA_INTENT)
        assertEquals(
            "espresso: 90 %\nconsomme: 7 %\ncup: 1 %\n" +
                "MobileNet V1, small, int8 (mobilenet_v1_a0.50_r160_int8), on this phone",
            send?.getStringExtra(Intent.EXTRA_TEXT),
        )
    }
}
