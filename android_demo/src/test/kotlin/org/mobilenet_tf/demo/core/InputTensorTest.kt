package org.mobilenet_tf.demo.core

import org.junit.Assert.assertEquals
import org.junit.Assert.assertThrows
import org.junit.Test

class InputTensorTest {
    private val all = ByteArray(256) { it.toByte() }
    private val ours = Normalization.FROM_MINUS_ONE_TO_ONE
    private val ofChannels = Normalization(listOf(124f, 116f, 104f), listOf(58f, 57f, 59f))

    private fun filled(
        dtype: DType,
        scale: Float = 0f,
    ) = InputTensor(TensorSpec(dtype, listOf(1, 16, 16, 1), scale, 0), ours).also { it.fill(all) }.buffer

    @Test
    fun input_whenUint8_thenTheByte() {
        val buffer = filled(DType.UINT8)
        for (byte in 0..255) assertEquals(byte.toByte(), buffer.get(byte))
    }

    @Test
    fun input_whenInt8_thenTheByteLess128() {
        val buffer = filled(DType.INT8)
        for (byte in 0..255) assertEquals(byte - 128, buffer.get(byte).toInt())
    }

    @Test
    fun input_whenFloat32_thenFromMinusOneToOne() {
        val buffer = filled(DType.FLOAT32)
        for (byte in 0..255) assertEquals((byte - 127.5f) / 127.5f, buffer.getFloat(4 * byte), 0f)
        assertEquals(-1f, buffer.getFloat(0), 0f)
        assertEquals(1f, buffer.getFloat(4 * 255), 0f)
    }

    @Test
    fun input_whenInt16_thenTheFloatInStepsHalfToEven() {
        val fine = filled(DType.INT16, 1 / 32767f)
        assertEquals(-32767, fine.getShort(0).toInt())
        assertEquals(32767, fine.getShort(2 * 255).toInt())
        // Bytes 0 and 255 are 2.5 steps of 0.4 from zero.
        val coarse = filled(DType.INT16, 0.4f)
        assertEquals(-2, coarse.getShort(0).toInt())
        assertEquals(2, coarse.getShort(2 * 255).toInt())
    }

    @Test
    fun input_whenTheChannelsDiffer_thenEachHasItsOwnMeanAndStd() {
        for ((dtype, scale) in listOf(DType.FLOAT32 to 0f, DType.INT16 to 0.001f)) {
            val tensor = InputTensor(TensorSpec(dtype, listOf(1, 1, 2, 3), scale, 0), ofChannels)
            tensor.fill(byteArrayOf(0, 0, 0, -1, -1, -1))
            val expected = listOf(-124f / 58f, -116f / 57f, -104f / 59f, 131f / 58f, 139f / 57f, 151f / 59f)
            for ((index, value) in expected.withIndex()) {
                if (dtype == DType.FLOAT32) {
                    assertEquals(value, tensor.buffer.getFloat(4 * index), 0f)
                } else {
                    val steps = Math.rint((value / scale).toDouble()).toInt()
                    assertEquals(steps, tensor.buffer.getShort(2 * index).toInt())
                }
            }
        }
    }

    @Test
    fun input_whenItTakesBytes_thenTheNormalizationIsInItsScale() {
        val tensor = InputTensor(TensorSpec(DType.UINT8, listOf(1, 1, 1, 3), 0.02f, 110), ofChannels)
        tensor.fill(byteArrayOf(1, 2, 3))
        assertEquals(listOf<Byte>(1, 2, 3), List(3) { tensor.buffer.get(it) })
    }

    @Test
    fun input_whenItIsFilledAgain_thenNothingOfThePastIsLeft() {
        for (dtype in DType.values()) {
            val tensor = InputTensor(TensorSpec(dtype, listOf(1, 16, 16, 1), 0.01f, 0), ours)
            tensor.fill(all)
            val first = ByteArray(tensor.buffer.capacity()) { tensor.buffer.get(it) }
            tensor.fill(ByteArray(256))
            tensor.fill(all)
            for (index in first.indices) assertEquals(first[index], tensor.buffer.get(index))
        }
    }

    @Test
    fun input_whenThePictureIsOfAnotherSize_thenRefused() {
        val tensor = InputTensor(TensorSpec(DType.INT8, listOf(1, 2, 2, 3), 0.1f, 0), ours)
        assertThrows(IllegalArgumentException::class.java) { tensor.fill(ByteArray(11)) }
    }
}
