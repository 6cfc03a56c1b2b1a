package org.mobilenet_tf.demo.core

import org.junit.Assert.assertEquals
import org.junit.Assert.assertTrue
import org.junit.Test

class PipelineTest {
    private val model = Models.read(FolderSource(TINY)).first { it.file.recipe == "int8" }
    private val engine = fakeEngine(model)
    private val pipeline = pipelineOf(model, engine, 3)

    @Test
    fun frame_whenClassified_thenTheEnginesBestClassesAndAllStagesTimed() {
        // The fake's outputs are the inputs: the best class is the brightest byte.
        val frame = ArgbFrame().apply { set(2, 2, intArrayOf(0x010203, 0x040506, 0x07ff09, 0x0a0b0c)) }
        pipeline.run(frame, Orientation.UPRIGHT)
        assertEquals(listOf(7, 11, 10), pipeline.topK.indices.take(pipeline.topK.count))
        assertEquals(255 / 256f, pipeline.topK.scores[0], 0f)
        val stages = listOf(pipeline.preprocessNanos, pipeline.inferenceNanos, pipeline.postprocessNanos)
        assertTrue(stages.all { it > 0 })
    }

    @Test
    fun frame_whenTurned_thenTheTurnedPictureIsClassified() {
        val frame = ArgbFrame().apply { set(2, 2, intArrayOf(0, 0, 0xff, 0)) }
        pipeline.run(frame, Orientation.ROTATE_90) // the lower left pixel comes to the upper left
        assertEquals(2, pipeline.topK.indices[0])
    }

    @Test
    fun pipeline_whenClosed_thenItsEngineIs() {
        pipeline.close()
        assertTrue(engine.closed)
    }

    @Test
    fun selection_whenChanged_thenTheLastOutputsAreReadAgainWithoutAnotherInference() {
        pipeline.run(
            ArgbFrame().apply {
                set(2, 2, intArrayOf(0x010203, 0x040506, 0x07ff09, 0x0a0b0c))
            },
            Orientation.UPRIGHT,
        )
        val inference = pipeline.inferenceNanos
        pipeline.head.selection = Selection(2, 0.5f)
        pipeline.readAgain()
        assertEquals(listOf(7), pipeline.topK.indices.take(pipeline.topK.count))
        assertEquals(inference, pipeline.inferenceNanos)
    }
}
