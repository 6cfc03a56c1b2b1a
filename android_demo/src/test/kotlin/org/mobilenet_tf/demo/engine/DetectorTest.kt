package org.mobilenet_tf.demo.engine

import org.json.JSONArray
import org.json.JSONObject
import org.junit.Assert.assertEquals
import org.junit.Assert.assertTrue
import org.junit.Before
import org.junit.Test
import org.mobilenet_tf.demo.core.Accelerator
import org.mobilenet_tf.demo.core.EXPORTS
import org.mobilenet_tf.demo.core.FolderSource
import org.mobilenet_tf.demo.core.Frame
import org.mobilenet_tf.demo.core.Golden
import org.mobilenet_tf.demo.core.InputTensor
import org.mobilenet_tf.demo.core.Model
import org.mobilenet_tf.demo.core.Models
import org.mobilenet_tf.demo.core.Orientation
import org.mobilenet_tf.demo.core.Pipeline
import org.mobilenet_tf.demo.core.Preprocess
import org.mobilenet_tf.demo.core.Readings
import org.mobilenet_tf.demo.core.VECTORS
import org.mobilenet_tf.demo.core.allocatedBytes
import org.mobilenet_tf.demo.core.assumeThere
import org.mobilenet_tf.demo.core.bufferOf
import org.mobilenet_tf.demo.core.readPng
import org.mobilenet_tf.demo.core.yuvNoise
import java.nio.ByteBuffer
import java.nio.ByteOrder

/** Exported detectors in the interpreter that is in the APK, on the bundled photos, compared with Python. */
class DetectorTest {
    private val outputs = VECTORS.resolve("outputs")

    @Before
    fun load() {
        assumeThere(EXPORTS)
        assumeThere(outputs.resolve("detectors.json"))
        ShippedLibrary.load()
    }

    private fun records() = JSONArray(outputs.resolve("detectors.json").readText()).objects()

    private fun model(record: JSONObject): Model =
        Models.read(FolderSource(EXPORTS.resolve(record.getString("export")))).first {
            it.file.path == record.getString("file")
        }

    private val photos: List<Frame> by lazy {
        val folder = VECTORS.resolve("photos")
        JSONArray(folder.resolve("photos.json").readText()).objects().map {
            readPng(folder.resolve(it.getString("file")))
        }
    }

    @Test
    fun photos_whenDetected_thenPythonsObjects() {
        assertTrue(records().isNotEmpty())
        for (record in records()) {
            val model = model(record)
            val expected = ByteBuffer.wrap(outputs.resolve(record.getString("outputs")).readBytes())
            val floats = expected.order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer()
            val comparison = Comparison(model)
            for (actual in answers(model)) comparison.add(actual, FloatArray(actual.size).also { floats.get(it) })
            assertEquals("outputs that were not compared", 0, floats.remaining())
            println("${model.name}: $comparison")
            comparison.check(float = model.file.recipe == "float32")
        }
    }

    /** How far the app's outputs are from Python's. The four outputs are boxes, classes, scores and their number. */
    private class Comparison(
        model: Model,
    ) {
        private val capacity = model.file.outputs[1].elements
        private val shownFrom = model.manifest.shownFrom
        private var values = 0
        private var equal = 0
        private var furthest = 0f
        private var objects = 0
        private var found = 0

        fun add(
            actual: FloatArray,
            python: FloatArray,
        ) {
            values += actual.size
            equal += actual.indices.count { actual[it] == python[it] }
            furthest = maxOf(furthest, actual.indices.maxOf { Math.abs(actual[it] - python[it]) })
            val shown = (0 until capacity).filter { score(python, it) >= shownFrom }
            objects += shown.size
            found += shown.count { number -> (0 until capacity).any { same(actual, it, python, number) } }
        }

        private fun score(
            outputs: FloatArray,
            number: Int,
        ) = outputs[5 * capacity + number]

        private fun same(
            actual: FloatArray,
            number: Int,
            python: FloatArray,
            other: Int,
        ) = actual[4 * capacity + number] == python[4 * capacity + other] &&
            Math.abs(score(actual, number) - score(python, other)) <= STEPS / 256f &&
            (0 until 4).all { Math.abs(actual[4 * number + it] - python[4 * other + it]) <= NEAR }

        fun check(float: Boolean) {
            if (float) assertTrue("$this", furthest <= FLOATS_OF_TWO_VERSIONS)
            assertTrue("$this", objects > 0 && found >= LEAST_FOUND * objects)
        }

        override fun toString() =
            "%d of %d values equal Python's, the others differ by at most %.3g; of %d objects %d are there".format(
                equal,
                values,
                furthest,
                objects,
                found,
            )
    }

    /** All outputs of each photo, one after the other. */
    private fun answers(model: Model): List<FloatArray> =
        TfLiteEngine.open(model, Accelerator.CPU, 1).use { engine ->
            val network = model.manifest.network
            val preprocess = Preprocess(network.res, network.fit)
            val input = InputTensor(engine.inputs.single(), model.manifest.normalization)
            val buffers = engine.outputs.map(::bufferOf)
            photos.map { photo ->
                preprocess.run(photo, Orientation.UPRIGHT)
                input.fill(preprocess.rgb)
                engine.run(listOf(input.buffer), buffers)
                val values = buffers.flatMap { buffer -> List(buffer.capacity() / 4) { buffer.getFloat(4 * it) } }
                values.toFloatArray()
            }
        }

    @Test
    fun inputs_whenOfTheGoldenVectors_thenPythonsByteForByte() {
        for (record in records()) {
            val model = model(record)
            val folder = EXPORTS.resolve(record.getString("export"))
            TfLiteEngine.open(model, Accelerator.CPU, 2).use { engine ->
                val report = Golden.check(model, engine) { readPng(folder.resolve(it)) }
                assertEquals(report.pictures, report.inputsEqual)
            }
        }
    }

    @Test
    fun objects_whenOnTheScreen_thenFromTheManifestsScoreOnWithLabels() {
        val model = model(records().first())
        Pipeline.of(model, TfLiteEngine.open(model, Accelerator.CPU, 1)).use { pipeline ->
            pipeline.run(photos[0], Orientation.UPRIGHT)
            val boxes = Readings(model.labels, pipeline.head).apply { add(pipeline) }.reading().boxes
            assertTrue(boxes.isNotEmpty())
            assertTrue(model.manifest.shownFrom > 0)
            assertTrue(boxes.all { it.score >= model.manifest.shownFrom && it.label in model.labels })
            assertEquals(boxes.sortedByDescending { it.score }, boxes)
        }
    }

    @Test
    fun frame_whenDetected_thenNoMoreIsAllocatedThanTheLibraryDoes() {
        val model = model(records().first())
        val frame = yuvNoise(1280, 720, 1)
        Pipeline.of(model, TfLiteEngine.open(model, Accelerator.CPU, 1)).use { pipeline ->
            val readings = Readings(model.labels, pipeline.head)
            val allocated =
                allocatedBytes(20) {
                    pipeline.run(frame, Orientation.ROTATE_90)
                    readings.add(pipeline)
                }
            println("${model.name}: TensorFlow Lite's call allocates ${allocated / 20} bytes a frame")
            assertTrue("$allocated bytes in 20 frames", allocated <= 20 * LIBRARYS_BYTES)
        }
    }

    private companion object {
        /** As WholePathTest has them: the same kernels of two versions; a box of the size of the picture is 1 too. */
        const val FLOATS_OF_TWO_VERSIONS = 1f / (1 shl 18)

        /** In int8 a score that is one step of 256 off exchanges two objects, or suppresses one. */
        const val STEPS = 4

        /** Of the picture's sides: a quarter of the least anchor. */
        const val NEAR = 0.05f
        const val LEAST_FOUND = 0.98

        /** What TensorFlow Lite's Java code allocates for a run of four outputs: iterators over its map and its arrays. */
        const val LIBRARYS_BYTES = 400L
    }

    private fun JSONArray.objects() = (0 until length()).map { getJSONObject(it) }
}
