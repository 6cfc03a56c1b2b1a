package org.mobilenet_tf.demo.core

import org.junit.Assert.assertEquals
import org.junit.Assert.assertTrue
import org.junit.Test
import java.nio.ByteBuffer

class TfLiteFileTest {
    private val bytes = TINY.resolve("tiny_int8.tflite").readBytes()

    private fun read(bytes: ByteArray) = TfLiteFile.read(ByteBuffer.wrap(bytes), "a.tflite")

    private fun manifestFile(index: Int) = Models.read(FolderSource(TINY))[index].file

    @Test
    fun info_whenTheFileIsWhole_thenItsTensorsAndOps() {
        val file = read(bytes)
        assertEquals(listOf("int8"), file.inputs.map { it.dtype })
        assertEquals(listOf(1, 2, 2, 3), file.inputs[0].shape)
        assertEquals((1 / 127.5).toFloat(), file.inputs[0].scale, 0f)
        assertEquals(listOf(1, 12), file.outputs[0].shape)
        assertEquals(-128L, file.outputs[0].zeroPoint)
        assertEquals(2, file.ops)
        file.check(manifestFile(0))
    }

    @Test
    fun info_whenTheFileIsCutAnywhere_thenASentenceOrTheInfoButNoCrash() {
        val damaged = "a.tflite is not a .tflite file, or it is damaged"
        for (length in bytes.indices) {
            try {
                read(bytes.copyOf(length))
            } catch (error: DemoException) {
                assertTrue(error.message!!.startsWith(damaged))
            }
        }
        assertTrue(refusal { read(bytes.copyOf(64)) }.startsWith(damaged))
    }

    @Test
    fun info_whenAnyByteIsChanged_thenASentenceOrTheInfoButNoCrash() {
        for (index in bytes.indices) {
            for (value in listOf(0, 1, 127, 128, 255)) {
                try {
                    read(bytes.copyOf().also { it[index] = value.toByte() })
                } catch (_: DemoException) {
                    // the sentence
                }
            }
        }
    }

    @Test
    fun info_whenItIsAnotherKindOfFile_thenRefused() {
        for (other in listOf(ByteArray(0), ByteArray(7), ByteArray(100), "PK\u0003\u0004 and so on".toByteArray())) {
            assertTrue(refusal { read(other) }.startsWith("a.tflite is not a .tflite file"))
        }
    }

    @Test
    fun check_whenTheInputHasAnotherRank_thenRefused() {
        val rank2 = read(TINY.resolve("../rank2.tflite").readBytes())
        val sentence = refusal { rank2.check(manifestFile(1)) }
        assertTrue(sentence, "input: expected 4 dimensions, (1, 2, 2, 3); got (1, 12)" in sentence)
    }

    @Test
    fun check_whenTheFileIsFloatAndTheManifestInt8_thenBothAreReported() {
        val float = read(TINY.resolve("tiny_float32.tflite").readBytes())
        val sentence = refusal { float.check(manifestFile(0)) }
        assertTrue(sentence, "the manifest specifies int8 of scale 0.007843138" in sentence)
        assertTrue(sentence, "the file has float32" in sentence)
    }
}
