package org.mobilenet_tf.demo.engine

import org.json.JSONArray
import org.json.JSONObject
import org.junit.Assert.assertEquals
import org.junit.Assert.assertTrue
import org.junit.Assume.assumeTrue
import org.junit.Before
import org.junit.Test
import org.mobilenet_tf.demo.core.Accelerator
import org.mobilenet_tf.demo.core.ArgbFrame
import org.mobilenet_tf.demo.core.EXPORTS
import org.mobilenet_tf.demo.core.EmbeddingHead
import org.mobilenet_tf.demo.core.FolderSource
import org.mobilenet_tf.demo.core.Golden
import org.mobilenet_tf.demo.core.Manifest
import org.mobilenet_tf.demo.core.Model
import org.mobilenet_tf.demo.core.Models
import org.mobilenet_tf.demo.core.Orientation
import org.mobilenet_tf.demo.core.Pipeline
import org.mobilenet_tf.demo.core.Readings
import org.mobilenet_tf.demo.core.RememberedPhoto
import org.mobilenet_tf.demo.core.SimilarPhoto
import org.mobilenet_tf.demo.core.VECTOR
import org.mobilenet_tf.demo.core.allocatedBytes
import org.mobilenet_tf.demo.core.cosine
import org.mobilenet_tf.demo.core.lengthOf
import org.mobilenet_tf.demo.core.readPng
import org.mobilenet_tf.demo.core.yuvNoise
import java.io.File
import java.nio.ByteBuffer
import java.nio.ByteOrder

/** Embeddings in the interpreter that is in the APK: the tiny one, and an export of a bundled network. */
class EmbeddingTest {
    @Before
    fun load() = ShippedLibrary.load()

    private fun models() = Models.read(FolderSource(VECTOR))

    @Test
    fun golden_whenTheVectorsAreChecked_thenMet() {
        for (model in models()) {
            TfLiteEngine.open(model, Accelerator.CPU, 1).use { engine ->
                val report = Golden.check(model, engine) { readPng(VECTOR.resolve(it)) }
                assertEquals(1 to 1, report.pictures to report.inputsEqual)
                // Floats in steps of 1/256: a sum of twelve squares in another order is off by some of its last bits.
                val most = if (model.file.recipe == "int8") 0.0 else 256.0 / (1 shl 20)
                assertTrue("${model.name}: ${report.maxSteps} steps", report.maxSteps <= most)
            }
        }
    }

    private fun exported() =
        EXPORTS
            .listFiles { folder -> folder.name.endsWith("_embedding") }
            .orEmpty()
            .flatMap { Models.read(FolderSource(it)) }

    /**
     * Golden outputs are the built-in kernels', the engine runs XNNPACK. In int8 they may differ by as much as the vectors of
     * Python's file differ from those of floats, which its manifest says.
     */
    @Test
    fun export_whenItRunsInTheApp_thenItsVectorsAreThoseOfPython() {
        assumeTrue("skipped: no embedding was exported; `make android-test` does it", exported().isNotEmpty())
        for (model in exported()) {
            val folder = EXPORTS.resolve(model.source.id)
            val golden = JSONArray(folder.resolve("golden/golden.json").readText())
            val most = if (model.file.recipe == "int8") largestError(folder, model) else FLOAT_ERROR
            Pipeline.of(model, TfLiteEngine.open(model, Accelerator.CPU, 2)).use { pipeline ->
                val head = pipeline.head as EmbeddingHead
                for (index in 0 until golden.length()) {
                    val entry = golden.getJSONObject(index)
                    pipeline.run(readPng(folder.resolve("golden/${entry.getString("image")}")), Orientation.UPRIGHT)
                    val ours = RememberedPhoto(1, 1, ByteArray(3), head.values.copyOf())
                    head.read(listOf(expected(folder, entry, model)))
                    val error = 1 - cosine(head.values, lengthOf(head.values), ours)
                    println("${model.name}: 1 - cosine is %.3g".format(error))
                    assertTrue("${model.name}: 1 - cosine is $error", error <= most)
                }
                val report = Golden.check(model, pipeline.engine) { readPng(folder.resolve(it)) }
                assertEquals(golden.length() to golden.length(), report.pictures to report.inputsEqual)
            }
        }
    }

    private fun expected(
        folder: File,
        entry: JSONObject,
        model: Model,
    ): ByteBuffer {
        val output = entry.getJSONObject("models").getJSONObject(model.file.recipe).getJSONObject("output")
        val bytes = folder.resolve("golden/${output.getString("file")}").readBytes()
        return ByteBuffer.allocateDirect(bytes.size).order(ByteOrder.nativeOrder()).put(bytes)
    }

    private fun largestError(
        folder: File,
        model: Model,
    ): Double {
        val files = JSONObject(folder.resolve(Manifest.FILE).readText()).getJSONArray("files")
        val file = (0 until files.length()).map { files.getJSONObject(it) }.first { it["path"] == model.file.path }
        return file.getJSONObject("cosine_error").getDouble("max")
    }

    private fun colours(vararg pixels: Int) = ArgbFrame().apply { set(2, 2, pixels) }

    @Test
    fun photos_whenRemembered_thenTheMostSimilarIsFound() {
        val red = colours(0xff0000, 0xff0000, 0xff0000, 0xff0000)
        val cyan = colours(0x00ffff, 0x00ffff, 0x00ffff, 0x00ffff)
        val almostRed = colours(0xff0000, 0xff0000, 0xff0000, 0xff00ff)
        for (model in models()) {
            Pipeline.of(model, TfLiteEngine.open(model, Accelerator.CPU, 1)).use { pipeline ->
                val head = pipeline.head as EmbeddingHead
                for (picture in listOf(red, cyan)) {
                    pipeline.run(picture, Orientation.UPRIGHT)
                    head.remember(pipeline.preprocess)
                }
                val found = similar(pipeline, almostRed)
                assertEquals(listOf(1, 2), found.map { it.photo.number })
                // One of twelve values of -1 and 1 has the other sign: 11 - 1 of 12. Black and white are exact in int8 but
                // for half a step of 1/127.5, and each part of the vector is off by half a step of 1/128 at most: with
                // parts of 0.29 by 1.4 %, of two vectors.
                val tolerance = if (model.file.recipe == "int8") 0.04 else 1e-6
                assertEquals(10 / 12.0, found[0].cosine.toDouble(), tolerance)
                assertEquals(-10 / 12.0, found[1].cosine.toDouble(), tolerance)
                assertEquals(1.0, similar(pipeline, red)[0].cosine.toDouble(), 1e-6)
            }
        }
    }

    private fun similar(
        pipeline: Pipeline,
        picture: ArgbFrame,
    ): List<SimilarPhoto> {
        pipeline.run(picture, Orientation.UPRIGHT)
        return Readings(emptyList(), pipeline.head).apply { add(pipeline) }.reading().similar
    }

    @Test
    fun frame_whenComparedWithRememberedPhotos_thenNoMoreIsAllocatedThanTheLibraryDoes() {
        val model = models().first()
        val frame = yuvNoise(640, 480, 1)
        Pipeline.of(model, TfLiteEngine.open(model, Accelerator.CPU, 1)).use { pipeline ->
            val readings = Readings(model.labels, pipeline.head)
            pipeline.run(frame, Orientation.ROTATE_90)
            repeat(3) { (pipeline.head as EmbeddingHead).remember(pipeline.preprocess) }
            val allocated =
                allocatedBytes(20) {
                    pipeline.run(frame, Orientation.ROTATE_90)
                    readings.add(pipeline)
                }
            println("${model.name}: TensorFlow Lite's call allocates ${allocated / 20} bytes a frame")
            assertTrue("$allocated bytes in 20 frames", allocated <= 20 * LIBRARYS_BYTES)
            assertEquals(3, readings.reading().remembered)
        }
    }

    private companion object {
        /** What TensorFlow Lite's Java code allocates for a run of one output: iterators over its map and its arrays. */
        const val LIBRARYS_BYTES = 200L

        /** Some of a float's last bits, 2^-24 each, in each of two vectors. */
        const val FLOAT_ERROR = 1e-6
    }
}
