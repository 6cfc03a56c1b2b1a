package org.mobilenet_tf.demo.core

import org.junit.Assert.assertEquals
import org.junit.Assert.assertThrows
import org.junit.Test
import java.nio.ByteBuffer
import java.nio.ByteOrder

class TopKTest {
    private fun floats(vararg values: Float): ByteBuffer {
        val buffer = ByteBuffer.allocateDirect(4 * values.size).order(ByteOrder.nativeOrder())
        values.forEach { buffer.putFloat(it) }
        return buffer
    }

    private fun spec(
        dtype: DType,
        classes: Int,
        scale: Float = 0f,
        zeroPoint: Int = 0,
    ) = TensorSpec(dtype, listOf(1, classes), scale, zeroPoint)

    private fun best(
        k: Int,
        threshold: Float,
        vararg values: Float,
    ): List<Pair<Int, Float>> {
        val topK = TopK(values.size, k)
        topK.update(floats(*values), spec(DType.FLOAT32, values.size), minOf(k, values.size), threshold)
        return (0 until topK.count).map { topK.indices[it] to topK.scores[it] }
    }

    @Test
    fun classes_whenScoresDiffer_thenBestFirst() {
        assertEquals(listOf(1 to 0.5f, 3 to 0.3f, 0 to 0.1f), best(3, 0f, 0.1f, 0.5f, 0.05f, 0.3f))
    }

    @Test
    fun classes_whenScoresTie_thenLowerIndexFirst() {
        assertEquals(listOf(1 to 0.4f, 3 to 0.4f, 0 to 0.1f), best(3, 0f, 0.1f, 0.4f, 0.1f, 0.4f))
    }

    @Test
    fun classes_whenBelowTheThreshold_thenLeftOut() {
        assertEquals(listOf(1 to 0.5f, 3 to 0.3f), best(3, 0.3f, 0.1f, 0.5f, 0.05f, 0.3f))
        assertEquals(emptyList<Pair<Int, Float>>(), best(3, 0.9f, 0.1f, 0.5f))
    }

    @Test
    fun classes_whenFewerThanK_thenAllOfThem() {
        assertEquals(listOf(0 to 0.6f, 1 to 0.4f), best(5, 0f, 0.6f, 0.4f))
    }

    @Test
    fun classes_whenAScoreIsNoNumber_thenItIsLeftOut() {
        assertEquals(listOf(1 to 0.4f), best(2, 0f, Float.NaN, 0.4f))
    }

    @Test
    fun topK_whenKIsZero_thenRefused() {
        assertThrows(IllegalArgumentException::class.java) { TopK(2, 0) }
        val scores = floats(0.5f, 0.5f)
        for (k in listOf(0, 3)) {
            val update = { TopK(2, 2).update(scores, spec(DType.FLOAT32, 2), k, 0f) }
            assertThrows(IllegalArgumentException::class.java) { update() }
        }
    }

    @Test
    fun classes_whenFewerAreAskedForThanItHolds_thenTheBestOfThem() {
        val topK = TopK(4, 4)
        topK.update(floats(0.1f, 0.5f, 0.05f, 0.3f), spec(DType.FLOAT32, 4), 2, 0f)
        assertEquals(listOf(1, 3), topK.indices.take(topK.count))
    }

    @Test
    fun scores_whenQuantized_thenScaleTimesQLessZeroPoint() {
        val bytes = ByteBuffer.allocateDirect(2).order(ByteOrder.nativeOrder())
        bytes.put(0, -128).put(1, 127)
        val topK = TopK(2, 2)
        topK.update(bytes, spec(DType.INT8, 2, 1 / 256f, -128), 2, 0f)
        assertEquals(listOf(255 / 256f, 0f), topK.scores.toList())
        topK.update(bytes, spec(DType.UINT8, 2, 1 / 256f), 2, 0f)
        assertEquals(listOf(0.5f, 127 / 256f), topK.scores.toList())
        assertEquals(listOf(0, 1), topK.indices.toList())
        val shorts = ByteBuffer.allocateDirect(4).order(ByteOrder.nativeOrder())
        shorts.putShort(0, 100).putShort(2, 32767)
        topK.update(shorts, spec(DType.INT16, 2, 1 / 32768f), 2, 0f)
        assertEquals(listOf(32767 / 32768f, 100 / 32768f), topK.scores.toList())
    }

    @Test
    fun classes_whenReadTwice_thenOfTheLastOutput() {
        val topK = TopK(3, 3)
        topK.update(floats(0.3f, 0.3f, 0.4f), spec(DType.FLOAT32, 3), 3, 0.2f)
        topK.update(floats(0.9f, 0.1f, 0f), spec(DType.FLOAT32, 3), 3, 0.2f)
        assertEquals(1, topK.count)
        assertEquals(0, topK.indices[0])
    }
}
