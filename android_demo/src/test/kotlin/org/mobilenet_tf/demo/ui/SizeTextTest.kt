package org.mobilenet_tf.demo.ui

import org.junit.Assert.assertEquals
import org.junit.Test
import org.junit.runner.RunWith
import org.mobilenet_tf.demo.TestApp
import org.robolectric.RobolectricTestRunner
import org.robolectric.RuntimeEnvironment
import org.robolectric.annotation.Config
import java.text.Bidi

@RunWith(RobolectricTestRunner::class)
@Config(application = TestApp::class, qualifiers = "ar-rEG-ldrtl")
class SizeTextTest {
    @Test
    fun size_whenTheLanguageIsArabic_thenTheFirstNumberIsAtTheLeft() {
        // The digits of Egypt, in a line of English words and in one of Arabic words.
        val size = sizeText(RuntimeEnvironment.getApplication().resources, 160, 96)
        for (line in listOf("%s, int8", "\u0627 %s, int8")) assertEquals("١٦٠×٩٦", seen(line.format(size)))
    }

    /** Digits and × in the order in which they are seen from left to right; of each number in the order it is read in. */
    private fun seen(text: String): String {
        val bidi = Bidi(text, Bidi.DIRECTION_DEFAULT_LEFT_TO_RIGHT)
        val runs = (0 until bidi.runCount).map { bidi.getRunStart(it)..<bidi.getRunLimit(it) }.toTypedArray<Any>()
        Bidi.reorderVisually(ByteArray(runs.size) { bidi.getRunLevel(it).toByte() }, 0, runs, 0, runs.size)
        val inOrder = runs.joinToString("") { text.substring(it as IntRange) }
        return inOrder.filter { it == '×' || (it.isDigit() && it > '9') }
    }
}
