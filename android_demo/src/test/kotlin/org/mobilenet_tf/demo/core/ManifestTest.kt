package org.mobilenet_tf.demo.core

import org.json.JSONArray
import org.json.JSONObject
import org.junit.Assert.assertEquals
import org.junit.Assert.assertTrue
import org.junit.Test

class ManifestTest {
    private val text = TINY.resolve(Manifest.FILE).readText()

    private fun refusalOf(change: (JSONObject) -> Unit): String =
        refusal { Manifest.parse(JSONObject(text).also(change).toString()) }

    private fun file(json: JSONObject) = json.getJSONArray("files").getJSONObject(0)

    private fun assertSays(
        part: String,
        sentence: String,
    ) = assertTrue("\"$sentence\" says nothing of \"$part\"", part in sentence)

    @Test
    fun manifest_whenPythonWroteIt_thenItsFields() {
        val manifest = Manifest.parse(text)
        assertEquals("tiny", manifest.name)
        assertEquals(listOf(2, 12), listOf(manifest.network.res, manifest.network.classes))
        assertEquals(Preprocess.RULE_SHA256, manifest.preprocessing.sha256)
        assertEquals("RGB", JSONObject(manifest.preprocessing.description).getString("color_space"))
        assertEquals(listOf("int8", "float32"), manifest.files.map { it.recipe })
        val int8 = manifest.files.first()
        assertEquals(listOf(1, 2, 2, 3), int8.input.shape)
        assertEquals((1 / 127.5).toFloat(), int8.input.scale, 0f)
        assertEquals(-128, int8.outputs.single().zeroPoint)
    }

    @Test
    fun manifest_whenTheNetworkIsAnybodys_thenItsHeadAndNormalization() {
        val manifest = Manifest.parse(TAGS.resolve(Manifest.FILE).readText())
        assertEquals(Activation.SIGMOID, manifest.network.activation)
        assertEquals(listOf(123.675f, 116.28f, 103.53f), manifest.normalization.mean)
        assertEquals(listOf(58.395f, 57.12f, 57.375f), manifest.normalization.std)
        assertEquals(null, manifest.network.alpha)
    }

    @Test
    fun manifest_whenItHasThresholds_thenOneForEachTagOrASentence() {
        val tags = TAGS.resolve(Manifest.FILE).readText()
        val manifest = Manifest.parse(tags)
        assertEquals(12, manifest.thresholds?.size)
        assertEquals(0.6f, manifest.thresholds?.get(2))
        assertEquals(null, Manifest.parse(text).thresholds)
        val refusalOf = { values: List<Any> ->
            refusal { Manifest.parse(JSONObject(tags).put("thresholds", JSONArray(values)).toString()) }
        }
        assertSays("expected thresholds from 0 to 1, one for each of the 12 tags; got [0.5]", refusalOf(listOf(0.5)))
        assertSays("expected thresholds from 0 to 1", refusalOf(List(12) { 1.5 }))
        assertSays("expected numbers; got", refusalOf(List(12) { "0.5" }))
    }

    @Test
    fun manifest_whenItIsOlderThanHeads_thenASoftmaxFromMinusOneToOne() {
        val older = JSONObject(text).put("schema_version", 4)
        listOf("head", "mean", "std").forEach { older.remove(it) }
        val manifest = Manifest.parse(older.toString())
        assertEquals(Activation.SOFTMAX, manifest.network.activation)
        assertEquals(listOf(127.5f), manifest.normalization.mean)
    }

    @Test
    fun manifest_whenItsHeadOrNormalizationCannotBe_thenASentence() {
        val heads = "expected the head softmax or sigmoid or embedding; got logits"
        assertSays(heads, refusalOf { it.put("head", "logits") })
        assertSays("one or three numbers", refusalOf { it.put("mean", JSONArray(listOf(1, 2))) })
        assertSays("std above 0", refusalOf { it.put("std", JSONArray(listOf(0))) })
        assertSays("expected numbers; got", refusalOf { it.put("mean", JSONArray(listOf("a"))) })
    }

    @Test
    fun manifest_whenItIsOfANewerVersion_thenSaysToUpdateTheApp() {
        val sentence = refusalOf { it.put("schema_version", 6) }
        assertSays("has version 6; this app reads versions 2 to 5. Update the app", sentence)
    }

    @Test
    fun manifest_whenItIsOfAnOlderVersion_thenSaysToExportAgain() {
        assertSays("has version 1; this app reads versions 2 to 5. Export", refusalOf { it.put("schema_version", 1) })
    }

    @Test
    fun manifest_whenItIsOfVersion3_thenItIsRead() {
        val older = JSONObject(text).put("schema_version", 3)
        listOf("split", "verification").forEach { older.remove(it) }
        assertEquals("tiny", Manifest.parse(older.toString()).network.arch)
    }

    @Test
    fun manifest_whenTheNetworkHasNoWidth_thenItsAlphaIsNull() {
        assertEquals(null, Manifest.parse(JSONObject(text).put("alpha", JSONObject.NULL).toString()).network.alpha)
    }

    @Test
    fun manifest_whenItIsOfVersion2_thenTheVariantIsPartOfTheArchitecture() {
        val old = TINY.resolve("../manifest_version2.json").readText()
        val manifest = Manifest.parse(old)
        assertEquals("tiny_conv", manifest.network.arch)
        assertEquals(listOf("tiny_int8.tflite", "tiny_float32.tflite"), manifest.files.map { it.path })
        val separable = JSONObject(old).put("variant", "separable").toString()
        assertEquals("tiny", Manifest.parse(separable).network.arch)
    }

    @Test
    fun manifest_whenItIsNoJson_thenRefused() {
        for (text in listOf("", "{", "[1]", "\u0000", "[".repeat(100_000))) {
            assertSays("manifest.json is not JSON", refusal { Manifest.parse(text) })
        }
    }

    @Test
    fun manifest_whenAnyFieldIsMissing_thenItIsNamed() {
        val used = listOf("schema_version", "name", "arch", "alpha", "res", "classes", "background", "labels")
        for (key in used + listOf("labels_sha256", "preprocessing", "preprocessing_sha256", "golden", "files")) {
            assertSays("manifest.json has no \"$key\"", refusalOf { it.remove(key) })
        }
        for (key in listOf("path", "recipe", "size_bytes", "sha256", "input", "output")) {
            assertSays("manifest.json.files[0] has no \"$key\"", refusalOf { file(it).remove(key) })
        }
    }

    @Test
    fun manifest_whenAFieldIsOfAnotherType_thenItIsNamed() {
        assertSays("manifest.json.res: expected a whole number; got 96", refusalOf { it.put("res", "96") })
        assertSays("manifest.json.res: expected a whole number", refusalOf { it.put("res", 1.5) })
        assertSays("manifest.json.name: expected a text; got 5", refusalOf { it.put("name", 5) })
        assertSays("manifest.json.name: expected a text; got null", refusalOf { it.put("name", JSONObject.NULL) })
        assertSays("manifest.json.files: expected a list", refusalOf { it.put("files", 1) })
        assertSays("manifest.json.files[0]: expected an object", refusalOf { it.put("files", JSONArray("[1]")) })
    }

    @Test
    fun file_whenItsInputHasAnotherRank_thenRefused() {
        val sentence = refusalOf { file(it).getJSONObject("input").put("shape", JSONArray("[1, 12]")) }
        assertSays("input: expected 4 dimensions, (1, 2, 2, 3); got (1, 12)", sentence)
    }

    @Test
    fun file_whenItsShapesAreNotOfTheRes_thenRefused() {
        assertSays("expected the shape (1, 4, 4, 3); got (1, 2, 2, 3)", refusalOf { it.put("res", 4) })
        assertSays("expected the shape (1, 13); got (1, 12)", refusalOf { it.put("classes", 13) })
        assertSays("expected a res of 1 to 4096", refusalOf { it.put("res", 0) })
    }

    @Test
    fun file_whenItsDtypeIsUnknown_thenRefused() {
        val sentence = refusalOf { file(it).getJSONObject("input").put("dtype", "int4") }
        assertSays("expected a tensor of float32, uint8, int8 or int16; got int4", sentence)
    }

    @Test
    fun names_whenTheyLeadElsewhere_thenRefused() {
        val names = listOf("", ".", "..", "../labels.txt", "/etc/hosts", "a/b", "a\\b", ".hidden", "a\u0000b", "a\nb")
        for (name in names + "a".repeat(256)) {
            assertSays("expected the name of a file", refusalOf { it.put("labels", name) })
            assertSays("expected the name of a file", refusalOf { it.put("golden", name) })
            assertSays("expected the name of a file", refusalOf { file(it).put("path", name) })
        }
    }

    @Test
    fun manifest_whenItIsOlderThanTasks_thenAClassifierOfACrop() {
        val network = Manifest.parse(text).network
        assertEquals(Task.CLASSIFICATION to Fit.CROP, network.task to network.fit)
    }

    /** The manifest of a detector of three objects. */
    private fun detector(change: (JSONObject) -> Unit = {}): String {
        val shapes = listOf("[1, 3, 4]", "[1, 3]", "[1, 3]", "[1]")
        val json = JSONObject(text).put("task", "detection")
        json.getJSONObject("preprocessing").put("kind", "stretch")
        json.put("detection", JSONObject().put("shown_from", 0.5))
        for (index in 0 until json.getJSONArray("files").length()) {
            val file = json.getJSONArray("files").getJSONObject(index)
            val output = file.remove("output") as JSONObject
            val outputs = shapes.map { JSONObject(output.toString()).put("shape", JSONArray(it)) }
            file.put("outputs", JSONArray(outputs))
        }
        return json.also(change).toString()
    }

    @Test
    fun manifest_whenItIsADetectors_thenItsTaskOutputsAndPreprocessing() {
        val manifest = Manifest.parse(detector())
        assertEquals(Task.DETECTION to Fit.STRETCH, manifest.network.task to manifest.network.fit)
        assertEquals(0.5f, manifest.shownFrom, 0f)
        val shapes = manifest.files[0].outputs.map { it.shape }
        assertEquals(listOf(listOf(1, 3, 4), listOf(1, 3), listOf(1, 3), listOf(1)), shapes)
    }

    @Test
    fun manifest_whenTaskOrPreprocessingIsUnknown_thenASentence() {
        assertSays(
            "expected the task classification or detection or embedding; got segmentation",
            refusalOf { it.put("task", "segmentation") },
        )
        assertSays(
            "expected the preprocessing crop or stretch or letterbox; got tile",
            refusalOf { it.getJSONObject("preprocessing").put("kind", "tile") },
        )
    }

    @Test
    fun manifest_whenAClassifiersSaysThatItIsNoDetector_thenRead() {
        val json = JSONObject(text).put("task", "classification").put("detection", JSONObject.NULL)
        file(json).put("outputs", JSONObject.NULL)
        assertEquals(1, Manifest.parse(json.toString()).files[0].outputs.size)
    }

    @Test
    fun manifest_whenItIsAnEmbeddings_thenWithoutLabels() {
        val embedding = VECTOR.resolve(Manifest.FILE).readText()
        val network = Manifest.parse(embedding).network
        assertEquals(Task.EMBEDDING to Activation.EMBEDDING, network.task to network.activation)
        val models = Models.read(FolderSource(VECTOR))
        assertEquals(listOf("vector_int8", "vector_float32"), models.map { it.name })
        assertEquals(emptyList<String>(), models[0].labels)
        val wrong = JSONObject(embedding).put("classes", 13).toString()
        assertSays("expected the shape (1, 13); got (1, 12)", refusal { Manifest.parse(wrong) })
        assertSays("manifest.json.labels: expected a text; got null", refusalOf { it.put("labels", JSONObject.NULL) })
    }

    @Test
    fun manifest_whenADetectorLacksAnOutput_thenASentence() {
        val sentence = refusal { Manifest.parse(detector { file(it).getJSONArray("outputs").remove(3) }) }
        assertSays("expected 4 outputs of tiny_int8.tflite, as its task has; got 3", sentence)
    }
}
