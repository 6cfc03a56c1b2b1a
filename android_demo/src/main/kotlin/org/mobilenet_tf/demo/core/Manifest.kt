package org.mobilenet_tf.demo.core

/** One exported .tflite of a manifest. */
class ModelFile(
    val path: String,
    val recipe: String,
    val sizeBytes: Long,
    val sha256: String,
    val input: TensorSpec,
    val output: TensorSpec,
)

/** `manifest.json` as far as a phone needs it; docs/manifest.md has all of its fields. */
class Manifest(
    val name: String,
    val arch: String,
    val alpha: Double,
    val res: Int,
    val classes: Int,
    val background: Boolean,
    val labels: String,
    val labelsSha256: String,
    /** The rule in words, as the text of a JSON object. */
    val preprocessing: String,
    val preprocessingSha256: String,
    val golden: String,
    val files: List<ModelFile>,
) {
    companion object {
        const val SCHEMA_VERSION = 2
        const val FILE = "manifest.json"

        /** Throws DemoException for text that is no JSON, of another version, or with a field missing or of another type. */
        fun parse(text: String): Manifest {
            val json = JsonRecord.parse(text, FILE)
            checkVersion(json)
            val manifest =
                Manifest(
                    name = json.text("name"),
                    arch = json.text("arch"),
                    alpha = json.number("alpha"),
                    res = json.whole("res"),
                    classes = json.whole("classes"),
                    background = json.flag("background"),
                    labels = json.fileName("labels"),
                    labelsSha256 = json.text("labels_sha256"),
                    preprocessing = json.record("preprocessing").toString(),
                    preprocessingSha256 = json.text("preprocessing_sha256"),
                    golden = json.fileName("golden"),
                    files = json.records("files").map(::modelFile),
                )
            manifest.files.forEach { manifest.checkShapes(it) }
            return manifest
        }

        private fun checkVersion(json: JsonRecord) {
            val version = json.whole("schema_version")
            if (version > SCHEMA_VERSION) {
                throw DemoException(
                    "$FILE has version $version; this app reads version $SCHEMA_VERSION. " +
                        "Update the app, or export the model with the toolkit the app came from.",
                )
            }
            if (version < SCHEMA_VERSION) {
                throw DemoException("$FILE has version $version; this app reads version $SCHEMA_VERSION. $EXPORT_AGAIN")
            }
        }

        private fun modelFile(json: JsonRecord) =
            ModelFile(
                path = json.fileName("path"),
                recipe = json.text("recipe"),
                sizeBytes = json.size("size_bytes"),
                sha256 = json.text("sha256"),
                input = tensor(json.record("input")),
                output = tensor(json.record("output")),
            )

        private fun tensor(json: JsonRecord) =
            TensorSpec(
                dtype = DType.of(json.text("dtype")),
                shape = json.wholes("shape"),
                scale = json.number("scale").toFloat(),
                zeroPoint = json.whole("zero_point"),
            )
    }

    private fun checkShapes(file: ModelFile) {
        if (res !in 1..MAX_RES || classes < 1) {
            throw DemoException(
                "$FILE: expected a res of 1 to $MAX_RES and at least one class; got $res, $classes. $EXPORT_AGAIN",
            )
        }
        checkShape("${file.path}'s input", file.input.shape, listOf(1, res, res, 3))
        checkShape("${file.path}'s output", file.output.shape, listOf(1, classes))
    }
}

private const val MAX_RES = 4096

/** Throws DemoException with a word on what differs: the number of dimensions, or a dimension. */
internal fun checkShape(
    what: String,
    found: List<Int>,
    expected: List<Int>,
) {
    if (found == expected) return
    val kind = if (found.size == expected.size) "the shape" else "${expected.size} dimensions,"
    throw DemoException(
        "$what: expected $kind ${expected.joinToString(", ", "(", ")")}; got ${found.joinToString(", ", "(", ")")}. " +
            "This app runs image classifiers that mobilenet-export made; export the model again.",
    )
}
