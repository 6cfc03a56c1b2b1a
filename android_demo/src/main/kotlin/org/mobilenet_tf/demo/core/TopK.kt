package org.mobilenet_tf.demo.core

import java.nio.ByteBuffer

/**
 * The best `k` of `size` classes with a score of at least `threshold`, best first; of equal scores the lower index
 * first.
 */
class TopK(
    val size: Int,
    k: Int,
    private val threshold: Float,
) {
    val indices = IntArray(minOf(k, size))
    val scores = FloatArray(minOf(k, size))

    init {
        require(k > 0) { "expected at least one class to look for; got $k" }
    }

    /** How many of `indices` and `scores` are valid. */
    var count = 0
        private set

    /** Reads a model's output, in native byte order from index 0. */
    fun update(
        output: ByteBuffer,
        spec: TensorSpec,
    ) {
        count = 0
        for (index in 0 until size) {
            val score = dequantized(output, spec, index)
            if (score >= threshold && (count < scores.size || score > scores[count - 1])) insert(index, score)
        }
    }

    private fun dequantized(
        output: ByteBuffer,
        spec: TensorSpec,
        index: Int,
    ): Float =
        when (spec.dtype) {
            DType.FLOAT32 -> output.getFloat(4 * index)
            DType.UINT8 -> spec.scale * ((output.get(index).toInt() and 255) - spec.zeroPoint)
            DType.INT8 -> spec.scale * (output.get(index) - spec.zeroPoint)
            DType.INT16 -> spec.scale * (output.getShort(2 * index) - spec.zeroPoint)
        }

    private fun insert(
        index: Int,
        score: Float,
    ) {
        if (count < scores.size) count++
        var rank = count - 1
        while (rank > 0 && scores[rank - 1] < score) {
            scores[rank] = scores[rank - 1]
            indices[rank] = indices[rank - 1]
            rank--
        }
        scores[rank] = score
        indices[rank] = index
    }
}
