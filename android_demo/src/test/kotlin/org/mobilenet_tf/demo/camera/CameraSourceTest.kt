package org.mobilenet_tf.demo.camera

import android.content.Context
import android.graphics.ImageFormat
import android.graphics.SurfaceTexture
import android.hardware.camera2.CameraAccessException
import android.hardware.camera2.CameraCharacteristics
import android.hardware.camera2.CameraDevice
import android.hardware.camera2.CameraManager
import android.os.Looper
import android.util.Size
import android.view.TextureView
import org.junit.Assert.assertEquals
import org.junit.Assert.assertTrue
import org.junit.Before
import org.junit.Test
import org.junit.runner.RunWith
import org.mobilenet_tf.demo.TestApp
import org.robolectric.RobolectricTestRunner
import org.robolectric.RuntimeEnvironment
import org.robolectric.Shadows.shadowOf
import org.robolectric.annotation.Config
import org.robolectric.shadows.ShadowCameraCharacteristics
import org.robolectric.shadows.StreamConfigurationMapBuilder

@RunWith(RobolectricTestRunner::class)
@Config(application = TestApp::class, shadows = [RecordingManager::class, RecordingDevice::class])
class CameraSourceTest {
    @Before
    fun forgetThreads() = ThreadsOfCamera.forget()

    private val app: Context get() = RuntimeEnvironment.getApplication()
    private val problems = ArrayList<CameraProblem>()
    private val log = ArrayList<String>()
    private val manager get() = shadowOf(app.getSystemService(CameraManager::class.java))
    private val events =
        object : FrameSource.Events {
            override fun onStarted(camera: StartedCamera) {
                log += "started ${camera.size.width} x ${camera.size.height}, ${camera.sensorDegrees}"
            }

            override fun onFrame(frame: CameraFrame) = false

            override fun onFrameDropped() = Unit

            override fun onProblem(problem: CameraProblem) {
                problems += problem
            }

            override fun onAvailable() {
                log += "available"
            }
        }

    private fun addCamera(
        id: String,
        lens: Int,
        change: (CameraCharacteristics) -> Unit = {},
    ) {
        val characteristics = ShadowCameraCharacteristics.newCameraCharacteristics()
        shadowOf(characteristics).set(CameraCharacteristics.LENS_FACING, lens)
        change(characteristics)
        manager.addCamera(id, characteristics)
    }

    private fun withSizes(characteristics: CameraCharacteristics) {
        val sizes = StreamConfigurationMapBuilder.newBuilder()
        for (size in listOf(Size(640, 480), Size(1280, 720))) {
            sizes.addOutputSize(size).addOutputSize(ImageFormat.YUV_420_888, size)
        }
        shadowOf(characteristics).set(CameraCharacteristics.SCALER_STREAM_CONFIGURATION_MAP, sizes.build())
        shadowOf(characteristics).set(CameraCharacteristics.SENSOR_ORIENTATION, 90)
    }

    private fun preview() = TextureView(app).apply { setSurfaceTexture(SurfaceTexture(0)) }

    /** Lets main thread and the camera's thread work until `condition` holds. */
    private fun waitFor(condition: () -> Boolean) {
        val end = System.nanoTime() + 30_000_000_000L
        while (!condition()) {
            check(System.nanoTime() < end) { "timed out; there is $log and $problems" }
            idle()
            Thread.sleep(1)
        }
    }

    private fun idle() = shadowOf(Looper.getMainLooper()).idle()

    private fun waitForStart() = waitFor { log.isNotEmpty() && ThreadsOfCamera.opened.isNotEmpty() }

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
        assertEquals(listOf(CameraProblem.Failed("no camera faces front")), problems)
    }

    @Test
    fun open_whenTheCameraHasNoSizes_thenSaysSoOnce() {
        addCamera("0", CameraCharacteristics.LENS_FACING_BACK)
        val source = CameraSource(app)
        source.open(Facing.BACK, TextureView(app), events)
        waitFor { problems.isNotEmpty() }
        source.close()
        idle()
        assertEquals(1, problems.size)
        assertTrue(problems.toString(), problems[0] is CameraProblem.Failed)
    }

    @Test
    fun open_whenTheCameraWorks_thenStartsAtItsSize() {
        addCamera("0", CameraCharacteristics.LENS_FACING_BACK, ::withSizes)
        val source = CameraSource(app)
        source.open(Facing.BACK, preview(), events)
        waitForStart()
        assertEquals(listOf("started 1280 x 720, 90"), log)
        assertEquals(emptyList<CameraProblem>(), problems)
        source.close()
        waitFor { ThreadsOfCamera.closed.isNotEmpty() }
        idle()
        assertEquals(emptyList<CameraProblem>(), problems)
    }

    @Test
    fun open_whenAnotherAppTakesTheCamera_thenInUseUntilItIsAvailable() {
        addCamera("0", CameraCharacteristics.LENS_FACING_BACK, ::withSizes)
        val source = CameraSource(app)
        source.open(Facing.BACK, preview(), events)
        waitForStart()
        manager.triggerDisconnect()
        waitFor { problems.isNotEmpty() }
        assertEquals(listOf<CameraProblem>(CameraProblem.InUse), problems)
        // Robolectric reports a camera as unavailable and available if it is removed and added.
        manager.removeCamera("0")
        idle()
        assertEquals(1, log.size)
        addCamera("0", CameraCharacteristics.LENS_FACING_BACK, ::withSizes)
        idle()
        assertEquals("available", log.last())
        source.close()
    }

    @Test
    fun open_whenCalled_thenTheMainThreadWaitsForNothing() {
        addCamera("0", CameraCharacteristics.LENS_FACING_BACK, ::withSizes)
        val source = CameraSource(app)
        source.open(Facing.BACK, preview(), events)
        waitForStart()
        source.close()
        waitFor { ThreadsOfCamera.closed.isNotEmpty() }
        val used = ThreadsOfCamera.opened + ThreadsOfCamera.closed
        assertEquals(used.toString(), setOf("camera"), used.toSet())
    }

    @Test
    fun open_whenTheCameraBeforeIsStillClosing_thenTheNextOneWaits() {
        addCamera("0", CameraCharacteristics.LENS_FACING_BACK, ::withSizes)
        addCamera("1", CameraCharacteristics.LENS_FACING_FRONT, ::withSizes)
        val source = CameraSource(app)
        source.open(Facing.BACK, preview(), events)
        waitForStart()
        source.open(Facing.FRONT, preview(), events)
        waitFor { ThreadsOfCamera.opened.size == 2 }
        assertEquals(listOf("open 0", "close", "open 1"), ThreadsOfCamera.order.take(3))
        source.close()
    }

    @Test
    fun problem_whenAnotherAppHasTheCamera_thenInUse() {
        assertEquals(CameraProblem.InUse, problemOfError(CameraDevice.StateCallback.ERROR_CAMERA_IN_USE))
        assertEquals(CameraProblem.InUse, problemOfError(CameraDevice.StateCallback.ERROR_MAX_CAMERAS_IN_USE))
        assertEquals(CameraProblem.InUse, problemOfReason(CameraAccessException.CAMERA_IN_USE, null))
        assertEquals(CameraProblem.InUse, problemOfReason(CameraAccessException.MAX_CAMERAS_IN_USE, null))
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
