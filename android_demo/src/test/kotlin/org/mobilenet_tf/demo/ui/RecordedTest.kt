package org.mobilenet_tf.demo.ui

import android.graphics.Bitmap
import android.graphics.Canvas
import android.graphics.Color
import android.graphics.Paint
import org.junit.Assert.assertEquals
import org.junit.Assert.assertTrue
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.RobolectricTestRunner

@RunWith(RobolectricTestRunner::class)
class RecordedTest {
    /** A line of small text, as on the screen, at so many pixels from the left. */
    private fun line(left: Float): Bitmap {
        val bitmap = Bitmap.createBitmap(1080, 2400, Bitmap.Config.ARGB_8888)
        val paint =
            Paint(Paint.ANTI_ALIAS_FLAG).apply {
                color = 0xFF4A5557.toInt()
                textSize = 42f
            }
        Canvas(bitmap).apply {
            drawColor(Color.WHITE)
            drawText("Frames: 248, dropped: 31", left, 1200f, paint)
        }
        return Recorded.reduced(bitmap)
    }

    @Test
    fun difference_whenDrawnTwice_thenNone() = assertEquals(0, Recorded.largestDifference(line(40f), line(40f)).steps)

    @Test
    fun difference_whenTextMovesByOnePixel_thenThreeTimesTheTolerance() {
        val steps = Recorded.largestDifference(line(40f), line(41f)).steps
        assertTrue("$steps", steps >= 3 * Recorded.TOLERANCE)
    }
}
