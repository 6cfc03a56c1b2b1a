package org.mobilenet_tf.demo.core

import org.junit.Assert.assertEquals
import org.junit.Assert.assertThrows
import org.junit.Assert.assertTrue
import org.junit.Test

class ClassifierTest {
    private val model = Models.read(FolderSource(TINY)).first { it.file.recipe == "int8" }
    private val engine = fakeEngine(model)
    private val classifier = Classifier(model, engine, TopK(12, 3, 0f))

    @Test
    fun frame_whenClassified_thenTheEnginesBestClassesAndAllStagesTimed() {
        // The fake's outputs are the inputs: the best class is the brightest byte.
        val frame = ArgbFrame().apply { set(2, 2, intArrayOf(0x010203, 0x040506, 0x07ff09, 0x0a0b0c)) }
        classifier.classify(frame, Orientation.UPRIGHT)
        assertEquals(listOf(7, 11, 10), classifier.topK.indices.toList())
        assertEquals(255 / 256f, classifier.topK.scores[0], 0f)
        val stages = listOf(classifier.preprocessNanos, classifier.inferenceNanos, classifier.postprocessNanos)
        assertTrue(stages.all { it > 0 })
    }

    @Test
    fun frame_whenTurned_thenTheTurnedPictureIsClassified() {
        val frame = ArgbFrame().apply { set(2, 2, intArrayOf(0, 0, 0xff, 0)) }
        classifier.classify(frame, Orientation.ROTATE_90) // the lower left pixel comes to the upper left
        assertEquals(2, classifier.topK.indices[0])
    }

    @Test
    fun classifier_whenClosed_thenItsEngineIs() {
        classifier.close()
        assertTrue(engine.closed)
    }

    @Test
    fun classifier_whenTopKIsOfAnotherSize_thenRefused() {
        assertThrows(IllegalArgumentException::class.java) { Classifier(model, engine, TopK(11, 3, 0f)) }
    }
}
