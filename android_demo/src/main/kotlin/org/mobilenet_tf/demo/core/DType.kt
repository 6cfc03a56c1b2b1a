package org.mobilenet_tf.demo.core

import java.nio.ByteBuffer

/** The types that an export's input and output tensors may have, by the names its manifest uses. */
enum class DType(val bytes: Int) {
    FLOAT32(4),
    UINT8(1),
    INT8(1),
    INT16(2),
    ;

    /** The name in the manifest, such as `int8`. */
    val label: String = name.lowercase()

    companion object {
        /** Throws DemoException for a name that is none of these. */
        fun of(name: String): DType =
            values().firstOrNull { it.label == name }
                ?: throw DemoException("expected a tensor of float32, uint8, int8 or int16; got $name. $EXPORT_AGAIN")
    }
}

/** An input or output tensor. real = scale * (q - zeroPoint); scale is 0 for a float tensor. */
class TensorSpec(
    val dtype: DType,
    val shape: List<Int>,
    val scale: Float,
    val zeroPoint: Int,
) {
    val elements: Int = shape.fold(1) { product, n -> product * n }
    val sizeBytes: Int = elements * dtype.bytes

    /** The real value of an element of a buffer in native byte order. */
    fun real(
        buffer: ByteBuffer,
        index: Int,
    ): Float =
        when (dtype) {
            DType.FLOAT32 -> buffer.getFloat(4 * index)
            DType.UINT8 -> scale * ((buffer.get(index).toInt() and 255) - zeroPoint)
            DType.INT8 -> scale * (buffer.get(index) - zeroPoint)
            DType.INT16 -> scale * (buffer.getShort(2 * index) - zeroPoint)
        }

    override fun toString(): String {
        val steps = if (scale == 0f) "" else ", scale $scale, zero point $zeroPoint"
        return "${dtype.label} ${shape.joinToString(", ", "(", ")")}$steps"
    }
}
