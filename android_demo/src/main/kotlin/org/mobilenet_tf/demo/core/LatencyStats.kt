package org.mobilenet_tf.demo.core

import java.util.Arrays

/** Latencies of the last `window` frames. */
class LatencyStats(
    window: Int,
) {
    private val times = LongArray(window)

    // The same times in ascending order. Inserting and removing keeps them so; a sort for each frame would allocate.
    private val sorted = LongArray(window)
    private var next = 0

    /** How many times are stored, at most `window`. */
    var count = 0
        private set

    fun add(nanos: Long) {
        if (count == times.size) remove(times[next])
        times[next] = nanos
        next = (next + 1) % times.size
        val match = Arrays.binarySearch(sorted, 0, count, nanos)
        val index = if (match < 0) -(match + 1) else match
        System.arraycopy(sorted, index, sorted, index + 1, count - index)
        sorted[index] = nanos
        count++
    }

    /**
     * The p-th percentile in ms, p from 0 to 100, interpolated linearly as by numpy.percentile; NaN if there is no
     * time.
     */
    fun percentileMs(p: Double): Double {
        require(p in 0.0..100.0) { "expected a percentile of 0 to 100; got $p" }
        if (count == 0) return Double.NaN
        val rank = p / 100 * (count - 1)
        val lower = rank.toInt()
        val upper = minOf(lower + 1, count - 1)
        return ms(sorted[lower]) + (ms(sorted[upper]) - ms(sorted[lower])) * (rank - lower)
    }

    /** The last time in ms; NaN if there is none. */
    fun lastMs(): Double = if (count == 0) Double.NaN else ms(times[Math.floorMod(next - 1, times.size)])

    private fun remove(nanos: Long) {
        val index = Arrays.binarySearch(sorted, 0, count, nanos)
        count--
        System.arraycopy(sorted, index + 1, sorted, index, count - index)
    }

    private fun ms(nanos: Long) = nanos / 1e6
}
