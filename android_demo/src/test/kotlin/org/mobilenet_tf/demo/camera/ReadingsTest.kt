package org.mobilenet_tf.demo.camera

import org.junit.Assert.assertEquals
import org.junit.Rule
import org.junit.Test
import org.junit.rules.TemporaryFolder
import org.mobilenet_tf.demo.LABELS
import org.mobilenet_tf.demo.core.Classifier
import org.mobilenet_tf.demo.core.FolderSource
import org.mobilenet_tf.demo.core.Models
import org.mobilenet_tf.demo.core.Orientation
import org.mobilenet_tf.demo.core.TopK
import org.mobilenet_tf.demo.core.allocatedBytes
import org.mobilenet_tf.demo.core.fakeEngine
import org.mobilenet_tf.demo.core.yuvNoise
import org.mobilenet_tf.demo.writeModel

class ReadingsTest {
    @get:Rule val folder = TemporaryFolder()

    private val classifier by lazy {
        val model = Models.read(FolderSource(writeModel(folder.newFolder(), "m"))).single()
        Classifier(model, fakeEngine(model), TopK(LABELS.size, 3, 0f))
    }

    @Test
    fun reading_whenNothingWasClassified_thenEmpty() =
        assertEquals(Reading(0, 0, emptyList(), emptyList()), Readings(LABELS, 3).reading())

    @Test
    fun frame_whenClassifiedAndNoted_thenNothingIsAllocated() {
        val readings = Readings(LABELS, 3)
        val frame = yuvNoise(640, 480, 1)
        val allocated =
            allocatedBytes(20) {
                classifier.classify(frame, Orientation.ROTATE_90)
                readings.add(classifier)
                readings.drop()
            }
        assertEquals(0, allocated)
        assertEquals(40L to 40L, readings.reading().let { it.frames to it.dropped })
    }
}
