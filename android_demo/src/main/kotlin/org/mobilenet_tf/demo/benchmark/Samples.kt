package org.mobilenet_tf.demo.benchmark

import kotlin.math.sqrt

/** The latencies of one stage, run by run; statistics as Python computes them. */
class Samples(
    runs: Int,
) {
    private val nanos = LongArray(runs)
    var count = 0
        private set

    fun add(nanos: Long) {
        this.nanos[count++] = nanos
    }

    val min: Double get() = ms(nanos.take(count).min())
    val mean: Double get() = times().average()

    /** The standard deviation of these runs, as numpy.std; not the estimate for a larger population. */
    val std: Double
        get() {
            val mean = mean
            return sqrt(times().sumOf { (it - mean) * (it - mean) } / count)
        }

    /** Interpolated linearly between two runs, as by numpy.percentile; p from 0 to 100. */
    fun percentile(p: Double): Double {
        val sorted = times().apply { sort() }
        val rank = p / 100 * (count - 1)
        val lower = rank.toInt()
        val upper = minOf(lower + 1, count - 1)
        return sorted[lower] + (sorted[upper] - sorted[lower]) * (rank - lower)
    }

    /** At most `size` of the runs, at equal distances, in order, in ms. */
    fun thinned(size: Int): List<Double> {
        if (count <= size) return times().toList()
        // As numpy.linspace(0, count - 1, size).round(): ties are rounded to even.
        val indices = (0 until size).map { Math.rint(it * (count - 1.0) / (size - 1)).toInt() }.distinct()
        return indices.map { ms(nanos[it]) }
    }

    private fun times() = DoubleArray(count) { ms(nanos[it]) }

    private fun ms(nanos: Long) = nanos / 1e6
}
