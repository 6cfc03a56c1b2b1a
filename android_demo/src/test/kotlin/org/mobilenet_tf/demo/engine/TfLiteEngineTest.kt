package org.mobilenet_tf.demo.engine

import org.json.JSONArray
import org.json.JSONObject
import org.junit.Assert.assertEquals
import org.junit.Assert.assertThrows
import org.junit.Assert.assertTrue
import org.junit.Before
import org.junit.Rule
import org.junit.Test
import org.junit.rules.TemporaryFolder
import org.mobilenet_tf.demo.core.Accelerator
import org.mobilenet_tf.demo.core.ArgbFrame
import org.mobilenet_tf.demo.core.FOUND
import org.mobilenet_tf.demo.core.FolderSource
import org.mobilenet_tf.demo.core.Golden
import org.mobilenet_tf.demo.core.Head
import org.mobilenet_tf.demo.core.Model
import org.mobilenet_tf.demo.core.Models
import org.mobilenet_tf.demo.core.Orientation
import org.mobilenet_tf.demo.core.Pipeline
import org.mobilenet_tf.demo.core.Readings
import org.mobilenet_tf.demo.core.Selection
import org.mobilenet_tf.demo.core.TAGS
import org.mobilenet_tf.demo.core.TINY
import org.mobilenet_tf.demo.core.edit
import org.mobilenet_tf.demo.core.pipelineOf
import org.mobilenet_tf.demo.core.readPng
import org.mobilenet_tf.demo.core.refusal
import org.mobilenet_tf.demo.core.sha256
import org.mobilenet_tf.demo.core.tinyCopy
import org.mobilenet_tf.demo.core.topK
import java.io.File

/** A real interpreter with the tiny classifier in it: a softmax over the picture's twelve values. */
class TfLiteEngineTest {
    @get:Rule
    val temporary = TemporaryFolder()

    @Before
    fun load() = ShippedLibrary.load()

    private fun tiny(
        recipe: String,
        folder: File = TINY,
    ): Model = Models.read(FolderSource(folder)).first { it.file.recipe == recipe }

    /** A copy of the tiny export with an int8 entry that names another file, with that file's size and hash. */
    private fun withFile(file: File): File {
        val folder = tinyCopy(temporary.root)
        val bytes = file.readBytes()
        folder.resolve("other.tflite").writeBytes(bytes)
        edit(folder) {
            val entry = it.getJSONArray("files").getJSONObject(0)
            entry.put("path", "other.tflite").put("size_bytes", bytes.size).put("sha256", sha256(bytes))
        }
        return folder
    }

    private fun assertRefused(
        part: String,
        model: Model,
        accelerator: Accelerator = Accelerator.CPU,
    ) {
        val sentence = refusal { TfLiteEngine.open(model, accelerator, 1) }
        assertTrue("\"$sentence\" says nothing of \"$part\"", part in sentence)
        println(sentence)
    }

    @Test
    fun model_whenItRuns_thenTheBrightestValueIsBest() {
        // Byte 8 of its RGB, the blue of the third pixel, is 255; the others are 0.
        val brightest8 = ArgbFrame().apply { set(2, 2, intArrayOf(0, 0, 0x0000ff, 0)) }
        for (recipe in listOf("int8", "float32")) {
            val engine = TfLiteEngine.open(tiny(recipe), Accelerator.CPU, 2)
            pipelineOf(tiny(recipe), engine, 1).use {
                it.run(brightest8, Orientation.UPRIGHT)
                assertEquals(8, it.topK.indices[0])
                // Eleven values of -1 and one of 1; an int8 score is within its step of 1/256.
                val expected = Math.exp(1.0) / (Math.exp(1.0) + 11 * Math.exp(-1.0))
                assertEquals(expected, it.topK.scores[0].toDouble(), if (recipe == "int8") 1 / 256.0 else 1e-6)
            }
        }
    }

    @Test
    fun foreignModel_whenItsGoldenVectorsAreChecked_thenMet() {
        val model = Models.read(FolderSource(TAGS)).single()
        TfLiteEngine.open(model, Accelerator.CPU, 1).use { engine ->
            val report = Golden.check(model, engine) { readPng(TAGS.resolve(it)) }
            assertEquals(1, report.pictures)
            assertEquals(1, report.inputsEqual)
            // In steps of 1/256: a sigmoid of other sources is off by some of its last bits, 2^-24 each.
            assertTrue(report.maxSteps <= 256.0 / (1 shl 20))
        }
    }

    @Test
    fun tags_whenClassified_thenEachHasItsOwnScore() {
        val model = Models.read(FolderSource(TAGS)).single()
        pipelineOf(model, TfLiteEngine.open(model, Accelerator.CPU, 1), 10, 0.5f).use {
            it.run(ArgbFrame().apply { set(2, 2, IntArray(4) { 0xffffff }) }, Orientation.UPRIGHT)
            assertEquals(10, it.topK.count)
            val blue = (255 - 103.53) / 57.375
            assertEquals(1 / (1 + Math.exp(-blue)), it.topK.scores[0].toDouble(), 1e-6)
        }
    }

    @Test
    fun tags_whenNoThresholdIsChosen_thenThoseAboveTheManifests() {
        val model = Models.read(FolderSource(TAGS)).single()
        val tags = { pixels: ArgbFrame ->
            pipelineOf(model, TfLiteEngine.open(model, Accelerator.CPU, 1), Head.MOST_TAGS).use {
                it.run(pixels, Orientation.UPRIGHT)
                val readings = Readings(model.labels, it.head).apply { add(it) }
                readings.reading().best.map { tag -> tag.label }
            }
        }
        assertEquals(listOf("tag 6", "tag 7"), tags(readPng(TAGS.resolve("golden/noise.png"))))
        // Blue is the brightest in this normalization, then green, then red.
        val white = ArgbFrame().apply { set(2, 2, IntArray(4) { 0xffffff }) }
        assertEquals(listOf(2, 5, 8, 1, 4, 7, 10, 6).map { "tag $it" }, tags(white))
        assertEquals(emptyList<String>(), tags(ArgbFrame().apply { set(2, 2, IntArray(4)) }))
    }

    @Test
    fun detector_whenItsGoldenVectorsAreChecked_thenAllFourOutputsAreMet() {
        val model = Models.read(FolderSource(FOUND)).single()
        TfLiteEngine.open(model, Accelerator.CPU, 2).use { engine ->
            assertEquals(4, engine.outputs.size)
            val report = Golden.check(model, engine) { readPng(FOUND.resolve(it)) }
            assertEquals(1, report.inputsEqual)
            // In steps of 1/256: a sigmoid of other sources is off by some of its last bits, 2^-24 each.
            assertTrue("${report.maxSteps} steps", report.maxSteps <= 256.0 / (1 shl 20))
        }
    }

    @Test
    fun objects_whenDetected_thenWithTheirBoxesLabelsAndScores() {
        val model = Models.read(FolderSource(FOUND)).single()
        Pipeline.of(model, TfLiteEngine.open(model, Accelerator.CPU, 1)).use { pipeline ->
            val readings = Readings(model.labels, pipeline.head)
            pipeline.run(readPng(FOUND.resolve("golden/noise.png")), Orientation.UPRIGHT)
            readings.add(pipeline)
            val boxes = readings.reading().boxes
            assertEquals(listOf("one", "three", "one"), boxes.map { it.label })
            assertEquals(0.6874523f, boxes[0].score, 1e-6f)
            assertEquals(0.08410457f, boxes[0].top, 1e-6f)
            assertEquals(0.04194783f, boxes[0].left, 1e-6f)
            pipeline.head.selection = Selection(10, 0.62f)
            pipeline.readAgain()
            readings.replace(pipeline.head)
            assertEquals(2, readings.reading().boxes.size)
        }
    }

    @Test
    fun engine_whenOpen_thenItSaysWhatRuns() {
        TfLiteEngine.open(tiny("int8"), Accelerator.CPU, 1).use {
            assertTrue(it.runtime, it.runtime.startsWith("TensorFlow Lite 2."))
            assertEquals("none", it.xnnpack) // it takes no SOFTMAX of int8, and no RESHAPE alone
        }
    }

    @Test
    fun model_whenItsInputHasAnotherRank_thenASentence() {
        val model = tiny("int8", withFile(TINY.resolve("../rank2.tflite")))
        assertRefused("other.tflite's input: expected 4 dimensions, (1, 2, 2, 3); got (1, 12)", model)
    }

    @Test
    fun model_whenItIsFloatAndTheManifestInt8_thenASentence() {
        val model = tiny("int8", withFile(TINY.resolve("tiny_float32.tflite")))
        assertRefused("the manifest specifies int8 of scale 0.007843138, zero point 0; the file has float32", model)
    }

    @Test
    fun model_whenItsOperatorIsNewerThanTheRuntime_thenTheSentenceNamesOtherRecipes() {
        val model = tiny("int8", withFile(TINY.resolve("../newer.tflite")))
        assertRefused("lacks: choose another recipe, such as int8 or float32", model)
        assertRefused("opcode 'SOFTMAX' version '99'", model)
    }

    @Test
    fun model_whenCutShort_thenASentence() {
        val folder = tinyCopy(temporary.root)
        folder.resolve("tiny_int8.tflite").apply { writeBytes(readBytes().copyOf(200)) }
        assertRefused("It was cut short or replaced", tiny("int8", folder))
    }

    @Test
    fun model_whenCutShortAsTheManifestHasIt_thenASentence() {
        val cut = temporary.newFile().apply { writeBytes(TINY.resolve("tiny_int8.tflite").readBytes().copyOf(500)) }
        assertRefused("other.tflite", tiny("int8", withFile(cut)))
    }

    @Test
    fun model_whenItsScaleIsNotTheManifests_thenASentence() {
        val folder = tinyCopy(temporary.root)
        edit(folder) { input(it).put("scale", 0.5) }
        assertRefused("the manifest specifies int8 of scale 0.5", tiny("int8", folder))
    }

    @Test
    fun accelerator_whenTheDeviceLacksIt_thenASentenceAndNoSilentCpu() {
        assertRefused("GPU does not start on this device", tiny("int8"), Accelerator.GPU)
        assertRefused(
            "expected NNAPI to run tiny_int8.tflite; it took none of its 2 operators",
            tiny("int8"),
            Accelerator.NNAPI,
        )
    }

    @Test
    fun threads_whenTheyAreNone_thenRefused() {
        assertThrows(IllegalArgumentException::class.java) { TfLiteEngine.open(tiny("int8"), Accelerator.CPU, 0) }
        assertThrows(IllegalArgumentException::class.java) { TfLiteEngine.open(tiny("int8"), Accelerator.CPU, 9) }
    }

    @Test
    fun share_whenStepsAreKnown_thenWholePartOrNone() {
        val shares = listOf(1, 7, 30, null).map { delegatedShare(it, 30) }
        assertEquals(listOf("whole", "part", "none", "unknown"), shares)
        assertEquals("none", delegatedShare(1, 1)) // a single operator: the count cannot show it, so nothing is claimed
    }

    private fun input(manifest: JSONObject) =
        (manifest.get("files") as JSONArray).getJSONObject(0).getJSONObject("input")
}
