package org.mobilenet_tf.demo.core

import java.util.Arrays

/** Times of the last `window` frames. */
class LatencyStats(
    window: Int,
) {
    private val times = LongArray(window)

    // The same times in order, kept so by moving a few: a sort for each frame would allocate.
    private val sorted = LongArray(window)
    private var next = 0

    /** How many times are held, `window` at the most. */
    var count = 0
        private set

    fun add(nanos: Long) {
        if (count == times.size) forget(times[next])
        times[next] = nanos
        next = (next + 1) % times.size
        val found = Arrays.binarySearch(sorted, 0, count, nanos)
        val place = if (found < 0) -(found + 1) else found
        System.arraycopy(sorted, place, sorted, place + 1, count - place)
        sorted[place] = nanos
        count++
    }

    fun clear() {
        next = 0
        count = 0
    }

    /** The p-th percentile in ms, p from 0 to 100, linear between two times as numpy.percentile; NaN where there is none. */
    fun percentileMs(p: Double): Double {
        require(p in 0.0..100.0) { "expected a percentile of 0 to 100; got $p" }
        if (count == 0) return Double.NaN
        val rank = p / 100 * (count - 1)
        val lower = rank.toInt()
        val upper = minOf(lower + 1, count - 1)
        return ms(sorted[lower]) + (ms(sorted[upper]) - ms(sorted[lower])) * (rank - lower)
    }

    /** The last time in ms; NaN where there is none. */
    fun lastMs(): Double = if (count == 0) Double.NaN else ms(times[Math.floorMod(next - 1, times.size)])

    private fun forget(nanos: Long) {
        val place = Arrays.binarySearch(sorted, 0, count, nanos)
        count--
        System.arraycopy(sorted, place + 1, sorted, place, count - place)
    }

    private fun ms(nanos: Long) = nanos / 1e6
}
