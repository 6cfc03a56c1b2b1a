package org.mobilenet_tf.demo.benchmark

import kotlin.math.sqrt

/** The times of one stage, run by run; statistics as the Python harness makes them. */
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

    /** Of these runs, not an estimate for all runs there might be: numpy.std. */
    val std: Double
        get() {
            val mean = mean
            return sqrt(times().sumOf { (it - mean) * (it - mean) } / count)
        }

    /** Linear between two runs, as numpy.percentile; p from 0 to 100. */
    fun percentile(p: Double): Double {
        val sorted = times().apply { sort() }
        val rank = p / 100 * (count - 1)
        val lower = rank.toInt()
        val upper = minOf(lower + 1, count - 1)
        return sorted[lower] + (sorted[upper] - sorted[lower]) * (rank - lower)
    }

    /** At most `kept` of the runs, evenly, in order, in ms. */
    fun thinned(kept: Int): List<Double> {
        if (count <= kept) return times().toList()
        // As numpy.linspace(0, count - 1, kept).round(): halves go to the even neighbour.
        val places = (0 until kept).map { Math.rint(it * (count - 1.0) / (kept - 1)).toInt() }.distinct()
        return places.map { ms(nanos[it]) }
    }

    private fun times() = DoubleArray(count) { ms(nanos[it]) }

    private fun ms(nanos: Long) = nanos / 1e6
}
