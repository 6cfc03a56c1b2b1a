package org.mobilenet_tf.demo.core

/** Times of the last `window` frames. */
class LatencyStats(
    window: Int,
) {
    private val times = LongArray(window)
    private val sorted = LongArray(window)
    private var next = 0

    /** How many times are held, `window` at the most. */
    var count = 0
        private set

    fun add(nanos: Long) {
        times[next] = nanos
        next = (next + 1) % times.size
        if (count < times.size) count++
    }

    fun clear() {
        next = 0
        count = 0
    }

    /** The p-th percentile in ms, p from 0 to 100, linear between two times as numpy.percentile; NaN where there is none. */
    fun percentileMs(p: Double): Double {
        require(p in 0.0..100.0) { "expected a percentile of 0 to 100; got $p" }
        if (count == 0) return Double.NaN
        System.arraycopy(times, 0, sorted, 0, count)
        sorted.sort(0, count)
        val rank = p / 100 * (count - 1)
        val lower = rank.toInt()
        val upper = minOf(lower + 1, count - 1)
        return ms(sorted[lower]) + (ms(sorted[upper]) - ms(sorted[lower])) * (rank - lower)
    }

    /** The last time in ms; NaN where there is none. */
    fun lastMs(): Double = if (count == 0) Double.NaN else ms(times[Math.floorMod(next - 1, times.size)])

    private fun ms(nanos: Long) = nanos / 1e6
}
