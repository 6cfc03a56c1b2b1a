package org.mobilenet_tf.demo.core

import org.json.JSONObject
import org.junit.Assert.assertThrows
import org.junit.Assume.assumeTrue
import java.io.File
import java.nio.ByteBuffer
import java.security.MessageDigest
import javax.imageio.ImageIO

/** What `python -m android_demo.tools.vectors` wrote. */
val VECTORS = File(System.getProperty("android.vectors", "../build/android/vectors"))

/** Folders that `mobilenet-export` wrote. */
val EXPORTS = File(System.getProperty("android.exports", "../build/android/export"))

/** The export of a tiny model; `python -m android_demo.tools.tiny_model` wrote it. */
val TINY = File("src/test/resources/models/tiny")

/** The export of a model of other people's kind: tags, and another normalization for each channel. */
val TAGS = File("src/test/resources/models/tags")

/** The export of a detector: TFLite's post-processing over a picture's twelve values. */
val FOUND = File("src/test/resources/models/found")

/** The export of an embedding: a picture's twelve values, divided by their length. */
val VECTOR = File("src/test/resources/models/vector")

fun assumeThere(file: File) =
    assumeTrue(
        "skipped: ${file.path} is not there; `make android-test` makes it",
        file.exists(),
    )

/** A copy of the tiny export, to be changed. */
fun tinyCopy(folder: File): File = folder.resolve("tiny").also { TINY.copyRecursively(it) }

/** Changes a manifest. */
fun edit(
    folder: File,
    change: (JSONObject) -> Unit,
) {
    val file = folder.resolve(Manifest.FILE)
    file.writeText(JSONObject(file.readText()).also(change).toString())
}

fun refusal(block: () -> Unit): String = assertThrows(DemoException::class.java) { block() }.message!!

fun sha256(bytes: ByteArray): String =
    MessageDigest.getInstance("SHA-256").digest(bytes).joinToString("") { "%02x".format(it) }

/** 32-bit numbers that look random, the same as `noise` in android_demo/tools/vectors.py. */
fun noise(
    length: Int,
    seed: Int,
): IntArray =
    IntArray(length) {
        var number = it * 0x9E3779B1.toInt() + seed * 0x85EBCA6B.toInt()
        number = (number xor (number ushr 15)) * 0x2C1B3C6D
        number xor (number ushr 12)
    }

fun argbNoise(
    width: Int,
    height: Int,
    seed: Int,
) = ArgbFrame().apply { set(width, height, noise(width * height, seed)) }

/** A plane that ends with its last sample, as cameras' do. */
fun planeNoise(
    width: Int,
    height: Int,
    rowStride: Int,
    pixelStride: Int,
    seed: Int,
): ByteBuffer {
    val values = noise((height - 1) * rowStride + (width - 1) * pixelStride + 1, seed)
    val plane = ByteBuffer.allocateDirect(values.size)
    values.forEach { plane.put((it ushr 24).toByte()) }
    return plane
}

fun yuvNoise(
    width: Int,
    height: Int,
    seed: Int,
    yPixelStride: Int = 1,
    yRowStride: Int = width * yPixelStride,
    uvPixelStride: Int = 2,
    uvRowStride: Int = (width + 1) / 2 * uvPixelStride,
): YuvFrame {
    val chroma = { n: Int -> planeNoise((width + 1) / 2, (height + 1) / 2, uvRowStride, uvPixelStride, seed + n) }
    val luma = planeNoise(width, height, yRowStride, yPixelStride, seed)
    return YuvFrame().apply {
        set(width, height, luma, chroma(1), chroma(2), Strides(yRowStride, yPixelStride, uvRowStride, uvPixelStride))
    }
}

fun readPng(file: File): ArgbFrame {
    val image = ImageIO.read(file)
    val pixels = image.getRGB(0, 0, image.width, image.height, null, 0, image.width)
    return ArgbFrame().apply { set(image.width, image.height, pixels) }
}

/** An engine without a network: it copies its input to its outputs. */
class FakeEngine(
    input: TensorSpec,
    override val outputs: List<TensorSpec>,
) : Engine {
    override val inputs = listOf(input)
    override val runtime = "fake 1.0"
    override val xnnpack = "none"
    override val threads = 1
    var closed = false

    override fun run(
        inputs: List<ByteBuffer>,
        outputs: List<ByteBuffer>,
    ) {
        val input = inputs[0]
        for (output in outputs.indices) {
            val buffer = outputs[output]
            for (index in 0 until buffer.capacity()) buffer.put(index, input.get(index % input.capacity()))
        }
    }

    override fun close() {
        closed = true
    }
}

fun fakeEngine(model: Model) = FakeEngine(model.file.input, model.file.outputs)

/** A pipeline of classes with a selection. */
fun pipelineOf(
    model: Model,
    engine: Engine,
    most: Int,
    threshold: Float = 0f,
) = Pipeline.of(model, engine).also { it.head.selection = Selection(most, threshold) }

val Pipeline.topK get() = (head as ClassesHead).topK
