package org.mobilenet_tf.demo.core

import org.junit.Assert.assertEquals
import org.junit.Assert.assertTrue
import org.junit.Before
import org.junit.Rule
import org.junit.Test
import org.junit.rules.TemporaryFolder
import java.io.File

/** Golden vectors of a generated picture for an engine that copies its input to its output. */
class GoldenTest {
    @get:Rule
    val temporary = TemporaryFolder()

    private val picture = argbNoise(9, 7, 5)
    private lateinit var golden: File
    private lateinit var model: Model

    @Before
    fun write() {
        val folder = tinyCopy(temporary.root)
        golden = folder.resolve("golden").apply { mkdir() }
        model = Models.read(FolderSource(folder)).first { it.file.recipe == "int8" }
        val input = Preprocess(2).apply { run(picture, Orientation.UPRIGHT) }.rgb.map { (it.toInt() xor 0x80).toByte() }
        golden.resolve("in.bin").writeBytes(input.toByteArray())
        golden.resolve("out.bin").writeBytes(input.toByteArray())
        golden.resolve("golden.json").writeText(
            """[{"image": "a.png", "models": {"int8": {"input": {"file": "in.bin"}, "output": {"file": "out.bin"}}}}]""",
        )
    }

    private fun check(): Golden.Report =
        Golden.check(model, fakeEngine(model)) {
            assertEquals("golden/a.png", it)
            picture
        }

    private fun damage(
        name: String,
        change: (ByteArray) -> ByteArray,
    ) = golden.resolve(name).let { it.writeBytes(change(it.readBytes())) }

    private fun valuesOf(report: Golden.Report) =
        listOf(report.pictures, report.inputsEqual, report.outputsEqual, report.maxSteps)

    @Test
    fun vectors_whenAllAreMet_thenAllAreCounted() {
        assertEquals(listOf(1, 1, 1, 0.0), valuesOf(check()))
    }

    @Test
    fun vectors_whenAnOutputDiffers_thenTheLargestStepIsReported() {
        damage("out.bin") { bytes -> bytes.also { it[3] = (if (it[3] > 0) it[3] - 4 else it[3] + 4).toByte() } }
        assertEquals(listOf(1, 1, 0, 4.0), valuesOf(check()))
    }

    @Test
    fun vectors_whenAnInputDiffers_thenItIsNotCounted() {
        damage("in.bin") { bytes -> bytes.also { it[0] = (it[0].toInt() xor 1).toByte() } }
        assertEquals(listOf(1, 0, 0, 1.0), valuesOf(check()))
    }

    @Test
    fun vectors_whenAFileIsCutShort_thenASentence() {
        damage("out.bin") { it.copyOf(5) }
        assertTrue("golden/out.bin: expected 12 bytes, as the tensor has; got 5" in refusal { check() })
    }

    @Test
    fun vectors_whenThereAreNone_thenASentence() {
        golden.deleteRecursively()
        assertTrue("tiny: expected a file golden/golden.json; there is none" in refusal { check() })
    }

    @Test
    fun vectors_whenTheListLacksTheRecipe_thenASentence() {
        golden.resolve("golden.json").writeText("""[{"image": "a.png", "models": {}}]""")
        assertTrue("has no \"int8\"" in refusal { check() })
    }
}
