package org.mobilenet_tf.demo.camera

import android.hardware.camera2.CameraDevice
import android.hardware.camera2.CameraManager
import android.hardware.camera2.impl.CameraDeviceImpl
import org.robolectric.annotation.Implementation
import org.robolectric.annotation.Implements
import org.robolectric.shadows.ShadowCameraDeviceImpl
import org.robolectric.shadows.ShadowCameraManager
import java.util.concurrent.CopyOnWriteArrayList
import java.util.concurrent.Executor

/** The names of the threads on which cameras were opened and closed, and the order in which they were. */
object ThreadsOfCamera {
    val opened = CopyOnWriteArrayList<String>()
    val closed = CopyOnWriteArrayList<String>()
    val order = CopyOnWriteArrayList<String>()

    fun forget() = listOf(opened, closed, order).forEach { it.clear() }
}

@Implements(CameraManager::class)
class RecordingManager : ShadowCameraManager() {
    @Implementation
    override fun openCameraDeviceUserAsync(
        cameraId: String,
        callback: CameraDevice.StateCallback,
        executor: Executor,
        uid: Int,
        oomScoreOffset: Int,
        rotationOverride: Int,
    ): CameraDevice {
        ThreadsOfCamera.order += "open $cameraId"
        val device =
            super.openCameraDeviceUserAsync(cameraId, callback, executor, uid, oomScoreOffset, rotationOverride)
        ThreadsOfCamera.opened += Thread.currentThread().name
        return device
    }
}

@Implements(CameraDeviceImpl::class)
class RecordingDevice : ShadowCameraDeviceImpl() {
    @Implementation
    override fun close() {
        ThreadsOfCamera.closed += Thread.currentThread().name
        ThreadsOfCamera.order += "close"
        super.close()
    }
}
