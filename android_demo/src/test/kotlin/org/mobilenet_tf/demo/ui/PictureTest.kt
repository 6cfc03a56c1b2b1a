package org.mobilenet_tf.demo.ui

import android.app.Activity
import android.content.Intent
import android.net.Uri
import android.view.View
import android.widget.ImageView
import org.junit.Assert.assertArrayEquals
import org.junit.Assert.assertEquals
import org.junit.Assert.assertFalse
import org.junit.Assert.assertNotNull
import org.junit.Assert.assertThrows
import org.junit.Assert.assertTrue
import org.junit.Test
import org.mobilenet_tf.demo.AppTest
import org.mobilenet_tf.demo.PHOTO
import org.mobilenet_tf.demo.R
import org.mobilenet_tf.demo.core.DemoException
import org.mobilenet_tf.demo.core.Orientation
import org.robolectric.Shadows.shadowOf
import java.io.ByteArrayInputStream
import java.io.ByteArrayOutputStream
import java.io.FilterInputStream
import java.io.InputStream
import java.util.concurrent.CountDownLatch
import java.util.concurrent.atomic.AtomicReference

class PictureTest : AppTest() {
    private val uri = Uri.parse("content://gallery/1")

    private fun choose(bytes: ByteArray) {
        provide { ByteArrayInputStream(bytes) }
        pick()
    }

    private fun pick() {
        click(R.id.open_picture)
        val request = shadowOf(activity).nextStartedActivityForResult.intent
        shadowOf(activity).receiveResult(request, Activity.RESULT_OK, Intent().setData(uri))
        settle()
    }

    @Test
    fun picture_whenChosen_thenClassifiedInPlaceOfTheCamera() {
        startLive()
        choose(PHOTO.readBytes())
        waitFor("the result") { shown(R.id.picture) && view<ImageView>(R.id.picture).drawable != null }
        waitFor("the scores") { shown(R.id.score_rows) && text(R.id.results_text) == "" }
        assertEquals("camera closed", app.log.last { it.startsWith("camera") })
        assertTrue(shown(R.id.back))
        assertFalse(shown(R.id.switch_camera))
        click(R.id.back)
        assertEquals("camera opened BACK", app.log.last { it.startsWith("camera") })
        assertFalse(shown(R.id.picture))
    }

    @Test
    fun picture_whenTheActivityIsRecreated_thenItIsStillThere() {
        startLive()
        choose(PHOTO.readBytes())
        waitFor("the picture") { view<ImageView>(R.id.picture).drawable != null }
        controller.recreate()
        waitFor("the picture again") { view<ImageView>(R.id.picture).drawable != null && text(R.id.results_text) == "" }
        assertFalse(app.log.last { it.startsWith("camera") } == "camera opened BACK")
    }

    @Test
    fun picture_whenTheModelIsSwitched_thenItIsClassifiedAnew() {
        startLive()
        choose(PHOTO.readBytes())
        waitFor("the picture") { view<ImageView>(R.id.picture).drawable != null }
        app.scores = listOf(0f, 0.8f)
        click(R.id.gpu)
        waitFor("the new result") { view<View>(R.id.results).contentDescription.toString().startsWith("consomme") }
    }

    @Test
    fun picture_whenTheThresholdIsMoved_thenItsScoresAreReadAgainWithoutDecodingIt() {
        startLive()
        var opened = 0
        shadowOf(app.contentResolver).registerInputStreamSupplier(uri) {
            opened++
            ByteArrayInputStream(PHOTO.readBytes())
        }
        click(R.id.open_picture)
        shadowOf(activity).receiveResult(
            shadowOf(activity).nextStartedActivityForResult.intent,
            Activity.RESULT_OK,
            Intent().setData(uri),
        )
        waitFor("the result") { view<ImageView>(R.id.picture).drawable != null && "consomme" in spoken() }
        val before = app.inferences.get()
        slide(R.id.threshold, 10)
        waitFor("those of 50 % and more") { spoken().startsWith("espresso") && "consomme" !in spoken() }
        assertEquals("${app.log}", 1, opened)
        assertEquals(before, app.inferences.get())
    }

    private fun spoken() = view<View>(R.id.results).contentDescription?.toString().orEmpty()

    @Test
    fun picture_whenEmpty_thenSaysSo() {
        startLive()
        choose(ByteArray(0))
        waitFor("the problem") { title() == "The picture cannot be used" }
        assertEquals("Expected a picture; the file is empty (0 bytes). Choose another picture.", message())
        click(R.id.message_other_action)
        waitFor("the live state") { title() == "" }
    }

    @Test
    fun picture_whenDamaged_thenSaysSo() {
        startLive()
        choose("no picture at all".toByteArray())
        waitFor("the problem") { title() == "The picture cannot be used" }
        assertTrue(message(), message().startsWith("Expected a JPEG"))
    }

    /** Gives zeros for ever, and counts them. */
    private class Endless : InputStream() {
        var count = 0L

        override fun read(): Int = 0.also { count++ }

        override fun read(
            bytes: ByteArray,
            start: Int,
            length: Int,
        ): Int = length.also { count += it }
    }

    private fun provide(stream: () -> InputStream) =
        shadowOf(app.contentResolver).registerInputStreamSupplier(uri) { stream() }

    private fun refusal(heapBytes: Long = 64L shl 20): String =
        assertThrows(DemoException::class.java) { PictureReader.bytes(app.contentResolver, uri, heapBytes) }
            .message
            .orEmpty()

    @Test
    fun picture_whenItsStreamNeverEnds_thenNoMoreIsReadThanMayBeKept() {
        val endless = Endless()
        provide { endless }
        assertEquals("Expected a picture of at most 16 MB; the file has more. Choose another picture.", refusal())
        // The last part, of 1 MB, may be read in whole.
        assertTrue("${endless.count}", endless.count <= 17 shl 20)
    }

    @Test
    fun picture_whenItComesByteByByte_thenItIsWhole() {
        val photo = PHOTO.readBytes()
        provide {
            object : FilterInputStream(photo.inputStream()) {
                override fun read(
                    bytes: ByteArray,
                    start: Int,
                    length: Int,
                ): Int = super.read(bytes, start, minOf(length, 1))
            }
        }
        assertArrayEquals(photo, PictureReader.bytes(app.contentResolver, uri))
    }

    @Test
    fun picture_whenItsAppThrows_thenASentenceSaysSo() {
        val errors = listOf(IllegalStateException("gone."), NullPointerException(), UnsupportedOperationException("no"))
        for (error in errors) {
            provide { throw error }
            val sentence = refusal()
            assertTrue(sentence, sentence.startsWith("The app that has the picture failed: "))
            assertFalse(sentence, ".." in sentence || "null" in sentence)
        }
        provide { throw SecurityException("no") }
        assertEquals("The picture may no longer be read. Choose it again.", refusal())
        startLive()
        provide { throw IllegalStateException("gone") }
        pick()
        waitFor("the problem") { title() == "The picture cannot be used" }
    }

    @Test
    fun picture_whenItsAppHangs_thenTheCameraGoesOn() {
        startLive()
        val gate = CountDownLatch(1)
        val reader = AtomicReference<Thread>()
        provide {
            reader.set(Thread.currentThread())
            gate.await()
            PHOTO.inputStream()
        }
        pick()
        click(R.id.back)
        frame()
        waitFor("the reader") { reader.get() != null }
        gate.countDown()
        reader.get().join(30_000)
        assertFalse(reader.get().isAlive)
        settle()
        assertFalse(shown(R.id.picture))
    }

    @Test
    fun picture_whenTheModelIsSwitched_thenItIsNotReadAgain() {
        var readings = 0
        startLive()
        provide {
            readings++
            PHOTO.inputStream()
        }
        pick()
        waitFor("the picture") { text(R.id.results_text) == "" }
        app.scores = listOf(0f, 0.8f)
        click(R.id.gpu)
        waitFor("the new result") { view<View>(R.id.results).contentDescription.toString().startsWith("consomme") }
        assertEquals(1, readings)
    }

    @Test
    fun decode_whenPhoto_thenAllPixelsAreThere() {
        val decoded = PictureReader.decode(PHOTO.readBytes())
        assertEquals(372 to 288, decoded.frame.width to decoded.frame.height)
        assertEquals(Orientation.UPRIGHT, decoded.orientation)
        assertEquals(null, decoded.reduction)
    }

    @Test
    fun decode_whenExifRotatesIt_thenOrientationSaysSo() {
        for (orientation in Orientation.values()) {
            val rotated = withExif(PHOTO.readBytes(), orientation.exif)
            assertEquals(orientation, PictureReader.decode(rotated).orientation)
            val shown = PictureReader.thumbnail(rotated, 2000)
            assertEquals(orientation.exif >= 5, shown.height > shown.width)
        }
    }

    @Test
    fun thumbnail_whenExifRotatesIt_thenItIsUpright() {
        val stored = PictureReader.thumbnail(PHOTO.readBytes(), 2000)
        val (w, h) = stored.width - 1 to stored.height - 1
        // The stored pixel that is the upright picture's top left, by EXIF's definition of row 0 and column 0.
        val corners = listOf(0 to 0, w to 0, w to h, 0 to h, 0 to 0, 0 to h, w to h, w to 0)
        corners.forEachIndexed { index, (x, y) ->
            val shown = PictureReader.thumbnail(withExif(PHOTO.readBytes(), index + 1), 2000)
            assertEquals("EXIF ${index + 1}", stored.getPixel(x, y), shown.getPixel(0, 0))
        }
    }

    @Test
    fun decode_whenLargerThanMemory_thenReducedAndSaysSo() {
        val pixels = 372L * 288
        // Half of the heap holds a quarter of the pixels, at 4 bytes each.
        val decoded = PictureReader.decode(PHOTO.readBytes(), heapBytes = pixels * 4 / 4 * 2)
        assertEquals(186 to 144, decoded.frame.width to decoded.frame.height)
        assertNotNull(decoded.reduction)
        assertEquals(2, decoded.reduction?.factor)
    }

    @Test
    fun decode_whenTruncatedInTheHeader_thenSaysSo() {
        assertThrows(DemoException::class.java) { PictureReader.decode(PHOTO.readBytes().copyOf(20)) }
    }

    @Test
    fun thumbnail_whenTheFileIsNoPicture_thenASentence() {
        assertThrows(DemoException::class.java) { PictureReader.thumbnail("no picture".toByteArray(), 100) }
    }

    @Test
    fun decoder_whenItThrowsAnything_thenASentence() {
        for ((error, start) in listOf(
            OutOfMemoryError() to "The picture's 12 megapixels do not fit into memory.",
            IllegalArgumentException("bad") to "Expected a JPEG",
        )) {
            val thrown = assertThrows(DemoException::class.java) { PictureReader.guarded(12_000_000) { throw error } }
            assertTrue("${thrown.message}", thrown.message.orEmpty().startsWith(start))
        }
    }

    /** A JPEG with an EXIF block that contains only an orientation. */
    private fun withExif(
        jpeg: ByteArray,
        orientation: Int,
    ): ByteArray {
        val tiff =
            byteArrayOf(0x4D, 0x4D, 0, 42, 0, 0, 0, 8, 0, 1) +
                byteArrayOf(0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, orientation.toByte(), 0, 0) + ByteArray(4)
        val exif = "Exif".toByteArray() + byteArrayOf(0, 0) + tiff
        val out = ByteArrayOutputStream()
        out.write(jpeg, 0, 2)
        out.write(byteArrayOf(0xFF.toByte(), 0xE1.toByte(), 0, (exif.size + 2).toByte()))
        out.write(exif)
        out.write(jpeg, 2, jpeg.size - 2)
        return out.toByteArray()
    }
}
