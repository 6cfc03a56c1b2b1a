package org.mobilenet_tf.demo.core

import org.junit.Assert.assertEquals
import org.junit.Assert.assertThrows
import org.junit.Test
import java.nio.ByteBuffer

/** Boxes and tags; ReadingsTest and PipelineTest have the classes, EmbeddingHeadTest the embeddings. */
class HeadTest {
    private val boxSpecs = listOf(listOf(1, 3, 4), listOf(1, 3), listOf(1, 3), listOf(1)).map { spec(it) }
    private val labels = listOf("mask", "no mask")

    private fun spec(shape: List<Int>) = TensorSpec(DType.FLOAT32, shape, 0f, 0)

    private fun floats(vararg values: Float): ByteBuffer =
        bufferOf(spec(listOf(values.size))).also { buffer ->
            values.forEachIndexed { i, v -> buffer.putFloat(4 * i, v) }
        }

    private fun detected(count: Float) =
        listOf(
            floats(0.1f, 0.2f, 0.3f, 0.4f, 0f, 0f, 1f, 1f, 0.5f, 0.5f, 0.6f, 0.7f),
            floats(1f, 0f, 7f),
            floats(0.9f, 0.6f, 0.3f),
            floats(count),
        )

    private fun read(
        count: Float,
        selection: Selection = Head.EVERYTHING,
    ) = BoxesHead(boxSpecs, selection).apply { read(detected(count)) }

    @Test
    fun boxes_whenRead_thenAsManyAsWereFound() {
        val head = read(2f)
        assertEquals(2, head.count)
        assertEquals(listOf(1, 0), head.classes.take(2))
        assertEquals(listOf(0.1f, 0.2f, 0.3f, 0.4f), head.boxes.take(4))
    }

    @Test
    fun boxes_whenTheCountCannotBe_thenNoneOrAllThatThereAre() {
        val counts = listOf(Float.NaN, -1f, 0f, 3f, 1e9f, Float.POSITIVE_INFINITY)
        assertEquals(listOf(0, 0, 0, 3, 3, 3), counts.map { read(it).count })
    }

    @Test
    fun boxes_whenASelectionIsMade_thenThoseOfItsScoreAndNumber() {
        assertEquals(listOf(0.9f, 0.6f), read(3f, Selection(10, 0.5f)).let { it.scores.take(it.count) })
        assertEquals(1, read(3f, Selection(1, 0f)).count)
    }

    @Test
    fun boxes_whenNoThresholdIsChosen_thenThoseFromTheModelsOwn() {
        val head = BoxesHead(boxSpecs, Selection(10, 0f), shownFrom = 0.5f).apply { read(detected(3f)) }
        assertEquals(2, head.count)
        head.selection = Selection(10, 0.05f)
        head.read(detected(3f))
        assertEquals(3, head.count)
    }

    @Test
    fun boxes_whenOnTheScreen_thenWithLabelsAndANumberForAClassWithoutOne() {
        val head = read(3f)
        val readings = Readings(labels, head).apply { replace(head) }
        val boxes = readings.reading().boxes
        assertEquals(ScoredBox("no mask", 0.9f, 0.1f, 0.2f, 0.3f, 0.4f), boxes[0])
        assertEquals(listOf("no mask", "mask", "7"), boxes.map { it.label })
        assertEquals(boxes.map { it.label to it.score }, readings.reading().best.map { it.label to it.score })
    }

    @Test
    fun boxes_whenTheyReachIntoALetterboxsBorder_thenCutAtThePicturesEdge() {
        // A picture twice as wide as high has the middle half of the input's rows: from 0.25 to 0.75.
        val specs = listOf(spec(listOf(1, 1, 4)), spec(listOf(1, 1)), spec(listOf(1, 1)), spec(listOf(1)))
        val engine =
            object : Engine by FakeEngine(TensorSpec(DType.FLOAT32, listOf(1, 32, 32, 3), 0f, 0), specs) {
                override fun run(
                    inputs: List<ByteBuffer>,
                    outputs: List<ByteBuffer>,
                ) {
                    listOf(0.125f, 0f, 0.5f, 1f).forEachIndexed { side, share -> outputs[0].putFloat(4 * side, share) }
                    listOf(0f, 1f, 1f).forEachIndexed { index, value -> outputs[index + 1].putFloat(0, value) }
                }
            }
        val head = BoxesHead(specs, Head.EVERYTHING)
        Pipeline(Preprocess(32, Fit.LETTERBOX), Normalization.FROM_MINUS_ONE_TO_ONE, engine, head).use {
            it.run(argbNoise(64, 32, 1), Orientation.UPRIGHT)
            val readings = Readings(labels, head).apply { add(it) }
            assertEquals(listOf(ScoredBox("mask", 1f, 0f, 0f, 0.5f, 1f)), readings.reading().boxes)
        }
    }

    private fun tags(selection: Selection) =
        ClassesHead(spec(listOf(1, 4)), selection, floatArrayOf(0.2f, 0.5f, 0.9f, 0f))
            .apply { read(listOf(floats(0.3f, 0.5f, 0.8f, 0.1f))) }

    private fun tagsOf(selection: Selection) = tags(selection).topK.let { it.indices.take(it.count) }

    @Test
    fun tags_whenNoThresholdIsChosen_thenThoseAboveTheirOwn() {
        // A score that is equal to its threshold is not above it, as in Python.
        assertEquals(listOf(0, 3), tagsOf(Selection(Head.MOST_TAGS, 0f)))
        assertEquals(listOf(0), tagsOf(Selection(1, 0f)))
    }

    @Test
    fun tags_whenAThresholdIsChosen_thenItCountsForAll() {
        assertEquals(listOf(2, 1), tagsOf(Selection(Head.MOST_TAGS, 0.5f)))
        assertEquals(listOf(2, 1, 0, 3), tagsOf(Head.EVERYTHING))
    }

    @Test
    fun tags_whenMoreThanTenAreTrue_thenAllAreRead() {
        val spec = spec(listOf(1, 40))
        val head = ClassesHead(spec, Selection(Head.MOST_TAGS, 0f), FloatArray(40) { 0.5f })
        head.read(listOf(floats(*FloatArray(40) { if (it % 2 == 0) 1f else 0f })))
        assertEquals(List(20) { 2 * it }, head.topK.indices.take(head.topK.count))
    }

    @Test
    fun boxes_whenTheOutputsAreOfOtherShapes_thenRefused() {
        assertThrows(IllegalArgumentException::class.java) { BoxesHead(boxSpecs.reversed(), Head.EVERYTHING) }
    }

    @Test
    fun heads_whenReadAndCopied_thenNothingIsAllocated() {
        val boxes = BoxesHead(boxSpecs, Selection(2, 0.5f))
        val copy = boxes.another()
        val outputs = detected(3f)
        val allocated =
            allocatedBytes(100) {
                boxes.read(outputs)
                copy.copyFrom(boxes)
            }
        assertEquals(0, allocated)
        assertEquals(2, (copy as BoxesHead).count)
        val tags = tags(Selection(Head.MOST_TAGS, 0f))
        val copyOfTags = tags.another()
        val scores = listOf(floats(0f, 1f, 1f, 1f))
        val allocatedForTags =
            allocatedBytes(100) {
                tags.read(scores)
                copyOfTags.copyFrom(tags)
            }
        assertEquals(0, allocatedForTags)
        assertEquals(3, copyOfTags.topK.count)
    }

    @Test
    fun detector_whenItsManifestSaysSo_thenItsHeadReadsBoxes() {
        val network = Network("ssd", 1.0, 2, 2, background = false, Activation.SIGMOID, Task.DETECTION, Fit.STRETCH)
        val input = TensorSpec(DType.FLOAT32, listOf(1, 2, 2, 3), 0f, 0)
        val file = ModelFile("a.tflite", "float32", 0, "", input, boxSpecs)
        val manifest =
            Manifest(
                "a",
                network,
                Normalization.FROM_MINUS_ONE_TO_ONE,
                HashedFile("labels.txt", ""),
                PreprocessingRule("{}", ""),
                "golden",
                listOf(file),
            )
        val model = Model(FolderSource(TINY), manifest, file, labels)
        // The fake's outputs are the inputs: white is 1 everywhere, so that there is one object, of class 1.
        Pipeline.of(model, FakeEngine(input, boxSpecs)).use {
            it.run(ArgbFrame().apply { set(2, 2, IntArray(4) { 0xffffff }) }, Orientation.UPRIGHT)
            val readings = Readings(labels, it.head).apply { add(it) }
            assertEquals(listOf(ScoredBox("no mask", 1f, 1f, 1f, 1f, 1f)), readings.reading().boxes)
        }
    }
}
