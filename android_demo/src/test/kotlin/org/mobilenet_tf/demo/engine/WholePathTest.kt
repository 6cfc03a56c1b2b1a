package org.mobilenet_tf.demo.engine

import org.json.JSONArray
import org.json.JSONObject
import org.junit.Assert.assertEquals
import org.junit.Assert.assertTrue
import org.junit.Before
import org.junit.Test
import org.mobilenet_tf.demo.core.Accelerator
import org.mobilenet_tf.demo.core.ArgbFrame
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
import org.mobilenet_tf.demo.core.VECTORS
import org.mobilenet_tf.demo.core.allocatedBytes
import org.mobilenet_tf.demo.core.assumeThere
import org.mobilenet_tf.demo.core.check
import org.mobilenet_tf.demo.core.pipelineOf
import org.mobilenet_tf.demo.core.readPng
import org.mobilenet_tf.demo.core.topK
import org.mobilenet_tf.demo.core.yuvNoise
import java.nio.ByteBuffer
import java.nio.ByteOrder

/**
 * From a photo's pixels to the best class, in the interpreter that is in the APK, with real exports of MobileNet V1, V2
 * and V3, compared with Python.
 */
class WholePathTest {
    private val outputs = VECTORS.resolve("outputs")

    @Before
    fun load() {
        assumeThere(EXPORTS)
        assumeThere(outputs)
        ShippedLibrary.load()
    }

    private fun records() = JSONArray(outputs.resolve("outputs.json").readText()).objects()

    private fun model(record: JSONObject): Model =
        Models.read(FolderSource(EXPORTS.resolve(record.getString("export")))).first {
            it.file.path == record.getString("file")
        }

    private val photos: List<ArgbFrame> by lazy {
        val folder = VECTORS.resolve("photos")
        JSONArray(folder.resolve("photos.json").readText()).objects().map {
            readPng(folder.resolve(it.getString("file")))
        }
    }

    @Test
    fun photos_whenClassified_thenPythonsTop1AndItsOutputs() {
        assertTrue(records().isNotEmpty())
        val failures =
            records().flatMap { record ->
                val model = model(record)
                val recording = RecordingEngine(TfLiteEngine.open(model, Accelerator.CPU, 1))
                pipelineOf(model, recording, 1).use { pipeline ->
                    val top1 =
                        photos.map {
                            pipeline.run(it, Orientation.UPRIGHT)
                            pipeline.topK.indices[0]
                        }
                    differences(record, model, recording.recorded, top1).map { "${model.name}: $it" }
                }
            }
        assertEquals(emptyList<String>(), failures)
    }

    /** What is further from Python's outputs than versions of TensorFlow Lite may be. */
    private fun differences(
        record: JSONObject,
        model: Model,
        actual: List<ByteArray>,
        top1: List<Int>,
    ): List<String> {
        val dtype = model.file.outputs.single().dtype
        val (builtin, xnnpack) =
            listOf("builtin", "xnnpack").map { kind ->
                val expected = expected(record, kind, model)
                Triple(
                    actual.zip(expected).maxOf { (a, b) -> steps(a, b, dtype) },
                    shareOfEqualBytes(actual, expected),
                    top1.zip(top1(record, kind)).count { (a, b) -> a == b },
                )
            }
        println(
            "${model.name}, ${top1.size} photos: at most %.3g steps of 1/256 from the built-in kernels, ".format(
                builtin.first,
            ) +
                "%.3g from XNNPACK, %.5f of whose bytes are equal; the top-1 of %d and %d".format(
                    xnnpack.first,
                    xnnpack.second,
                    builtin.third,
                    xnnpack.third,
                ),
        )
        return listOfNotNull(
            "only ${xnnpack.third} top-1 are XNNPACK's".takeIf { xnnpack.third < top1.size },
            "only ${builtin.third} top-1 are the built-in kernels'".takeIf {
                dtype == DType.FLOAT32 &&
                    builtin.third < top1.size
            },
            "${builtin.first} steps from the built-in kernels".takeIf {
                dtype == DType.FLOAT32 &&
                    builtin.first > FLOAT_STEPS
            },
            "${xnnpack.first} steps from XNNPACK".takeIf {
                xnnpack.first >
                    if (dtype == DType.FLOAT32) XNNPACK_FLOAT_STEPS else XNNPACK_INT8_STEPS
            },
            "only ${xnnpack.second} of the bytes are XNNPACK's".takeIf {
                dtype != DType.FLOAT32 &&
                    xnnpack.second < EQUAL_SHARE
            },
        )
    }

    private fun shareOfEqualBytes(
        actual: List<ByteArray>,
        expected: List<ByteArray>,
    ): Double {
        val pairs = actual.zip(expected)
        return pairs.sumOf { (a, b) -> a.indices.count { a[it] == b[it] } } /
            pairs.sumOf { (a, _) -> a.size }.toDouble()
    }

    @Test
    fun exports_whenReadAsTheyAre_thenTheirFilesAreTheManifests() {
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
            val folder = EXPORTS.resolve(record.getString("export"))
            TfLiteEngine.open(model, Accelerator.CPU, 1).use { engine ->
                val report = Golden.check(model, engine) { readPng(folder.resolve(it)) }
                assertEquals(3, report.pictures)
                assertEquals(3, report.inputsEqual)
                println("${model.name}: golden outputs are at most %.3g steps off".format(report.maxSteps))
                // Golden outputs are the built-in kernels'. XNNPACK's are as far from them as in Python.
                val float = model.file.outputs.single().dtype == DType.FLOAT32
                val limit = if (float) FLOAT_STEPS else XNNPACK_INT8_STEPS
                assertEquals(model.name, record.getDouble("golden_steps"), report.maxSteps, limit)
            }
        }
    }

    @Test
    fun frame_whenTheEngineIsReal_thenTheLibrarysAllocationIsPrinted() {
        val frame = yuvNoise(1280, 720, 1)
        for (record in records()) {
            val model = model(record)
            val engine = TfLiteEngine.open(model, Accelerator.CPU, 1)
            pipelineOf(model, engine, 3).use {
                val bytes = allocatedBytes(20) { it.run(frame, Orientation.ROTATE_90) } / 20
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
        val size = model.file.outputs.single().sizeBytes
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
         * The same kernels of two versions: a logit from 16 to 32 has a last bit of 2^-19, the layers' errors add up to
         * some of these, and a score changes by at most a quarter of what a logit does. In steps of 1/256.
         */
        const val XNNPACK_FLOAT_STEPS = 256.0 / (1 shl 18)

        /** Other kernels sum every layer in another order: sixteen times that. */
        const val FLOAT_STEPS = 256.0 / (1 shl 14)

        /**
         * 2.16.1 leaves the average before the classifier to a built-in kernel, which rounds some ties the other way: one
         * step of a feature, which the softmax makes to some steps of one score in ten thousand.
         */
        const val XNNPACK_INT8_STEPS = 4.0
        const val EQUAL_SHARE = 0.999
    }

    private fun JSONArray.objects() = (0 until length()).map { getJSONObject(it) }
}

/** Stores a copy of each output. */
private class RecordingEngine(
    private val engine: Engine,
) : Engine by engine {
    val recorded = ArrayList<ByteArray>()

    override fun run(
        inputs: List<ByteBuffer>,
        outputs: List<ByteBuffer>,
    ) {
        engine.run(inputs, outputs)
        recorded += outputs.single().let { output -> ByteArray(output.capacity()) { output.get(it) } }
    }
}
