package org.mobilenet_tf.demo.camera

import android.graphics.Rect
import org.junit.Assert.assertEquals
import org.junit.Assert.assertNull
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.RobolectricTestRunner

@RunWith(RobolectricTestRunner::class)
class FocusTest {
    private val size = FrameSize(960, 720)

    private fun pointAt(
        x: Float,
        y: Float,
        camera: StartedCamera,
        displayDegrees: Int = 0,
        view: FrameSize = FrameSize(900, 1200),
    ): FramePoint? {
        val fit = fitPreview(view.width, view.height, size, camera.sensorDegrees, displayDegrees)
        return framePoint(x, y, view, fit, camera, displayDegrees)
    }

    @Test
    fun point_whenTheBackCameraIsUpright_thenOfTheRotatedFrame() {
        val back = StartedCamera(size, 90)
        assertEquals(FramePoint(0.5f, 0.5f), pointAt(450f, 600f, back))
        // A frame that is rotated clockwise by 90 degrees has its first row at the right.
        assertEquals(FramePoint(0f, 0f), pointAt(900f, 0f, back))
        assertEquals(FramePoint(0f, 1f), pointAt(0f, 0f, back))
        assertEquals(FramePoint(1f, 0f), pointAt(900f, 1200f, back))
    }

    @Test
    fun point_whenTheDisplayIsRotated_thenOfTheLevelFrame() {
        val wide = FrameSize(1200, 900)
        val back = StartedCamera(size, 90)
        assertEquals(FramePoint(0.25f, 0f), pointAt(300f, 0f, back, displayDegrees = 90, view = wide))
        assertEquals(FramePoint(0.75f, 1f), pointAt(300f, 0f, back, displayDegrees = 270, view = wide))
    }

    @Test
    fun point_whenTheFrontCameraIsMirrored_thenLeftIsRight() {
        val front = StartedCamera(size, 270, front = true)
        // Unmirrored, rotated by 270 degrees: the first row is at the left, and the display shows it at the right.
        assertEquals(FramePoint(1f, 0f), pointAt(900f, 0f, front))
        assertEquals(FramePoint(1f, 1f), pointAt(0f, 0f, front))
    }

    @Test
    fun point_whenOutsideOfThePicture_thenNull() {
        // 900 x 1200 in the middle of a view of 900 x 1600.
        val tall = FrameSize(900, 1600)
        assertNull(pointAt(450f, 100f, StartedCamera(size, 90), view = tall))
        assertEquals(FramePoint(0f, 0.5f), pointAt(450f, 200f, StartedCamera(size, 90), view = tall))
    }

    @Test
    fun area_whenTheFrameIsWiderThanTheSensor_thenWithinItsMiddle() {
        val active = Rect(0, 0, 4000, 3000)
        // 1280 x 720 on 4000 x 3000 is 4000 x 2250, from row 375 on; 15 % of the short side are 337 pixels.
        val wide = FrameSize(1280, 720)
        assertEquals(Rect(1832, 1332, 2169, 1669), focusArea(FramePoint(0.5f, 0.5f), active, wide))
        assertEquals(Rect(0, 207, 337, 544), focusArea(FramePoint(0f, 0f), active, wide))
        assertEquals(3000, focusArea(FramePoint(1f, 1f), active, FrameSize(960, 720)).bottom)
    }
}
