package org.mobilenet_tf.demo.ui

import android.graphics.Color
import android.graphics.drawable.BitmapDrawable
import android.view.View
import android.view.ViewGroup
import android.widget.ImageView
import org.junit.Assert.assertEquals
import org.junit.Assert.assertFalse
import org.junit.Assert.assertTrue
import org.junit.Before
import org.junit.Test
import org.mobilenet_tf.demo.AppTest
import org.mobilenet_tf.demo.LANDSCAPE
import org.mobilenet_tf.demo.PHOTO
import org.mobilenet_tf.demo.R
import org.mobilenet_tf.demo.SPLIT_SCREEN
import org.robolectric.RuntimeEnvironment
import org.robolectric.annotation.Config
import java.io.File

/** A model that gives an embedding: what it sees is compared with what was remembered. */
class RememberTest : AppTest() {
    @Before
    fun pushModelOfAnEmbedding() {
        pushEmbedding(3)
        app.scores = listOf(1f, 0f, 0f)
    }

    /** The camera sees what has this vector. */
    private fun see(vararg vector: Float) {
        app.scores = vector.toList()
        frame()
    }

    private fun remember(expected: Int) {
        click(R.id.remember)
        waitFor("the remembered photo") { text(R.id.remember) == "Remember ($expected so far)" }
    }

    private fun thumbnails(): List<ImageView> {
        val rows = view<ViewGroup>(R.id.score_rows)
        return (0 until rows.childCount)
            .map { rows.getChildAt(it).findViewById<ImageView>(R.id.photo) }
            .filter(View::isShown)
    }

    @Test
    fun live_whenNothingIsRemembered_thenSaysWhatToDo() {
        startLive()
        assertTrue(text(R.id.results_text), text(R.id.results_text).startsWith("Nothing is remembered yet."))
        assertEquals("Remember", text(R.id.remember))
        assertFalse(shown(R.id.forget))
        assertFalse(shown(R.id.share))
    }

    @Test
    fun live_whenPhotosAreRemembered_thenTheMostSimilarIsShownFirst() {
        startLive()
        remember(1)
        assertEquals(listOf("Photo 1 1.00"), rows())
        see(0f, 1f, 0f)
        assertEquals(listOf("Photo 1 0.00"), rows())
        remember(2)
        see(3f, 4f, 0f)
        assertEquals(listOf("Photo 2 0.80", "Photo 1 0.60"), rows())
        assertEquals("Photo 2, cosine 0.80, Photo 1, cosine 0.60", spoken())
        assertEquals(2, thumbnails().size)
        // The camera's frames are all zeros in YUV, which is a dark green.
        val bitmap = (thumbnails()[0].drawable as BitmapDrawable).bitmap
        assertEquals(160 to 160, bitmap.width to bitmap.height)
        assertEquals(Color.rgb(0, 135, 0), bitmap.getPixel(80, 80))
    }

    private fun spoken() = view<View>(R.id.results).createAccessibilityNodeInfo().contentDescription.toString()

    @Test
    fun live_whenAllAreForgotten_thenNothingIsRememberedAgain() {
        startLive()
        remember(1)
        click(R.id.forget)
        waitFor("the sentence") { text(R.id.results_text).startsWith("Nothing is remembered yet.") }
        assertEquals(emptyList<String>(), rows())
        remember(1)
        assertEquals(listOf("Photo 1 1.00"), rows())
    }

    @Test
    fun settings_whenNumberAndCosineAreMoved_thenThosePhotosAreShown() {
        startLive()
        remember(1)
        see(0f, 1f, 0f)
        remember(2)
        see(3f, 4f, 0f)
        assertEquals("Show the 3 most similar photos", text(R.id.top_k_text))
        assertEquals("Hide no photo", text(R.id.threshold_text))
        slide(R.id.threshold, 14)
        waitFor("the one above") { rows() == listOf("Photo 2 0.80") }
        assertEquals("Hide photos with a cosine below 0.70", text(R.id.threshold_text))
        slide(R.id.threshold, 18)
        waitFor("none") { text(R.id.results_text) == "No remembered photo has a cosine of 0.90 or more." }
        slide(R.id.threshold, 0)
        slide(R.id.top_k, 0)
        waitFor("the best one") { rows() == listOf("Photo 2 0.80") }
        assertEquals("Show the most similar photo", text(R.id.top_k_text))
        assertEquals(1, app.log.count { it.startsWith("engine opened") })
    }

    @Test
    fun picture_whenFromTheGallery_thenComparedAndRememberedToo() {
        startLive()
        remember(1)
        app.scores = listOf(0f, 0f, 1f)
        choosePicture(PHOTO)
        assertEquals(listOf("Photo 1 0.00"), rows())
        remember(2)
        waitFor("the picture itself") { rows() == listOf("Photo 2 1.00", "Photo 1 0.00") }
        assertTrue(shown(R.id.share))
    }

    @Test
    fun photos_whenTheWindowOrTheEngineChanges_thenStayRemembered() {
        startLive()
        remember(1)
        RuntimeEnvironment.setQualifiers("+$LANDSCAPE")
        controller.recreate()
        waitFor("the engine") { app.log.count { it.startsWith("engine opened") } == 2 && title() == "" }
        see(3f, 4f, 0f)
        assertEquals(listOf("Photo 1 0.60"), rows())
        click(R.id.gpu)
        waitFor("the GPU") { app.log.last().contains(" GPU ") }
        see(4f, 3f, 0f)
        assertEquals(listOf("Photo 1 0.80"), rows())
    }

    @Test
    fun photos_whenMoreThanTwelve_thenTheOldestAreForgotten() {
        startLive()
        for (number in 1..12) remember(number)
        see(0f, 1f, 0f)
        click(R.id.remember)
        waitFor("the thirteenth") { rows().first() == "Photo 13 1.00" }
        assertEquals("Remember (12 so far)", text(R.id.remember))
        slide(R.id.top_k, 9)
        waitFor("ten of them") { rows().size == 10 }
        assertEquals("Photo 2 0.00", rows()[1])
    }

    @Test
    @Config(qualifiers = SPLIT_SCREEN)
    fun live_whenTheWindowIsSmall_thenTheButtonStaysInReach() {
        startLive()
        remember(1)
        remember(2)
        assertTrue(shown(R.id.remember))
        val button = placeOf(R.id.remember)
        val area = placeOf(R.id.results_area)
        assertTrue("$button is not inside of $area", area.contains(button))
        assertTrue(button.height() > 0 && placeOf(R.id.results).height() > 0)
    }

    @Test
    fun classifier_whenItRuns_thenNothingCanBeRemembered() {
        File(files, "models").deleteRecursively()
        pushModel()
        startLive()
        assertFalse(shown(R.id.remember_bar))
        assertEquals(emptyList<ImageView>(), thumbnails())
    }
}
