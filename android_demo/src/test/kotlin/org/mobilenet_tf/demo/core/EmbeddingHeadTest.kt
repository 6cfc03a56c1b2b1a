package org.mobilenet_tf.demo.core

import org.junit.Assert.assertEquals
import org.junit.Assert.assertNotEquals
import org.junit.Assert.assertSame
import org.junit.Test
import java.nio.ByteBuffer

/** An embedding, and the remembered photos that are most similar to it. */
class EmbeddingHeadTest {
    private val spec = TensorSpec(DType.FLOAT32, listOf(1, 3), 0f, 0)
    private val photos = RememberedPhotos()
    private val head = EmbeddingHead(spec, photos)
    private val seen = Preprocess(2)

    private fun output(vararg values: Float): List<ByteBuffer> {
        val buffer = bufferOf(TensorSpec(DType.FLOAT32, listOf(values.size), 0f, 0))
        values.forEachIndexed { index, value -> buffer.putFloat(4 * index, value) }
        return listOf(buffer)
    }

    private fun remember(vararg values: Float) {
        head.read(output(*values))
        head.remember(seen)
    }

    private fun similarTo(vararg values: Float): List<Pair<Int, Float>> {
        head.read(output(*values))
        return head.similar().map { it.photo.number to it.cosine }
    }

    @Test
    fun vector_whenOfInt8_thenItsRealValues() {
        val int8 = TensorSpec(DType.INT8, listOf(1, 2), 0.5f, -1)
        val head = EmbeddingHead(int8)
        head.read(listOf(bufferOf(int8).put(0, 3).put(1, -5)))
        assertEquals(listOf(2f, -2f), head.values.toList())
    }

    @Test
    fun photos_whenRemembered_thenTheMostSimilarComeFirstWithTheirCosines() {
        remember(1f, 0f, 0f)
        remember(0f, 2f, 0f)
        remember(-1f, 0f, 0f)
        // The lengths do not count: 3 / 5, 4 / 5 and -3 / 5.
        assertEquals(listOf(2 to 0.8f, 1 to 0.6f, 3 to -0.6f), similarTo(30f, 40f, 0f))
    }

    @Test
    fun photos_whenASelectionIsMade_thenThoseOfItsCosineAndNumber() {
        remember(1f, 0f, 0f)
        remember(0f, 1f, 0f)
        head.selection = Selection(1, 0f)
        assertEquals(listOf(2 to 0.8f), similarTo(3f, 4f, 0f))
        head.selection = Selection(10, 0.7f)
        assertEquals(listOf(2 to 0.8f), similarTo(3f, 4f, 0f))
        head.selection = Selection(10, 0.9f)
        assertEquals(emptyList<Pair<Int, Float>>(), similarTo(3f, 4f, 0f))
        assertEquals(2, head.count)
    }

    @Test
    fun vector_whenItHasNoDirection_thenItIsSimilarToNothing() {
        remember(0f, 0f, 0f)
        remember(1f, 0f, 0f)
        assertEquals(listOf(1 to 0f, 2 to 0f), similarTo(0f, 0f, 0f))
        assertEquals(listOf(2 to 1f, 1 to 0f), similarTo(1f, 0f, 0f))
    }

    @Test
    fun photos_whenMoreAreRememberedThanFit_thenTheOldestIsForgotten() {
        val few = RememberedPhotos(capacity = 2)
        val vectors = List(3) { floatArrayOf(it.toFloat()) }
        vectors.forEach { few.add(1, ByteArray(3), it) }
        val there = arrayOfNulls<RememberedPhoto>(2)
        assertEquals(2, few.copyInto(there))
        assertEquals(listOf(2, 3), there.map { it?.number })
        few.clear()
        assertEquals(0, few.copyInto(there))
        assertEquals(listOf(null, null), there.toList())
        few.add(1, ByteArray(3), vectors[0])
        few.copyInto(there)
        assertEquals(1, there[0]?.number)
    }

    @Test
    fun photo_whenRemembered_thenPixelsAndVectorOfThatMoment() {
        seen.run(argbNoise(5, 4, 1), Orientation.UPRIGHT)
        val pixels = seen.rgb.toList()
        remember(3f, 4f, 0f)
        seen.run(argbNoise(5, 4, 2), Orientation.UPRIGHT)
        head.read(output(0f, 0f, 1f))
        val photo = head.similar().single().photo
        assertEquals(2 to pixels, photo.res to photo.rgb.toList())
        assertNotEquals(pixels, seen.rgb.toList())
        assertEquals(listOf(3f, 4f, 0f), photo.vector.toList())
    }

    @Test
    fun frame_whenComparedWithAsManyPhotosAsFit_thenNothingIsAllocated() {
        repeat(photos.capacity + 1) { remember(it.toFloat(), 1f, 0f) }
        val copy = head.another()
        val outputs = output(1f, 0f, 0f)
        val allocated =
            allocatedBytes(100) {
                head.read(outputs)
                copy.copyFrom(head)
            }
        assertEquals(0, allocated)
        val similar = copy.similar()
        assertEquals(Head.MOST, similar.size)
        assertSame(head.similar()[0].photo, similar[0].photo)
        assertEquals(13, similar[0].photo.number)
    }

    @Test
    fun photos_whenOfAnotherModel_thenNotCompared() {
        val remembered = RememberedByModel()
        val (int8, float32) = Models.read(FolderSource(VECTOR))
        remembered.of(int8).add(2, ByteArray(12), FloatArray(12))
        val there = arrayOfNulls<RememberedPhoto>(photos.capacity)
        assertEquals(0, remembered.of(float32).copyInto(there))
        assertEquals(1, remembered.of(Models.read(FolderSource(VECTOR))[0]).copyInto(there))
    }
}
