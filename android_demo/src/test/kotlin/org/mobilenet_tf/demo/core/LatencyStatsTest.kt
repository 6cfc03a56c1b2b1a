package org.mobilenet_tf.demo.core

import org.junit.Assert.assertEquals
import org.junit.Assert.assertThrows
import org.junit.Assert.assertTrue
import org.junit.Test

class LatencyStatsTest {
    private fun of(
        window: Int,
        vararg ms: Int,
    ) = LatencyStats(window).apply { ms.forEach { add(it * 1_000_000L) } }

    @Test
    fun percentile_whenItFallsBetweenTimes_thenLinearAsNumpys() {
        // numpy.percentile([4, 1, 3, 2, 10], [0, 25, 50, 90, 100]); doubles of whole ms below 2^53 ns round to 1e-15.
        val stats = of(10, 4, 1, 3, 2, 10)
        val expected = mapOf(0.0 to 1.0, 25.0 to 2.0, 50.0 to 3.0, 90.0 to 7.6, 100.0 to 10.0)
        for ((p, ms) in expected) assertEquals(ms, stats.percentileMs(p), 1e-12)
    }

    @Test
    fun times_whenMoreThanTheWindow_thenTheLastOnesCount() {
        val stats = of(3, 100, 100, 1, 2, 3)
        assertEquals(3, stats.count)
        assertEquals(2.0, stats.percentileMs(50.0), 0.0)
        assertEquals(3.0, stats.lastMs(), 0.0)
    }

    @Test
    fun times_whenNoneWasAdded_thenNoNumber() {
        val stats = of(3)
        assertTrue(stats.percentileMs(50.0).isNaN())
        assertTrue(stats.lastMs().isNaN())
    }

    @Test
    fun percentile_whenItIsNone_thenRefused() {
        assertThrows(IllegalArgumentException::class.java) { of(3, 1).percentileMs(101.0) }
    }
}
