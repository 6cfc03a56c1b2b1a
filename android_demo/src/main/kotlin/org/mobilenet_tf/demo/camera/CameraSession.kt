package org.mobilenet_tf.demo.camera

import android.annotation.SuppressLint
import android.graphics.ImageFormat
import android.graphics.SurfaceTexture
import android.hardware.camera2.CameraAccessException
import android.hardware.camera2.CameraCaptureSession
import android.hardware.camera2.CameraCharacteristics
import android.hardware.camera2.CameraDevice
import android.hardware.camera2.CameraManager
import android.hardware.camera2.CaptureRequest
import android.os.Handler
import android.os.HandlerThread
import android.os.Looper
import android.view.Surface
import android.view.TextureView
import org.mobilenet_tf.demo.core.DemoException
import org.mobilenet_tf.demo.core.Orientation

/**
 * One camera from opening to closing: a preview and a stream of YUV frames of one size.
 *
 * source: has the display's rotation, which may change while the camera is open.
 * onFailed: called at most once, on the main thread, after this has closed itself; never after `close`.
 */
internal class CameraSession(
    private val manager: CameraManager,
    private val id: String,
    private val preview: TextureView,
    private val source: FrameSource,
    private val events: FrameSource.Events,
    private val onFailed: (CameraProblem) -> Unit,
) {
    private val main = Handler(Looper.getMainLooper())
    private val thread = HandlerThread("camera")
    private lateinit var handler: Handler
    private lateinit var size: FrameSize
    private lateinit var frames: FrameReader
    private var device: CameraDevice? = null
    private var previewSurface: Surface? = null
    private var closed = false

    /** On the main thread, as all functions of this class. */
    fun start() {
        thread.start()
        handler = Handler(thread.looper)
        reportingProblems {
            val characteristics = manager.getCameraCharacteristics(id)
            size = sizeOf(characteristics)
            val sensorDegrees = characteristics[CameraCharacteristics.SENSOR_ORIENTATION] ?: 0
            val front = characteristics[CameraCharacteristics.LENS_FACING] == CameraCharacteristics.LENS_FACING_FRONT
            frames =
                FrameReader(size, handler, events) {
                    Orientation.ofRotation(frameRotation(sensorDegrees, source.displayDegrees, front))
                }
            events.onStarted(size, sensorDegrees)
            whenTextureIsAvailable { if (!closed) reportingProblems(::connect) }
        }
    }

    fun close() {
        if (closed) return
        closed = true
        preview.surfaceTextureListener = null
        device?.close()
        previewSurface?.release()
        if (::frames.isInitialized) frames.close()
        thread.quitSafely()
    }

    private fun sizeOf(characteristics: CameraCharacteristics): FrameSize {
        val map = characteristics[CameraCharacteristics.SCALER_STREAM_CONFIGURATION_MAP]
        val previewSizes =
            map?.getOutputSizes(SurfaceTexture::class.java).orEmpty().map {
                FrameSize(it.width, it.height)
            }
        val readerSizes = map?.getOutputSizes(ImageFormat.YUV_420_888).orEmpty().map { FrameSize(it.width, it.height) }
        return chooseSize(previewSizes, readerSizes)
            ?: throw DemoException("it has no size for preview and YUV frames at once")
    }

    private fun whenTextureIsAvailable(action: () -> Unit) {
        if (preview.isAvailable) return action()
        preview.surfaceTextureListener =
            object : TextureView.SurfaceTextureListener {
                override fun onSurfaceTextureAvailable(
                    texture: SurfaceTexture,
                    width: Int,
                    height: Int,
                ) = action()

                override fun onSurfaceTextureSizeChanged(
                    texture: SurfaceTexture,
                    width: Int,
                    height: Int,
                ) = Unit

                override fun onSurfaceTextureDestroyed(texture: SurfaceTexture) = true

                override fun onSurfaceTextureUpdated(texture: SurfaceTexture) = Unit
            }
    }

    @SuppressLint("MissingPermission") // the activity requested it; if it is revoked, reportingProblems() reports that
    private fun connect() =
        manager.openCamera(
            id,
            object : CameraDevice.StateCallback() {
                override fun onOpened(camera: CameraDevice) {
                    if (closed) return camera.close()
                    device = camera
                    reportingProblems { stream(camera) }
                }

                // Another app of higher priority took the camera.
                override fun onDisconnected(camera: CameraDevice) = giveUp(camera, CameraProblem.InUse)

                override fun onError(
                    camera: CameraDevice,
                    error: Int,
                ) = giveUp(camera, problemOfError(error))

                private fun giveUp(
                    camera: CameraDevice,
                    problem: CameraProblem,
                ) {
                    camera.close()
                    fail(problem)
                }
            },
            main,
        )

    @Suppress("DEPRECATION") // its successor, SessionConfiguration, came with Android 9
    private fun stream(camera: CameraDevice) {
        val texture = preview.surfaceTexture ?: return
        texture.setDefaultBufferSize(size.width, size.height)
        val surface = Surface(texture).also { previewSurface = it }
        val request =
            camera.createCaptureRequest(CameraDevice.TEMPLATE_PREVIEW).apply {
                addTarget(surface)
                addTarget(frames.surface)
                // Ignored by a camera of fixed focus.
                set(CaptureRequest.CONTROL_AF_MODE, CaptureRequest.CONTROL_AF_MODE_CONTINUOUS_PICTURE)
            }
        camera.createCaptureSession(
            listOf(surface, frames.surface),
            object : CameraCaptureSession.StateCallback() {
                override fun onConfigured(session: CameraCaptureSession) {
                    if (!closed) reportingProblems { session.setRepeatingRequest(request.build(), null, handler) }
                }

                override fun onConfigureFailed(session: CameraCaptureSession) =
                    fail(CameraProblem.Failed("it refused ${size.width} x ${size.height}"))
            },
            main,
        )
    }

    private fun fail(problem: CameraProblem) {
        if (closed) return
        close()
        onFailed(problem)
    }

    /** Reports what Camera2 throws as a problem. */
    private fun reportingProblems(step: () -> Unit) {
        try {
            step()
        } catch (error: CameraAccessException) {
            fail(problemOfReason(error.reason, error.message))
        } catch (error: DemoException) {
            fail(CameraProblem.Failed(error.message.orEmpty()))
        } catch (_: SecurityException) {
            fail(CameraProblem.Failed("the permission was revoked"))
        } catch (error: IllegalStateException) {
            // The device was closed between two calls: by another app, or it was unplugged.
            fail(CameraProblem.Failed(error.message ?: "it was closed"))
        } catch (error: IllegalArgumentException) {
            // The camera service throws this for an id or a surface that no longer exists.
            fail(CameraProblem.Failed(error.message ?: "it is no longer there"))
        }
    }
}

/** error: one of CameraDevice.StateCallback's numbers. */
internal fun problemOfError(error: Int): CameraProblem =
    when (error) {
        CameraDevice.StateCallback.ERROR_CAMERA_IN_USE,
        CameraDevice.StateCallback.ERROR_MAX_CAMERAS_IN_USE,
        -> CameraProblem.InUse
        CameraDevice.StateCallback.ERROR_CAMERA_DISABLED -> CameraProblem.Failed(DISABLED)
        else -> CameraProblem.Failed("the camera service reports error $error")
    }

/** reason: one of CameraAccessException's numbers. */
internal fun problemOfReason(
    reason: Int,
    message: String?,
): CameraProblem =
    when (reason) {
        CameraAccessException.CAMERA_IN_USE, CameraAccessException.MAX_CAMERAS_IN_USE -> CameraProblem.InUse
        CameraAccessException.CAMERA_DISABLED -> CameraProblem.Failed(DISABLED)
        CameraAccessException.CAMERA_DISCONNECTED -> CameraProblem.Failed("it was disconnected")
        else -> CameraProblem.Failed(message ?: "the camera service reports error $reason")
    }

private const val DISABLED = "the device's owner has disabled cameras"
