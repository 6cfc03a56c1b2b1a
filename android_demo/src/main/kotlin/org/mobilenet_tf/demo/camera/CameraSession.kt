package org.mobilenet_tf.demo.camera

import android.annotation.SuppressLint
import android.graphics.ImageFormat
import android.graphics.SurfaceTexture
import android.hardware.camera2.CameraAccessException
import android.hardware.camera2.CameraCaptureSession
import android.hardware.camera2.CameraCharacteristics
import android.hardware.camera2.CameraDevice
import android.hardware.camera2.CameraManager
import android.os.Handler
import android.os.HandlerThread
import android.os.Looper
import android.view.Surface
import android.view.TextureView
import org.mobilenet_tf.demo.core.DemoException
import org.mobilenet_tf.demo.core.Orientation

/**
 * One camera from opening to closing: a preview and a stream of YUV frames of one size. Camera2 is called on a thread of
 * this session, because each of its calls may wait for the camera service. `start`, `close`, `torch` and `focus` are for
 * the main thread and wait for nothing.
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
    private val cameraThread = HandlerThread("camera")
    private lateinit var handler: Handler

    /** Ends when the camera is closed. */
    val thread: Thread get() = cameraThread

    @Volatile private var closed = false

    // These are for the camera's thread only.
    private lateinit var characteristics: CameraCharacteristics
    private lateinit var size: FrameSize
    private var frames: FrameReader? = null
    private var device: CameraDevice? = null
    private var previewSurface: Surface? = null
    private var controls: CaptureControls? = null
    private var opening = false

    /** before: the thread of the camera that was open before this one; two may not be open at once. */
    fun start(before: Thread?) {
        cameraThread.start()
        handler = Handler(cameraThread.looper)
        onCamera {
            before?.join(LONGEST_CLOSING_MS)
            prepare()
        }
    }

    fun close() {
        if (closed) return
        closed = true
        preview.surfaceTextureListener = null
        handler.post(::release)
    }

    fun torch(on: Boolean) = onCamera { controls?.torch(on) }

    fun focus(point: FramePoint) = onCamera { controls?.focus(point) }

    private fun prepare() {
        characteristics = manager.getCameraCharacteristics(id)
        size = sizeOf(characteristics)
        val camera = startedCamera(characteristics, size)
        frames =
            FrameReader(size, handler, UntilClosed()) {
                Orientation.ofRotation(frameRotation(camera.sensorDegrees, source.displayDegrees, camera.front))
            }
        onMain {
            events.onStarted(camera)
            whenTextureIsAvailable { onCamera(::connect) }
        }
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

    @SuppressLint("MissingPermission") // the activity requested it; if it is revoked, onCamera() reports that
    private fun connect() {
        opening = true
        var accepted = false
        try {
            manager.openCamera(id, DeviceEvents(), handler)
            accepted = true
        } finally {
            if (!accepted) opening = false // no event follows
        }
    }

    private inner class DeviceEvents : CameraDevice.StateCallback() {
        override fun onOpened(camera: CameraDevice) {
            opening = false
            device = camera
            if (closed) release() else onCamera { stream(camera) }
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
            opening = false
            device = camera
            if (closed) release() else fail(problem)
        }
    }

    @Suppress("DEPRECATION") // its successor, SessionConfiguration, came with Android 9
    private fun stream(camera: CameraDevice) {
        val texture = preview.surfaceTexture ?: return
        val reader = frames ?: return
        texture.setDefaultBufferSize(size.width, size.height)
        val surface = Surface(texture).also { previewSurface = it }
        val request = previewRequest(camera, listOf(surface, reader.surface))
        camera.createCaptureSession(
            listOf(surface, reader.surface),
            object : CameraCaptureSession.StateCallback() {
                override fun onConfigured(session: CameraCaptureSession) =
                    onCamera {
                        controls =
                            CaptureControls(session, request, characteristics, size, handler, ::onCamera).also {
                                it.repeat()
                            }
                    }

                override fun onConfigureFailed(session: CameraCaptureSession) =
                    fail(CameraProblem.Failed("it refused ${size.width} x ${size.height}"))
            },
            handler,
        )
    }

    /** Frees everything and ends the thread, on the camera's thread; if the camera is being opened, not before it is. */
    private fun release() {
        if (opening) return
        controls = null
        frames?.close()
        device?.close()
        previewSurface?.release()
        cameraThread.quitSafely()
    }

    private fun fail(problem: CameraProblem) =
        onMain {
            close()
            onFailed(problem)
        }

    private fun onMain(action: () -> Unit) {
        main.post { if (!closed) action() }
    }

    /** Does a step on the camera's thread unless this is closed. What Camera2 throws is reported as a problem. */
    private fun onCamera(step: () -> Unit) {
        handler.post { if (!closed) reportingProblems(step) }
    }

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

    /** Delivers no frame after `close`. */
    private inner class UntilClosed : FrameSource.Events by events {
        override fun onFrame(frame: CameraFrame): Boolean = !closed && events.onFrame(frame)

        override fun onFrameDropped() {
            if (!closed) events.onFrameDropped()
        }
    }

    private companion object {
        /** A camera that takes longer to close than this is given up, so that the next one can be tried. */
        const val LONGEST_CLOSING_MS = 5000L
    }
}

/** Throws DemoException if the camera streams no size to a preview and a reader at once. */
private fun sizeOf(characteristics: CameraCharacteristics): FrameSize {
    val map = characteristics[CameraCharacteristics.SCALER_STREAM_CONFIGURATION_MAP]
    val preview = map?.getOutputSizes(SurfaceTexture::class.java).orEmpty().map { FrameSize(it.width, it.height) }
    val reader = map?.getOutputSizes(ImageFormat.YUV_420_888).orEmpty().map { FrameSize(it.width, it.height) }
    return chooseSize(preview, reader) ?: throw DemoException("it has no size for preview and YUV frames at once")
}

private fun startedCamera(
    characteristics: CameraCharacteristics,
    size: FrameSize,
) = StartedCamera(
    size = size,
    sensorDegrees = characteristics[CameraCharacteristics.SENSOR_ORIENTATION] ?: 0,
    front = characteristics[CameraCharacteristics.LENS_FACING] == CameraCharacteristics.LENS_FACING_FRONT,
    hasTorch = characteristics[CameraCharacteristics.FLASH_INFO_AVAILABLE] ?: false,
)
