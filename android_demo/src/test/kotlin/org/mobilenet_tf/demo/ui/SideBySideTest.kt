package org.mobilenet_tf.demo.ui

import android.content.Intent
import android.graphics.Bitmap
import android.graphics.Canvas
import android.view.View
import android.widget.ImageView
import android.widget.Spinner
import android.widget.TextView
import org.junit.Assert.assertEquals
import org.junit.Assert.assertFalse
import org.junit.Assert.assertTrue
import org.junit.Before
import org.junit.Test
import org.mobilenet_tf.demo.AppTest
import org.mobilenet_tf.demo.PHOTO
import org.mobilenet_tf.demo.R
import org.mobilenet_tf.demo.core.Accelerator
import org.mobilenet_tf.demo.core.ScoredBox
import org.mobilenet_tf.demo.writeDetector
import org.mobilenet_tf.demo.writeModel
import org.robolectric.Shadows.shadowOf
import java.io.File

/** A second model runs a picture from the gallery beside the first. */
class SideBySideTest : AppTest() {
    private val first = "mobilenet_v1_a0.50_r160_int8"

    @Before
    fun pushSecondModel() {
        writeModel(File(files, "models/other"), "other", recipe = "float32")
        app.scoresOf["other_float32"] = listOf(0f, 0.25f, 0.5f)
        choose(second = "files/other/other_float32")
    }

    private fun choose(
        second: String?,
        accelerator: Accelerator = Accelerator.CPU,
    ) {
        val model = "files/mobilenet_v1_a0.50_r160/$first"
        SettingsStore(app).write(Settings(model, accelerator, secondModel = second))
    }

    private fun startWithPicture() {
        startLive()
        choosePicture(PHOTO)
    }

    private fun secondRows() = rows(R.id.second_results)

    private fun heading(results: Int) = view<View>(results).findViewById<TextView>(R.id.heading).text.toString()

    private fun secondText() =
        view<View>(R.id.second_results).findViewById<TextView>(R.id.results_text).text.toString()

    @Test
    fun picture_whenASecondModelIsChosen_thenBothAnswer() {
        startWithPicture()
        waitFor("the second answer") { secondRows().isNotEmpty() }
        assertEquals(listOf("espresso 90 %", "consomme 7 %", "cup 1 %"), rows())
        assertEquals(listOf("cup 50 %", "consomme 25 %", "espresso 0 %"), secondRows())
        val heading = Regex("MobileNet V1, small, (int8|float32) · [0-9.,]+ ms")
        val headings = listOf(R.id.results, R.id.second_results).map(::heading)
        assertTrue("$headings", headings.all(heading::matches))
        assertEquals(listOf("int8", "float32"), headings.map { heading.find(it)?.groupValues?.get(1) })
        val spoken = view<View>(R.id.second_results).createAccessibilityNodeInfo().contentDescription.toString()
        assertTrue(spoken, spoken.endsWith("ms: cup, 50 percent, consomme, 25 percent, espresso, 0 percent"))
        assertTrue(placeOf(R.id.results).right <= placeOf(R.id.second_results).left)
    }

    @Test
    @Suppress("DEPRECATION") // its successor came with Android 13
    fun result_whenShared_thenThatOfBothModels() {
        startWithPicture()
        waitFor("the second answer") { secondRows().isNotEmpty() }
        click(R.id.share)
        val chooser = shadowOf(activity).nextStartedActivity
        val text = chooser.getParcelableExtra<Intent>(Intent.EXTRA_INTENT)?.getStringExtra(Intent.EXTRA_TEXT).orEmpty()
        val (ours, other) = text.split("\n\n")
        assertTrue(text, ours.startsWith("espresso: 90 %\n") && "($first)" in ours)
        assertTrue(text, other.startsWith("cup: 50 %\n") && "(other_float32)" in other)
    }

    @Test
    fun camera_whenItRuns_thenTheFirstModelAlone() {
        startLive()
        assertFalse(shown(R.id.second_results))
        assertEquals("", heading(R.id.results))
        assertFalse(app.log.any { "other_float32" in it })
        choosePicture(PHOTO)
        waitFor("the second answer") { secondRows().isNotEmpty() }
        click(R.id.back)
        app.log.clear()
        frame()
        assertEquals("of the second model", 1, app.log.count { it == "engine closed" })
        assertFalse(shown(R.id.second_results))
        assertEquals("", heading(R.id.results))
    }

    @Test
    fun secondModel_whenChosenWhileThePictureIsOpen_thenItAnswersAndLeaves() {
        choose(second = null)
        startWithPicture()
        assertFalse(shown(R.id.second_results))
        click(R.id.open_settings)
        view<Spinner>(R.id.second_model).setSelection(2)
        waitFor("the second answer") { secondRows().isNotEmpty() }
        assertEquals("files/other/other_float32", SettingsStore(app).read().secondModel)
        assertEquals(1, app.log.count { it.startsWith("engine opened $first") })
        view<Spinner>(R.id.second_model).setSelection(0)
        // The picture is classified anew: its answer reaches the screen after the second engine was closed, or before.
        waitFor("its end") { !shown(R.id.second_results) && app.log.last() == "engine closed" && rows().isNotEmpty() }
        assertEquals(listOf("espresso 90 %", "consomme 7 %", "cup 1 %"), rows())
        assertEquals(null, SettingsStore(app).read().secondModel)
    }

    @Test
    fun settings_whenMoved_thenBothAnswersAreReadAgain() {
        startWithPicture()
        waitFor("the second answer") { secondRows().isNotEmpty() }
        val before = app.inferences.get()
        slide(R.id.threshold, 8)
        waitFor("those of 40 % and more") { rows() == listOf("espresso 90 %") && secondRows() == listOf("cup 50 %") }
        slide(R.id.threshold, 12)
        waitFor("no second one") { secondText() == "No class has a score of 60 % or more." }
        assertEquals(before, app.inferences.get())
        assertEquals(2, app.log.count { it.startsWith("engine opened") })
    }

    @Test
    fun secondModel_whenItsFolderCannotBeUsed_thenItsColumnSaysWhy() {
        writeModel(File(files, "models/broken"), "broken") { it.put("classes", 4) }
        choose(second = "files/broken")
        startWithPicture()
        waitFor("the sentence") { "expected the shape (1, 4)" in secondText() }
        assertEquals(3, rows().size)
    }

    @Test
    fun secondModel_whenItsFileIsCutShort_thenItsColumnSaysWhyAndTheFirstGoesOn() {
        val file = File(files, "models/other/other_float32.tflite")
        file.writeBytes(file.readBytes().copyOf(100))
        startWithPicture()
        waitFor("the sentence") { "It was cut short" in secondText() }
        assertEquals(3, rows().size)
        assertFalse(shown(R.id.notice))
        assertTrue(shown(R.id.picture) && view<ImageView>(R.id.picture).drawable != null)
    }

    @Test
    fun secondModel_whenItIsADetector_thenItsBoxesHaveAColourOfTheirOwn() {
        writeDetector(File(files, "models/ssd"), "ssd")
        app.objects = listOf(ScoredBox("1", 0.9f, top = 0.1f, left = 0.25f, bottom = 0.9f, right = 0.75f))
        choose(second = "files/ssd/ssd_float32")
        startWithPicture()
        waitFor("the second answer") { secondRows() == listOf("consomme 90 %") }
        val view = view<View>(R.id.picture)
        val bitmap = Bitmap.createBitmap(view.width, view.height, Bitmap.Config.ARGB_8888)
        view.draw(Canvas(bitmap))
        // The photo is wider than its view, so that a quarter of the view is a quarter of the photo.
        assertEquals(activity.getColor(R.color.second_box), bitmap.getPixel(view.width / 4, view.height / 2))
    }
}
