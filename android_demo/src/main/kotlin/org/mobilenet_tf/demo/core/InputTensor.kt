package org.mobilenet_tf.demo.core

import java.nio.ByteBuffer
import java.nio.ByteOrder

/**
 * Step 4 of the preprocessing rule: writes RGB bytes into a model's input buffer, converted to its dtype. An input of
 * bytes takes them as they are; others by the network's normalization.
 */
class InputTensor(
    private val spec: TensorSpec,
    normalization: Normalization,
) {
    val buffer: ByteBuffer = ByteBuffer.allocateDirect(spec.sizeBytes).order(ByteOrder.nativeOrder())

    private val bytes = ByteArray(if (spec.dtype == DType.INT8) spec.elements else 0)
    private val floats = FloatArray(if (spec.dtype == DType.FLOAT32) spec.elements else 0)
    private val shorts = ShortArray(if (spec.dtype == DType.INT16) spec.elements else 0)
    private val floatBuffer = buffer.asFloatBuffer()
    private val shortBuffer = buffer.asShortBuffer()
    private val normalized = normalization.valuesOfBytes()
    private val steps =
        ShortArray(if (spec.dtype == DType.INT16) normalized.size else 0) {
            Math.rint((normalized[it] / spec.scale).toDouble()).coerceIn(-32768.0, 32767.0).toInt().toShort()
        }

    fun fill(rgb: ByteArray) {
        require(rgb.size == spec.elements) { "expected ${spec.elements} bytes of RGB; got ${rgb.size}" }
        when (spec.dtype) {
            DType.UINT8 -> put(rgb)
            DType.INT8 -> {
                for (i in rgb.indices) bytes[i] = (rgb[i].toInt() xor 0x80).toByte()
                put(bytes)
            }
            DType.INT16 -> {
                forEachByte(rgb) { i, place -> shorts[i] = steps[place] }
                shortBuffer.position(0)
                shortBuffer.put(shorts)
            }
            DType.FLOAT32 -> {
                forEachByte(rgb) { i, place -> floats[i] = normalized[place] }
                floatBuffer.position(0)
                floatBuffer.put(floats)
            }
        }
    }

    /** Calls `action` with the index of each byte and with the place of its value in a table of three channels. */
    private inline fun forEachByte(
        rgb: ByteArray,
        action: (Int, Int) -> Unit,
    ) {
        var table = 0
        for (i in rgb.indices) {
            action(i, table + (rgb[i].toInt() and 255))
            table += Normalization.BYTES
            if (table == normalized.size) table = 0
        }
    }

    private fun put(values: ByteArray) {
        buffer.position(0)
        buffer.put(values)
        buffer.position(0)
    }
}
