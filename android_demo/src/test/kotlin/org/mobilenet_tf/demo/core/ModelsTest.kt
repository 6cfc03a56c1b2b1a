package org.mobilenet_tf.demo.core

import org.json.JSONArray
import org.junit.Assert.assertEquals
import org.junit.Assert.assertSame
import org.junit.Assert.assertTrue
import org.junit.Rule
import org.junit.Test
import org.junit.rules.TemporaryFolder
import java.io.RandomAccessFile

class ModelsTest {
    @get:Rule
    val temporary = TemporaryFolder()

    private val folder by lazy { tinyCopy(temporary.root) }

    private fun models() = Models.read(FolderSource(folder))

    private fun assertRefused(
        part: String,
        block: () -> Unit = { models() },
    ) {
        val sentence = refusal(block)
        assertTrue("\"$sentence\" says nothing of \"$part\"", part in sentence && sentence.startsWith("tiny: "))
        assertTrue(
            "\"$sentence\" does not say what to do",
            Regex("Push|Export|Update|update").containsMatchIn(sentence),
        )
    }

    @Test
    fun models_whenTheFolderIsWhole_thenOnePerFileWithItsLabels() {
        val models = models()
        assertEquals(listOf("tiny_int8", "tiny_float32"), models.map { it.name })
        assertEquals(List(12) { "value $it" }, models[0].labels)
        assertEquals(models[0].file.sizeBytes, models[0].bytes().capacity().toLong())
        assertSame(models[0].bytes(), models[0].bytes())
    }

    @Test
    fun manifest_whenMissing_thenSaysToPushTheFolder() {
        folder.resolve(Manifest.FILE).delete()
        assertRefused("expected a file manifest.json; there is none")
    }

    @Test
    fun manifest_whenBroken_thenTheModelIsNamed() {
        folder.resolve(Manifest.FILE).writeText("no JSON")
        assertRefused("manifest.json is not JSON")
    }

    @Test
    fun manifest_whenOfANewerVersion_thenTheModelIsNamed() {
        edit(folder) { it.put("schema_version", 6) }
        assertRefused("has version 6")
    }

    @Test
    fun manifest_whenItNamesNoFile_thenRefused() {
        edit(folder) { it.put("files", JSONArray()) }
        assertRefused("names no .tflite file")
    }

    @Test
    fun manifest_whenTheRuleIsAnother_thenRefused() {
        edit(folder) { it.put("preprocessing_sha256", "0".repeat(64)) }
        assertRefused("preprocessing rule is not this app's")
    }

    @Test
    fun manifest_whenItNamesAKindOfPreprocessing_thenThatRuleWithItsHashAlone() {
        for (fit in Fit.entries) {
            edit(folder) {
                it.getJSONObject("preprocessing").put("kind", fit.name.lowercase())
                it.put("preprocessing_sha256", Preprocess.ruleSha256(fit))
            }
            assertEquals(fit, models()[0].manifest.network.fit)
            edit(folder) { it.put("preprocessing_sha256", Preprocess.ruleSha256(Fit.entries.first { it != fit })) }
            assertRefused("preprocessing rule is not this app's")
        }
    }

    @Test
    fun labels_whenOneIsMissing_thenBothCountsAreReported() {
        folder.resolve("labels.txt").writeText("value\n".repeat(11))
        assertRefused("expected 12 labels in labels.txt, one for each output; got 11")
    }

    @Test
    fun labels_whenEmpty_thenRefused() {
        folder.resolve("labels.txt").writeText("")
        assertRefused("expected 12 labels in labels.txt, one for each output; got 0")
    }

    @Test
    fun labels_whenOfAnotherModel_thenRefused() {
        folder.resolve("labels.txt").writeText("value\n".repeat(12))
        assertRefused("labels.txt is not the one that the manifest names")
    }

    @Test
    fun labels_whenMissing_thenRefused() {
        folder.resolve("labels.txt").delete()
        assertRefused("expected a file labels.txt; there is none")
    }

    @Test
    fun file_whenCutShort_thenBothSizesAreReported() {
        val file = folder.resolve("tiny_int8.tflite")
        RandomAccessFile(file, "rw").use { it.setLength(100) }
        assertRefused("bytes; it has 100. It was cut short") { models()[0].bytes() }
        RandomAccessFile(file, "rw").use { it.setLength(0) }
        assertRefused("bytes; it has 0. It was cut short") { models()[0].bytes() }
    }

    @Test
    fun file_whenOneByteDiffers_thenRefused() {
        val file = folder.resolve("tiny_int8.tflite")
        file.writeBytes(file.readBytes().also { it[it.size / 2]++ })
        assertRefused("its hash differs") { models()[0].bytes() }
    }

    @Test
    fun file_whenMissing_thenRefused() {
        folder.resolve("tiny_int8.tflite").delete()
        assertRefused("expected a file tiny_int8.tflite; there is none") { models()[0].bytes() }
    }

    @Test
    fun file_whenItIsAFolder_thenRefused() {
        folder.resolve("labels.txt").run { delete() && mkdir() }
        assertRefused("labels.txt")
    }

    @Test
    fun file_whenItIsPushedAgainWhileItRuns_thenItsBytesStay() {
        val file = folder.resolve("tiny_int8.tflite")
        val expected = file.readBytes()
        val bytes = models()[0].bytes()
        RandomAccessFile(file, "rw").use { it.setLength(0) }
        // A mapped file would end the process here.
        assertTrue(expected.contentEquals(ByteArray(bytes.capacity()) { bytes.get(it) }))
    }

    @Test
    fun smallFile_whenItIsHuge_thenASentenceBeforeMemoryIsFull() {
        for (name in listOf("labels.txt", Manifest.FILE)) {
            // Without a block on disk: the file only says that it has 8 GB.
            RandomAccessFile(folder.resolve(name), "rw").use { it.setLength(8L shl 30) }
            assertRefused("cannot read $name: $name has more than 64 MB")
        }
    }
}
