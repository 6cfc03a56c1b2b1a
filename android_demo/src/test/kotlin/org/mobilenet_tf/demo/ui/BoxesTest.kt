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
import org.mobilenet_tf.demo.core.Fit
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
        colour: Int = R.color.box,
    ): Boolean {
        val view = view<View>(id)
        val bitmap = Bitmap.createBitmap(view.width, view.height, Bitmap.Config.ARGB_8888)
        view.draw(Canvas(bitmap))
        val width = minOf(view.width.toFloat(), view.height * aspect)
        val x = view.width / 2f + (across - 0.5f) * width
        val y = view.height / 2f + (down - 0.5f) * width / aspect
        return bitmap.getPixel(x.toInt(), y.toInt()) == activity.getColor(colour)
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
    fun letterbox_whenObjectsAreFound_thenTheyAreWhereThePictureHasThem() {
        // The camera's frame is 3 : 4, so that it has 120 of the input's 160 columns: from 1/8 to 7/8.
        pushDetector(
            ScoredBox("1", 0.9f, top = 0.1f, left = 0.1625f, bottom = 0.3f, right = 0.3125f),
            ScoredBox("0", 0.6f, top = 0.5f, left = 0f, bottom = 0.9f, right = 0.8f),
            fit = Fit.LETTERBOX,
        )
        startLive()
        val drawn = { across: Float, down: Float -> isLine(R.id.preview, 3f / 4, across, down) }
        assertEquals(listOf(true, true, false), listOf(0.05f, 0.25f, 0.15f).map { drawn(it, 0.2f) })
        // (0.8 - 1/8) / (3/4) is 0.9, and what is left of the frame is cut off.
        assertEquals(listOf(true, false), listOf(0.9f, 0.8f).map { drawn(it, 0.7f) })
        assertFalse(hasFrame())
        click(R.id.switch_camera)
        frame()
        assertEquals(listOf(true, true, false), listOf(0.95f, 0.75f, 0.85f).map { drawn(it, 0.2f) })
        assertEquals(listOf(true, false), listOf(0.1f, 0.2f).map { drawn(it, 0.7f) })
    }

    @Test
    fun frame_whenTheModelSeesAPartOfThePicture_thenDrawnAroundIt() {
        pushDetector(fit = Fit.CROP)
        startLive()
        assertTrue(hasFrame())
        assertTrue("the frame shows what the model sees" in spoken(R.id.preview))
    }

    /** The middle of the left side of 7/8 of the camera's picture. */
    private fun hasFrame() = isLine(R.id.preview, 3f / 4, 1f / 16, 0.5f, R.color.guide)

    @Test
    fun camera_whenItIsTheFrontOne_thenBoxesAreMirroredAsItsPictureIs() {
        startLive()
        assertFalse(hasFrame())
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
