package org.mobilenet_tf.demo.camera

import org.junit.Assert.assertEquals
import org.junit.Test
import org.mobilenet_tf.demo.core.Fit
import org.mobilenet_tf.demo.core.Region

class ViewMapTest {
    // A frame of 1280 x 720 from a sensor that is turned by 90 degrees, upright in a view of 1080 x 1600.
    private val fit = fitPreview(1080, 1600, FrameSize(1280, 720), 90, 0)

    private fun map(front: Boolean) = ViewMap.of(1080, 1600, fit, front)

    @Test
    fun corners_whenTheFrameIsHigherThanWide_thenItIsInTheMiddleOfTheView() {
        val back = map(front = false)
        assertEquals(listOf(0f, 1600f), listOf(back.yOf(0f), back.yOf(1f)))
        assertEquals(listOf(90f, 990f), listOf(back.xOf(0f), back.xOf(1f)))
    }

    @Test
    fun places_whenTheCameraIsTheFrontOne_thenLeftAndRightAreExchanged() {
        assertEquals(990f, map(front = true).xOf(0f), 0f)
        assertEquals(map(front = false).yOf(0.25f), map(front = true).yOf(0.25f), 0f)
    }

    @Test
    fun box_whenTheNetworkFoundItInItsMiddle_thenItIsInTheMiddleOfTheViewWithItsSides() {
        val seen = Region.seen(720, 1280, 160, Fit.CROP)
        val view = map(front = false)
        val sides = listOf(0.25f, 0.75f).flatMap { listOf(view.xOf(seen.xOf(it)), view.yOf(seen.yOf(it))) }
        // The crop is 7/8 of the frame's 720 pixels, which are 900 of the view; half of it is 393.75.
        val expected = listOf(540 - 196.875f, 800 - 196.875f, 540 + 196.875f, 800 + 196.875f)
        // The rule leaves out the pixels of the crop that fill no block of k x k: at most one block of 1 pixel here.
        for ((side, other) in sides.zip(expected)) assertEquals(other, side, 900f / 720)
    }
}
