package org.mobilenet_tf.demo.benchmark

import org.junit.Assert.assertEquals
import org.junit.Rule
import org.junit.Test
import org.junit.rules.TemporaryFolder
import org.mobilenet_tf.demo.core.Accelerator
import org.mobilenet_tf.demo.core.ArgbFrame
import org.mobilenet_tf.demo.core.FolderSource
import org.mobilenet_tf.demo.core.Models
import org.mobilenet_tf.demo.core.Orientation
import org.mobilenet_tf.demo.core.TINY
import org.mobilenet_tf.demo.core.fakeEngine

class MeasurerTest {
    @get:Rule
    val temporary = TemporaryFolder()

    private val model = Models.read(FolderSource(TINY)).first { it.file.recipe == "int8" }
    private val photo = ArgbFrame().apply { set(2, 2, IntArray(4)) }

    /** The tasks and shares that are reported for 2 + 7 frames and so many photos. */
    private fun reports(photos: Int?): List<Pair<String, Double>> {
        val reports = ArrayList<Pair<String, Double>>()
        val measurer =
            Measurer({ model, _, _ -> fakeEngine(model) }, { photo to Orientation.UPRIGHT }, { false }) { task, share ->
                reports += task to share
            }
        val files = photos?.let { count -> List(count) { temporary.newFile() } }
        measurer.measure(model, BenchmarkRequest(model.name, 1, Accelerator.CPU, 7, 2, null), files)
        return reports
    }

    @Test
    fun progress_whenThereAreNoPhotos_thenTheGoldenVectorsAreTheLastTenth() {
        val expected =
            listOf(
                "tiny_int8: loading" to 0.0,
                "tiny_int8: 2 runs of warm-up and 7 measured" to 0.0,
                "tiny_int8: golden vectors" to 0.9,
            )
        assertEquals(expected, reports(null))
    }

    @Test
    fun progress_whenThereArePhotos_thenEachCountsAsMuchAsAFrame() {
        val expected =
            listOf(
                "tiny_int8: golden vectors" to 9 / 30.0,
                "tiny_int8: picture 1 of 20" to 10 / 30.0,
                "tiny_int8: picture 11 of 20" to 20 / 30.0,
            )
        val reports = reports(20).takeLast(3)
        assertEquals(expected.map { it.first }, reports.map { it.first })
        for ((report, other) in reports.zip(expected)) assertEquals(other.second, report.second, 1e-12)
    }
}
