package org.mobilenet_tf.demo.core

import java.nio.ByteBuffer
import java.nio.ByteOrder

/** Step 4 of the preprocessing rule: writes RGB bytes into a model's input buffer, converted to its dtype. */
class InputTensor(
    private val spec: TensorSpec,
) {
    val buffer: ByteBuffer = ByteBuffer.allocateDirect(spec.sizeBytes).order(ByteOrder.nativeOrder())

    private val bytes = ByteArray(if (spec.dtype == DType.INT8) spec.elements else 0)
    private val floats = FloatArray(if (spec.dtype == DType.FLOAT32) spec.elements else 0)
    private val shorts = ShortArray(if (spec.dtype == DType.INT16) spec.elements else 0)
    private val floatBuffer = buffer.asFloatBuffer()
    private val shortBuffer = buffer.asShortBuffer()
    private val normalized = FloatArray(256) { (it - MEAN) / STD }
    private val steps =
        ShortArray(if (spec.dtype == DType.INT16) 256 else 0) {
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
                for (i in rgb.indices) shorts[i] = steps[rgb[i].toInt() and 255]
                shortBuffer.position(0)
                shortBuffer.put(shorts)
            }
            DType.FLOAT32 -> {
                for (i in rgb.indices) floats[i] = normalized[rgb[i].toInt() and 255]
                floatBuffer.position(0)
                floatBuffer.put(floats)
            }
        }
    }

    private fun put(values: ByteArray) {
        buffer.position(0)
        buffer.put(values)
        buffer.position(0)
    }

    private companion object {
        const val MEAN = 127.5f
        const val STD = 127.5f
    }
}
