package org.mobilenet_tf.demo.benchmark

import org.junit.Assert.assertEquals
import org.junit.Test

class SamplesTest {
    private fun samples(vararg ms: Int) = Samples(ms.size).apply { ms.forEach { add(it * 1_000_000L) } }

    @Test
    fun percentile_whenBetweenTwoRuns_thenLinearAsNumpy() {
        // numpy.percentile([4, 1, 3, 2], [50, 90, 99])
        val four = samples(4, 1, 3, 2)
        assertEquals(2.5, four.percentile(50.0), 1e-12)
        assertEquals(3.7, four.percentile(90.0), 1e-12)
        assertEquals(3.97, four.percentile(99.0), 1e-12)
    }

    @Test
    fun statistics_whenFourRuns_thenAsNumpy() {
        val four = samples(4, 1, 3, 2)
        assertEquals(1.0, four.min, 0.0)
        assertEquals(2.5, four.mean, 1e-12)
        assertEquals(1.118033988749895, four.std, 1e-12) // numpy.std([4, 1, 3, 2])
    }

    @Test
    fun statistics_whenOneRun_thenThatRun() {
        val one = samples(7)
        assertEquals(listOf(7.0, 7.0, 7.0, 0.0), listOf(one.percentile(99.0), one.min, one.mean, one.std))
        assertEquals(listOf(7.0), one.thinned(1000))
    }

    @Test
    fun thinned_whenThereAreMoreRuns_thenAtEqualDistancesInOrder() {
        val ten = samples(0, 1, 2, 3, 4, 5, 6, 7, 8, 9)
        // numpy.linspace(0, 9, 4).round()
        assertEquals(listOf(0.0, 3.0, 6.0, 9.0), ten.thinned(4))
        assertEquals(10, ten.thinned(10).size)
    }
}
