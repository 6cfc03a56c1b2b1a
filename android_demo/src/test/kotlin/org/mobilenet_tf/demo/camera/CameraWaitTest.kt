package org.mobilenet_tf.demo.camera

import android.content.Context
import android.hardware.camera2.CameraManager
import android.os.Looper
import org.junit.Assert.assertEquals
import org.junit.Test
import org.junit.runner.RunWith
import org.mobilenet_tf.demo.TestApp
import org.robolectric.RobolectricTestRunner
import org.robolectric.RuntimeEnvironment
import org.robolectric.Shadows.shadowOf
import org.robolectric.annotation.Config
import java.time.Duration

/** The calls are those that the camera service makes. */
@RunWith(RobolectricTestRunner::class)
@Config(application = TestApp::class)
class CameraWaitTest {
    private val app: Context get() = RuntimeEnvironment.getApplication()
    private var tries = 0
    private val wait = CameraWait(app.getSystemService(CameraManager::class.java)) { tries++ }

    private fun waitFor(seconds: Long) = shadowOf(Looper.getMainLooper()).idleFor(Duration.ofSeconds(seconds))

    @Test
    fun maxCamerasInUse_whenAnotherCameraIsReturned_thenTriesAgain() {
        wait.start()
        wait.onCameraAvailable("0") // the one that is waited for was free all the time
        wait.onCameraUnavailable("1")
        waitFor(10)
        assertEquals(0, tries)
        wait.onCameraAvailable("1")
        assertEquals(1, tries)
    }

    @Test
    fun maxCamerasInUse_whenAllWereReturnedBefore_thenTriesAgain() {
        wait.start()
        wait.onCameraAvailable("0")
        wait.onCameraAvailable("1")
        waitFor(1)
        assertEquals(0, tries)
        waitFor(2)
        assertEquals(1, tries)
    }

    @Test
    fun inUse_whenAccessPrioritiesChange_thenTriesAgainOnce() {
        wait.start()
        wait.onCameraUnavailable("0")
        wait.onCameraAccessPrioritiesChanged()
        wait.onCameraAvailable("0")
        waitFor(10)
        assertEquals(1, tries)
    }

    @Test
    fun inUse_whenStopped_thenNoMoreTries() {
        wait.start()
        wait.onCameraUnavailable("0")
        wait.stop()
        wait.onCameraAvailable("0")
        waitFor(10)
        assertEquals(0, tries)
    }
}
