package org.mobilenet_tf.demo.camera

import org.junit.Assert.assertEquals
import org.junit.Assert.assertNull
import org.junit.Test

class CameraGeometryTest {
    // On most phones the back sensor is rotated by 90 degrees, the front one by 270.

    @Test
    fun frameRotation_whenPortrait_thenTheSensors() {
        assertEquals(90, frameRotation(90, 0, front = false))
        assertEquals(270, frameRotation(270, 0, front = true))
    }

    @Test
    fun frameRotation_whenRotatedLeft_thenNoneForBothCameras() {
        // Held so that the sensor's rows are horizontal, the display is rotated by 90.
        assertEquals(0, frameRotation(90, 90, front = false))
        assertEquals(0, frameRotation(270, 90, front = true))
    }

    @Test
    fun frameRotation_whenRotatedRight_thenUpsideDown() {
        assertEquals(180, frameRotation(90, 270, front = false))
        assertEquals(180, frameRotation(270, 270, front = true))
    }

    @Test
    fun frameRotation_whenUpsideDown_then180DegreesMore() {
        assertEquals(270, frameRotation(90, 180, front = false))
        assertEquals(90, frameRotation(270, 180, front = true))
    }

    @Test
    fun frameRotation_whenAnySensorAndDisplay_thenAMultipleOf90Below360() {
        for (sensor in 0..270 step 90) {
            for (display in 0..270 step 90) {
                for (front in listOf(false, true)) {
                    val degrees = frameRotation(sensor, display, front)
                    assertEquals(0, degrees % 90)
                    assertEquals(true, degrees in 0..270)
                }
            }
        }
    }

    @Test
    fun fitPreview_whenPortrait_thenWholeFrameAtItsAspect() {
        val fit = fitPreview(1080, 1600, FrameSize(960, 720), 90, 0)
        // 720 x 960 upright, as wide as the view.
        assertEquals(1080f, fit.shownWidth, 0.01f)
        assertEquals(1440f, fit.shownHeight, 0.01f)
        assertEquals(1f, fit.scaleX, 1e-5f)
        assertEquals(0.9f, fit.scaleY, 1e-5f)
        assertEquals(0, fit.degrees)
    }

    @Test
    fun fitPreview_whenLandscape_thenRotatedBackAndUnstretched() {
        val fit = fitPreview(1600, 900, FrameSize(960, 720), 90, 90)
        assertEquals(270, fit.degrees)
        assertEquals(1200f, fit.shownWidth, 0.01f)
        assertEquals(900f, fit.shownHeight, 0.01f)
        // Before the rotation the frame is upright in the device's natural orientation: 900 wide, 1200 high.
        assertEquals(900f, fit.scaleX * 1600, 0.01f)
        assertEquals(1200f, fit.scaleY * 900, 0.01f)
    }

    @Test
    fun fitPreview_whenTabletWithLevelSensor_thenUnstretched() {
        val fit = fitPreview(1600, 900, FrameSize(1280, 720), 0, 0)
        assertEquals(1600f, fit.shownWidth, 0.01f)
        assertEquals(900f, fit.shownHeight, 0.01f)
    }

    @Test
    fun fitPreview_whenAnyOrientation_thenAspectIsTheFrames() {
        for (sensor in 0..270 step 90) {
            for (display in 0..270 step 90) {
                val fit = fitPreview(1000, 700, FrameSize(1280, 720), sensor, display)
                val aspect = maxOf(fit.shownWidth, fit.shownHeight) / minOf(fit.shownWidth, fit.shownHeight)
                assertEquals(1280f / 720, aspect, 1e-4f)
                assertEquals(true, fit.shownWidth <= 1000.01f && fit.shownHeight <= 700.01f)
            }
        }
    }

    @Test
    fun chooseSize_whenMany_thenSmallestWithAShortSideOf720() {
        val sizes = listOf(FrameSize(4000, 3000), FrameSize(1920, 1080), FrameSize(960, 720), FrameSize(640, 480))
        assertEquals(FrameSize(960, 720), chooseSize(sizes, sizes))
    }

    @Test
    fun chooseSize_whenASquareIsSmallest_thenAWiderOneIsTaken() {
        val sizes = listOf(FrameSize(720, 720), FrameSize(1440, 720), FrameSize(1280, 720), FrameSize(1088, 1088))
        assertEquals(FrameSize(1280, 720), chooseSize(sizes, sizes))
        assertEquals(FrameSize(720, 720), chooseSize(sizes.take(1), sizes))
        // A width that is not a whole multiple counts: 16 : 9 of 768 rows is 1365.3.
        val odd = listOf(FrameSize(768, 768), FrameSize(1366, 768))
        assertEquals(FrameSize(1366, 768), chooseSize(odd, odd))
    }

    @Test
    fun chooseSize_whenAllAreSmall_thenTheLargest() {
        val sizes = listOf(FrameSize(320, 240), FrameSize(640, 480))
        assertEquals(FrameSize(640, 480), chooseSize(sizes, sizes))
    }

    @Test
    fun chooseSize_whenNoneIsShared_thenNull() {
        assertNull(chooseSize(listOf(FrameSize(640, 480)), listOf(FrameSize(320, 240))))
    }
}
