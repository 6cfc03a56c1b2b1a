package org.mobilenet_tf.demo

import org.json.JSONArray
import org.json.JSONObject
import org.mobilenet_tf.demo.core.Fit
import org.mobilenet_tf.demo.core.Manifest
import org.mobilenet_tf.demo.core.Preprocess
import java.io.File
import java.security.MessageDigest

/** Some labels of ImageNet, one of them long. */
val LABELS = listOf("espresso", "consomme", "cup", "soup bowl", "great white shark, white shark, man-eater")

/** Writes a folder as mobilenet-export does, with a .tflite file that no interpreter could load. */
fun writeModel(
    folder: File,
    name: String,
    recipe: String = "int8",
    labels: List<String> = LABELS,
    change: (JSONObject) -> Unit = {},
): File {
    folder.mkdirs()
    val bytes = ByteArray(4096) { (it * 31).toByte() }
    File(folder, "${name}_$recipe.tflite").writeBytes(bytes)
    val text = labels.joinToString("\n", postfix = "\n").toByteArray()
    File(folder, "labels.txt").writeBytes(text)
    val file =
        fileRecord(recipe, labels.size)
            .put("path", "${name}_$recipe.tflite")
            .put("size_bytes", bytes.size)
            .put("sha256", sha256(bytes))
    val manifest =
        JSONObject()
            .put("schema_version", Manifest.NEWEST_VERSION)
            .put("name", name)
            .put("arch", "mobilenet_v1")
            .put("alpha", 0.5)
            .put("res", 160)
            .put("classes", labels.size)
            .put("background", false)
            .put("head", "softmax")
            .put("mean", JSONArray(listOf(127.5)))
            .put("std", JSONArray(listOf(127.5)))
            .put("preprocessing", JSONObject().put("crop", "centre"))
            .put("preprocessing_sha256", Preprocess.RULE_SHA256)
            .put("labels", "labels.txt")
            .put("labels_sha256", sha256(text))
            .put("files", JSONArray().put(file))
            .put("golden", "golden")
    change(manifest)
    File(folder, "manifest.json").writeText(manifest.toString())
    return folder
}

/** As writeModel, a detector of up to ten objects that are shown from a score of 0.5 on. fit: how it takes a picture. */
fun writeDetector(
    folder: File,
    name: String,
    fit: Fit = Fit.STRETCH,
): File =
    writeModel(folder, name, recipe = "float32") { manifest ->
        val shapes = listOf(listOf(1, 10, 4), listOf(1, 10), listOf(1, 10), listOf(1))
        manifest
            .put("task", "detection")
            .put("detection", JSONObject().put("shown_from", 0.5))
            .put("preprocessing", JSONObject().put("kind", fit.name.lowercase()))
            .put("preprocessing_sha256", Preprocess.ruleSha256(fit))
        val outputs = JSONArray(shapes.map { tensor("float32", it, 0.0, 0) })
        manifest.getJSONArray("files").getJSONObject(0).put("outputs", outputs)
    }

/** As writeModel, a model of tags, with a threshold for each. */
fun writeTags(
    folder: File,
    name: String,
    thresholds: List<Double>,
    labels: List<String> = LABELS,
): File =
    writeModel(folder, name, labels = labels) {
        it.put("head", "sigmoid").put("thresholds", JSONArray(thresholds))
    }

/** As writeModel, an embedding of that many dimensions. */
fun writeEmbedding(
    folder: File,
    name: String,
    dimensions: Int,
): File =
    writeModel(folder, name, recipe = "float32", labels = List(dimensions) { "$it" }) {
        it.put("task", "embedding").put("head", "embedding")
        it.put("labels", JSONObject.NULL).put("labels_sha256", JSONObject.NULL)
    }.also { File(it, "labels.txt").delete() }

private fun fileRecord(
    recipe: String,
    classes: Int,
): JSONObject {
    val float = recipe == "float32"
    val dtype = if (float) "float32" else "int8"
    val input = tensor(dtype, listOf(1, 160, 160, 3), if (float) 0.0 else 1 / 127.5, if (float) 0 else -1)
    val output = tensor(dtype, listOf(1, classes), if (float) 0.0 else 1 / 256.0, if (float) 0 else -128)
    return JSONObject()
        .put("recipe", recipe)
        .put("input", input)
        .put("output", output)
        .put("ops", JSONObject().put("CONV_2D", 1))
}

private fun tensor(
    dtype: String,
    shape: List<Int>,
    scale: Double,
    zeroPoint: Int,
) = JSONObject().put("dtype", dtype).put("shape", JSONArray(shape)).put("scale", scale).put("zero_point", zeroPoint)

private fun sha256(bytes: ByteArray) =
    MessageDigest.getInstance("SHA-256").digest(bytes).joinToString("") { "%02x".format(it) }
