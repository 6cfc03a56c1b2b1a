package org.mobilenet_tf.demo.ui

import android.widget.SeekBar
import org.junit.Assert.assertEquals
import org.junit.Before
import org.junit.Test
import org.mobilenet_tf.demo.AppTest
import org.mobilenet_tf.demo.R

/** A model of tags: those above their own thresholds are shown, however many they are. */
class TagsTest : AppTest() {
    @Before
    fun pushModelOfTags() {
        pushTags(List(12) { "tag $it" }, List(12) { if (it < 6) 0.75 else 0.25 })
        app.scores = List(12) { 0.5f }
    }

    @Test
    fun tags_whenClassified_thenAllAboveTheirThresholdsAreShown() {
        startLive()
        assertEquals((6..11).map { "tag $it 50 %" }, rows())
    }

    @Test
    fun tags_whenNoneIsAboveItsThreshold_thenSaysSo() {
        app.scores = List(12) { 0.125f }
        startLive()
        assertEquals(emptyList<String>(), rows())
        assertEquals("None of its tags: no score is above its threshold.", text(R.id.results_text))
        slide(R.id.threshold, 4)
        waitFor("another sentence") { text(R.id.results_text) == "No tag has a score of 20 % or more." }
        slide(R.id.threshold, 2)
        waitFor("all tags") { rows().size == 12 }
    }

    @Test
    fun settings_whenTheModelGivesTags_thenTheySpeakOfTags() {
        startLive()
        click(R.id.open_settings)
        assertEquals("Show all tags", text(R.id.top_k_text))
        assertEquals(10, view<SeekBar>(R.id.top_k).max)
        assertEquals("Hide tags whose scores are below their thresholds", text(R.id.threshold_text))
        slide(R.id.top_k, 1)
        assertEquals("Show the best 2 tags", text(R.id.top_k_text))
        waitFor("two of them") { rows() == listOf("tag 6 50 %", "tag 7 50 %") }
        assertEquals(2, SettingsStore(app).read().mostTags)
        assertEquals(3, SettingsStore(app).read().topK)
        slide(R.id.top_k, 10)
        waitFor("all of them") { rows().size == 6 }
    }

    @Test
    fun settings_whenTheModelGivesClasses_thenTheySpeakOfClasses() {
        pushModel()
        SettingsStore(app).write(Settings(model = "files/mobilenet_v1_a0.50_r160/mobilenet_v1_a0.50_r160_int8"))
        startLive()
        click(R.id.open_settings)
        assertEquals("Show the best 3 classes", text(R.id.top_k_text))
        assertEquals(9, view<SeekBar>(R.id.top_k).max)
        assertEquals("Hide scores below 0 %", text(R.id.threshold_text))
    }
}
