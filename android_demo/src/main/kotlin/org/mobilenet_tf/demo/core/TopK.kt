package org.mobilenet_tf.demo.core

import java.nio.ByteBuffer

/** The best of `size` classes, best first; of equal scores the lower index first. It holds at most `capacity`. */
class TopK(
    val size: Int,
    capacity: Int,
) {
    val indices = IntArray(minOf(capacity, size))
    val scores = FloatArray(minOf(capacity, size))
    private var k = 0

    init {
        require(capacity > 0) { "expected at least one class to look for; got $capacity" }
    }

    /** How many of `indices` and `scores` are valid. */
    var count = 0
        private set

    /**
     * Reads a model's output, in native byte order from index 0: the best `k` classes with a score of at least
     * `threshold`.
     */
    fun update(
        output: ByteBuffer,
        spec: TensorSpec,
        k: Int,
        threshold: Float,
    ) {
        begin(k)
        for (index in 0 until size) {
            val score = spec.real(output, index)
            if (score >= threshold) offer(index, score)
        }
    }

    /** As above, of those with a score above the threshold of their own: one for each class. */
    fun update(
        output: ByteBuffer,
        spec: TensorSpec,
        k: Int,
        thresholds: FloatArray,
    ) {
        begin(k)
        for (index in 0 until size) {
            val score = spec.real(output, index)
            if (score > thresholds[index]) offer(index, score)
        }
    }

    /** Takes the result of another one of the same size and capacity. */
    fun copyFrom(other: TopK) {
        count = other.count
        System.arraycopy(other.indices, 0, indices, 0, count)
        System.arraycopy(other.scores, 0, scores, 0, count)
    }

    /** Forgets the result: the best `k` are those of the classes that are offered from now on. */
    fun begin(k: Int) {
        require(k in 1..scores.size) { "expected 1 to ${scores.size} classes to look for; got $k" }
        this.k = k
        count = 0
    }

    /** Takes the class if it is among the best so far. Classes are offered by rising index. */
    fun offer(
        index: Int,
        score: Float,
    ) {
        if (count == k && score <= scores[count - 1]) return
        if (count < k) count++
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
