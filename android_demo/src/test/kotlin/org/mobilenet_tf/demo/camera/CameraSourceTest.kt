package org.mobilenet_tf.demo.camera

import android.content.Context
import android.hardware.camera2.CameraAccessException
import android.hardware.camera2.CameraCharacteristics
import android.hardware.camera2.CameraDevice
import android.hardware.camera2.CameraManager
import android.os.Looper
import android.view.TextureView
import org.junit.Assert.assertEquals
import org.junit.Assert.assertTrue
import org.junit.Test
import org.junit.runner.RunWith
import org.mobilenet_tf.demo.TestApp
import org.robolectric.RobolectricTestRunner
import org.robolectric.RuntimeEnvironment
import org.robolectric.Shadows.shadowOf
import org.robolectric.annotation.Config
import org.robolectric.shadows.ShadowCameraCharacteristics

@RunWith(RobolectricTestRunner::class)
@Config(application = TestApp::class)
class CameraSourceTest {
    private val app: Context get() = RuntimeEnvironment.getApplication()
    private val told = ArrayList<CameraProblem>()
    private val events =
        object : FrameSource.Events {
            override fun onStarted(
                size: FrameSize,
                sensorDegrees: Int,
            ) = Unit

            override fun onFrame(frame: LentFrame) = false

            override fun onFrameLost() = Unit

            override fun onProblem(problem: CameraProblem) {
                told += problem
            }

            override fun onFree() = Unit
        }

    private fun addCamera(
        id: String,
        lens: Int,
    ) {
        val known = ShadowCameraCharacteristics.newCameraCharacteristics()
        shadowOf(known).set(CameraCharacteristics.LENS_FACING, lens)
        shadowOf(app.getSystemService(CameraManager::class.java)).addCamera(id, known)
    }

    @Test
    fun facings_whenThereIsNoCamera_thenEmpty() = assertEquals(emptyList<Facing>(), CameraSource(app).facings())

    @Test
    fun facings_whenThereAreTwo_thenBackFirst() {
        addCamera("0", CameraCharacteristics.LENS_FACING_FRONT)
        addCamera("1", CameraCharacteristics.LENS_FACING_BACK)
        assertEquals(listOf(Facing.BACK, Facing.FRONT), CameraSource(app).facings())
    }

    @Test
    fun facings_whenTheOnlyOneIsOnUsb_thenItCountsAsBack() {
        addCamera("7", CameraCharacteristics.LENS_FACING_EXTERNAL)
        assertEquals(listOf(Facing.BACK), CameraSource(app).facings())
    }

    @Test
    fun open_whenNoCameraFacesThere_thenSaysSo() {
        CameraSource(app).open(Facing.FRONT, TextureView(app), events)
        assertEquals(listOf(CameraProblem.Failed("no camera faces front")), told)
    }

    @Test
    fun open_whenTheCameraHasNoSizes_thenSaysSoOnce() {
        addCamera("0", CameraCharacteristics.LENS_FACING_BACK)
        val source = CameraSource(app)
        source.open(Facing.BACK, TextureView(app), events)
        source.close()
        shadowOf(Looper.getMainLooper()).idle()
        assertEquals(1, told.size)
        assertTrue(told.toString(), told[0] is CameraProblem.Failed)
    }

    @Test
    fun problem_whenAnotherAppHasTheCamera_thenTaken() {
        assertEquals(CameraProblem.Taken, problemOfError(CameraDevice.StateCallback.ERROR_CAMERA_IN_USE))
        assertEquals(CameraProblem.Taken, problemOfError(CameraDevice.StateCallback.ERROR_MAX_CAMERAS_IN_USE))
        assertEquals(CameraProblem.Taken, problemOfReason(CameraAccessException.CAMERA_IN_USE, null))
        assertEquals(CameraProblem.Taken, problemOfReason(CameraAccessException.MAX_CAMERAS_IN_USE, null))
    }

    @Test
    fun problem_whenAnythingElse_thenFailedWithAReason() {
        val errors =
            listOf(CameraDevice.StateCallback.ERROR_CAMERA_DISABLED, CameraDevice.StateCallback.ERROR_CAMERA_DEVICE)
        val reasons = listOf(CameraAccessException.CAMERA_DISABLED, CameraAccessException.CAMERA_DISCONNECTED, 99)
        val all = errors.map(::problemOfError) + reasons.map { problemOfReason(it, null) }
        assertTrue(all.toString(), all.all { it is CameraProblem.Failed && it.reason.isNotEmpty() })
    }
}
