package org.mobilenet_tf.demo.ui

import android.graphics.Bitmap
import android.graphics.Canvas
import android.view.View
import org.junit.Assert.assertEquals
import org.junit.Assert.assertFalse
import org.junit.Assert.assertTrue
import org.junit.Before
import org.junit.Test
import org.mobilenet_tf.demo.AppTest
import org.mobilenet_tf.demo.PHOTO
import org.mobilenet_tf.demo.R
import org.mobilenet_tf.demo.core.ScoredBox

/** The objects that a detector finds, over the camera's picture and over the gallery's. */
class BoxesTest : AppTest() {
    @Before
    fun pushDetectorWithObjects() {
        pushDetector(
            ScoredBox("1", 0.9f, top = 0.1f, left = 0.05f, bottom = 0.3f, right = 0.25f),
            ScoredBox("0", 0.6f, top = 0.7f, left = 0.7f, bottom = 1.2f, right = 0.95f),
            ScoredBox("2", 0.2f, top = 0.4f, left = 0.4f, bottom = 0.6f, right = 0.6f),
        )
    }

    private fun spoken(id: Int) = view<View>(id).createAccessibilityNodeInfo().contentDescription.toString()

    /** Whether a line of a box runs through the pixel at those shares of a rectangle in the middle of the view. */
    private fun isLine(
        id: Int,
        aspect: Float,
        across: Float,
        down: Float,
    ): Boolean {
        val view = view<View>(id)
        val bitmap = Bitmap.createBitmap(view.width, view.height, Bitmap.Config.ARGB_8888)
        view.draw(Canvas(bitmap))
        val width = minOf(view.width.toFloat(), view.height * aspect)
        val x = view.width / 2f + (across - 0.5f) * width
        val y = view.height / 2f + (down - 0.5f) * width / aspect
        return bitmap.getPixel(x.toInt(), y.toInt()) == activity.getColor(R.color.box)
    }

    @Test
    fun picture_whenObjectsAreFound_thenDrawnAndReadFromTheModelsScoreOn() {
        startLive()
        choosePicture(PHOTO)
        assertEquals(listOf("consomme 90 %", "espresso 60 %"), rows())
        assertEquals(
            "The chosen picture. Found: consomme, 90 percent, top left; espresso, 60 percent, bottom right",
            spoken(R.id.picture),
        )
        // The middle of the first box's left side, and of its right side; then the middle of the box.
        val drawn = { across: Float -> isLine(R.id.picture, 372f / 288, across, 0.2f) }
        assertEquals(listOf(true, true, false), listOf(0.05f, 0.25f, 0.15f).map(drawn))
        assertFalse(isLine(R.id.picture, 372f / 288, 0.4f, 0.5f))
    }

    @Test
    fun picture_whenThresholdAndLimitAreMoved_thenThoseBoxesAreDrawn() {
        startLive()
        choosePicture(PHOTO)
        slide(R.id.threshold, 2)
        waitFor("those of 10 % and more") { rows().size == 3 }
        assertTrue(isLine(R.id.picture, 372f / 288, 0.4f, 0.5f))
        slide(R.id.top_k, 0)
        waitFor("the best one") { rows().size == 1 }
        assertFalse(isLine(R.id.picture, 372f / 288, 0.4f, 0.5f))
        slide(R.id.threshold, 19)
        waitFor("none") { text(R.id.results_text) == "No object has a score of 95 % or more." }
        assertFalse(isLine(R.id.picture, 372f / 288, 0.05f, 0.2f))
        assertEquals("The chosen picture", spoken(R.id.picture))
    }

    @Test
    fun settings_whenTheModelFindsObjects_thenTheySpeakOfObjects() {
        startLive()
        click(R.id.open_settings)
        assertEquals("Show the best 3 objects", text(R.id.top_k_text))
        assertEquals("Hide scores below 50 %, as the model says", text(R.id.threshold_text))
        slide(R.id.top_k, 0)
        slide(R.id.threshold, 2)
        assertEquals("Show the best object", text(R.id.top_k_text))
        assertEquals("Hide scores below 10 %", text(R.id.threshold_text))
    }

    @Test
    fun camera_whenItIsTheFrontOne_thenBoxesAreMirroredAsItsPictureIs() {
        startLive()
        assertTrue(isLine(R.id.preview, 3f / 4, 0.05f, 0.2f))
        assertTrue(spoken(R.id.preview), "consomme, 90 percent, top left" in spoken(R.id.preview))
        click(R.id.switch_camera)
        settle()
        assertFalse("a box of the other camera", isLine(R.id.preview, 3f / 4, 0.95f, 0.2f))
        frame()
        assertTrue(isLine(R.id.preview, 3f / 4, 0.95f, 0.2f))
        assertFalse(isLine(R.id.preview, 3f / 4, 0.05f, 0.2f))
        assertTrue(spoken(R.id.preview), "consomme, 90 percent, top right" in spoken(R.id.preview))
    }
}
