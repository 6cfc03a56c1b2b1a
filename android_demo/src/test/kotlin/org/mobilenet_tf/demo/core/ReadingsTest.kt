package org.mobilenet_tf.demo.core

import org.junit.Assert.assertEquals
import org.junit.Assert.assertTrue
import org.junit.Test

class ReadingsTest {
    private val model = Models.read(FolderSource(TINY)).first()
    private val labels = model.labels
    private val pipeline = pipelineOf(model, fakeEngine(model), 3)

    @Test
    fun reading_whenNothingWasClassified_thenEmpty() =
        assertEquals(Reading(0, 0, emptyList(), emptyList()), Readings(labels, pipeline.head).reading())

    @Test
    fun frame_whenClassifiedAndRecorded_thenNothingIsAllocated() {
        val readings = Readings(labels, pipeline.head)
        val frame = yuvNoise(640, 480, 1)
        var frames = 0L
        val allocated =
            allocatedBytes(20) {
                frames++
                pipeline.run(frame, Orientation.ROTATE_90)
                readings.add(pipeline)
                readings.addDropped()
            }
        assertEquals(0, allocated)
        assertTrue(frames > 0)
        assertEquals(frames to frames, readings.reading().let { it.frames to it.dropped })
    }

    @Test
    fun reading_whenAFrameWasClassified_thenItsClassesAndTheSumOfItsStages() {
        val frame = ArgbFrame().apply { set(2, 2, intArrayOf(0x010203, 0x040506, 0x07ff09, 0x0a0b0c)) }
        pipeline.run(frame, Orientation.UPRIGHT)
        val reading = Readings(labels, pipeline.head).apply { add(pipeline) }.reading()
        assertEquals(listOf("value 7", "value 11", "value 10"), reading.best.map { it.label })
        assertEquals(Stage.entries, reading.latencies.map { it.stage })
        val times = reading.latencies.map { it.lastMs }
        // Each is a whole number of nanoseconds, divided into ms: only rounding differs.
        assertEquals(times.dropLast(1).sum(), times.last(), 1e-9)
    }
}
