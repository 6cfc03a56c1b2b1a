package org.mobilenet_tf.demo.engine

import org.json.JSONArray
import org.json.JSONObject
import org.junit.Assert.assertEquals
import org.junit.Assert.assertTrue
import org.junit.Before
import org.junit.Test
import org.mobilenet_tf.demo.core.Accelerator
import org.mobilenet_tf.demo.core.ArgbFrame
import org.mobilenet_tf.demo.core.Classifier
import org.mobilenet_tf.demo.core.DESKTOP_EXPORTS
import org.mobilenet_tf.demo.core.DType
import org.mobilenet_tf.demo.core.EXPORTS
import org.mobilenet_tf.demo.core.Engine
import org.mobilenet_tf.demo.core.FolderSource
import org.mobilenet_tf.demo.core.Golden
import org.mobilenet_tf.demo.core.Manifest
import org.mobilenet_tf.demo.core.Model
import org.mobilenet_tf.demo.core.Models
import org.mobilenet_tf.demo.core.Orientation
import org.mobilenet_tf.demo.core.TfLiteFile
import org.mobilenet_tf.demo.core.TopK
import org.mobilenet_tf.demo.core.VECTORS
import org.mobilenet_tf.demo.core.allocatedBytes
import org.mobilenet_tf.demo.core.assumeThere
import org.mobilenet_tf.demo.core.check
import org.mobilenet_tf.demo.core.readPng
import org.mobilenet_tf.demo.core.yuvNoise
import java.nio.ByteBuffer
import java.nio.ByteOrder

/**
 * From a photo's pixels to the best class, in a real interpreter with real exports, compared with Python.
 *
 * android_demo/tools/desktop_model.py says how this desktop's runtime, of 2021, differs from today's, and computes its
 * outputs.
 */
class WholePathTest {
    private val outputs = VECTORS.resolve("outputs")

    @Before
    fun load() {
        assumeThere(DESKTOP_EXPORTS)
        assumeThere(outputs)
        DesktopRuntime.load()
    }

    private fun records() = JSONArray(outputs.resolve("outputs.json").readText()).objects()

    private fun model(record: JSONObject): Model =
        Models.read(FolderSource(DESKTOP_EXPORTS.resolve(record.getString("export")))).first {
            it.file.path ==
                record.getString("file")
        }

    private val photos: List<ArgbFrame> by lazy {
        val folder = VECTORS.resolve("photos")
        JSONArray(folder.resolve("photos.json").readText()).objects().map {
            readPng(folder.resolve(it.getString("file")))
        }
    }

    @Test
    fun photos_whenClassified_thenPythonsTop1AndItsOutputsToTheBit() {
        assertTrue(records().isNotEmpty())
        for (record in records()) {
            val model = model(record)
            val recording = RecordingEngine(TfLiteEngine.open(model, Accelerator.CPU, 1))
            Classifier(model, recording, TopK(model.labels.size, 1, 0f)).use { classifier ->
                val top1 =
                    photos.map {
                        classifier.classify(it, Orientation.UPRIGHT)
                        classifier.topK.indices[0]
                    }
                compare(record, model, recording.outputs, top1)
            }
        }
    }

    private fun compare(
        record: JSONObject,
        model: Model,
        actual: List<ByteArray>,
        top1: List<Int>,
    ) {
        val dtype = model.file.output.dtype
        val distance = { kind: String ->
            actual.zip(expected(record, kind, model)).maxOf { (a, b) -> steps(a, b, dtype) }
        }
        println(
            "%s: %d photos, at most %.3g steps of 1/256 from the built-in kernels, %.3g from XNNPACK".format(
                model.name,
                actual.size,
                distance("builtin"),
                distance("xnnpack"),
            ),
        )
        if (dtype == DType.FLOAT32) {
            assertEquals(top1(record, "builtin"), top1)
            assertEquals(top1(record, "xnnpack"), top1)
            assertTrue(distance("builtin") <= FLOAT_STEPS)
        } else {
            // Today's kernels round the MEAN, whose fractions 2.6.2 drops: a best class that leads by little may differ.
            assertEquals(0.0, distance("desktop"), 0.0)
            assertEquals(top1(record, "desktop"), top1)
        }
    }

    @Test
    fun exports_whenReadAsTheyAre_thenTheirFilesAreTheManifests() {
        assumeThere(EXPORTS)
        val folders = EXPORTS.listFiles { folder -> folder.resolve(Manifest.FILE).exists() }!!
        assertTrue(folders.isNotEmpty())
        for (model in folders.flatMap { Models.read(FolderSource(it)) }) {
            TfLiteFile.read(model.bytes(), model.name).check(model.file)
        }
    }

    @Test
    fun goldenVectors_whenChecked_thenMet() {
        for (record in records()) {
            val model = model(record)
            val folder = DESKTOP_EXPORTS.resolve(record.getString("export"))
            TfLiteEngine.open(model, Accelerator.CPU, 1).use { engine ->
                val report = Golden.check(model, engine) { readPng(folder.resolve(it)) }
                assertEquals(3, report.pictures)
                assertEquals(3, report.inputsEqual)
                if (model.file.output.dtype == DType.FLOAT32) {
                    assertTrue(report.maxSteps <= FLOAT_STEPS)
                } else {
                    assertEquals(3, report.outputsEqual)
                    assertEquals(0.0, report.maxSteps, 0.0)
                }
            }
        }
    }

    @Test
    fun frame_whenTheEngineIsReal_thenTheLibrarysAllocationIsPrinted() {
        val frame = yuvNoise(1280, 720, 1)
        for (record in records()) {
            val model = model(record)
            val engine = TfLiteEngine.open(model, Accelerator.CPU, 1)
            Classifier(model, engine, TopK(model.labels.size, 3, 0f)).use {
                val bytes = allocatedBytes(20) { it.classify(frame, Orientation.ROTATE_90) } / 20
                println("${model.name}: TensorFlow Lite's call allocates $bytes bytes a frame")
            }
        }
    }

    private fun expected(
        record: JSONObject,
        kernels: String,
        model: Model,
    ): List<ByteArray> {
        val bytes = outputs.resolve(record.getJSONObject(kernels).getString("file")).readBytes()
        val size = model.file.output.sizeBytes
        assertEquals(photos.size * size, bytes.size)
        return photos.indices.map { bytes.copyOfRange(it * size, (it + 1) * size) }
    }

    private fun top1(
        record: JSONObject,
        kernels: String,
    ): List<Int> =
        record.getJSONObject(kernels).getJSONArray("top1").let { list ->
            List(list.length()) { list.getInt(it) }
        }

    private fun steps(
        a: ByteArray,
        b: ByteArray,
        dtype: DType,
    ): Double =
        if (dtype == DType.FLOAT32) {
            val floats = listOf(a, b).map { ByteBuffer.wrap(it).order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer() }
            (0 until a.size / 4).maxOf { Math.abs(floats[0].get(it) - floats[1].get(it)) * 256.0 }
        } else {
            a.indices.maxOf { Math.abs(a[it] - b[it]).toDouble() }
        }

    private companion object {
        /**
         * Floats are summed in another order by each version: a softmax of about 1 is then off by some of its last
         * bits, 2^-24 each, and 2^-20 is allowed; in steps of 1/256.
         */
        const val FLOAT_STEPS = 256.0 / (1 shl 20)
    }

    private fun JSONArray.objects() = (0 until length()).map { getJSONObject(it) }
}

/** Stores a copy of each output. */
private class RecordingEngine(
    private val engine: Engine,
) : Engine by engine {
    val outputs = ArrayList<ByteArray>()

    override fun run(
        input: ByteBuffer,
        output: ByteBuffer,
    ) {
        engine.run(input, output)
        outputs += ByteArray(output.capacity()) { output.get(it) }
    }
}
