package org.mobilenet_tf.demo.core

/**
 * The network that an export was made of. alpha: null for a network of other people's. background: class 0 is the
 * background row of Google's 1001-class models. head: what its scores are.
 */
class Network(
    val arch: String,
    val alpha: Double?,
    val res: Int,
    val classes: Int,
    val background: Boolean,
    val head: Head,
)

/** SOFTMAX: the scores of classes that exclude each other, 1 in all. SIGMOID: each tag has a score from 0 to 1. */
enum class Head { SOFTMAX, SIGMOID }

/** A file beside the manifest, by its name, with the hash of its bytes. */
class HashedFile(
    val name: String,
    val sha256: String,
)

/** The preprocessing rule in words, as the text of a JSON object, and the hash by which rules are compared. */
class PreprocessingRule(
    val description: String,
    val sha256: String,
)

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
    val network: Network,
    /** Of the network's input, if it takes floats. */
    val normalization: Normalization,
    val labels: HashedFile,
    val preprocessing: PreprocessingRule,
    /** The folder of golden vectors. */
    val golden: String,
    val files: List<ModelFile>,
) {
    companion object {
        const val OLDEST_VERSION = 2
        const val NEWEST_VERSION = 5
        const val FILE = "manifest.json"
        private const val VERSION_OF_HEADS = 5

        /**
         * Throws DemoException for text that is not JSON, of another version, or with a field missing or of another
         * type.
         */
        fun parse(text: String): Manifest {
            val json = JsonRecord.parse(text, FILE)
            val version = json.wholeNumber("schema_version")
            checkVersion(version)
            val manifest =
                Manifest(
                    name = json.text("name"),
                    network = network(json, version),
                    normalization = normalization(json, version),
                    labels = HashedFile(json.fileName("labels"), json.text("labels_sha256")),
                    preprocessing =
                        PreprocessingRule(json.record("preprocessing").toString(), json.text("preprocessing_sha256")),
                    golden = json.fileName("golden"),
                    files = json.records("files").map(::modelFile),
                )
            manifest.files.forEach { manifest.checkShapes(it) }
            return manifest
        }

        private fun checkVersion(version: Int) {
            val difference = "$FILE has version $version; this app reads versions $OLDEST_VERSION to $NEWEST_VERSION."
            if (version > NEWEST_VERSION) {
                throw DemoException(
                    "$difference Update the app, or export the model with the toolkit the app came from.",
                )
            }
            if (version < OLDEST_VERSION) throw DemoException("$difference $EXPORT_AGAIN")
        }

        private fun network(
            json: JsonRecord,
            version: Int,
        ) = Network(
            arch = if (version == 2) archOfVersion2(json) else json.text("arch"),
            alpha = json.numberOrNull("alpha"),
            res = json.wholeNumber("res"),
            classes = json.wholeNumber("classes"),
            background = json.boolean("background"),
            head = if (version < VERSION_OF_HEADS) Head.SOFTMAX else head(json.text("head")),
        )

        private fun head(name: String): Head =
            Head.entries.firstOrNull { it.name.lowercase() == name }
                ?: throw DemoException("$FILE: expected the head softmax or sigmoid; got $name. $EXPORT_AGAIN")

        /** Older versions were for networks of the toolkit alone. */
        private fun normalization(
            json: JsonRecord,
            version: Int,
        ): Normalization {
            if (version < VERSION_OF_HEADS) return Normalization.FROM_MINUS_ONE_TO_ONE
            val (mean, std) = listOf("mean", "std").map { key -> json.numbers(key).map { it.toFloat() } }
            if (listOf(mean, std).any { it.size != 1 && it.size != Normalization.CHANNELS } || std.any { it <= 0 }) {
                throw DemoException(
                    "$FILE: expected mean and std of one or three numbers, std above 0; got $mean, $std. $EXPORT_AGAIN",
                )
            }
            return Normalization(mean, std)
        }

        /** Version 2 had the variant in a field of its own; it is part of the architecture's name now. */
        private fun archOfVersion2(json: JsonRecord): String {
            val arch = json.text("arch")
            val variant = json.text("variant", default = "separable")
            return if (variant == "separable") arch else "${arch}_$variant"
        }

        private fun modelFile(json: JsonRecord) =
            ModelFile(
                path = json.fileName("path"),
                recipe = json.text("recipe"),
                sizeBytes = json.longNumber("size_bytes"),
                sha256 = json.text("sha256"),
                input = tensor(json.record("input")),
                output = tensor(json.record("output")),
            )

        private fun tensor(json: JsonRecord) =
            TensorSpec(
                dtype = DType.of(json.text("dtype")),
                shape = json.wholeNumbers("shape"),
                scale = json.number("scale").toFloat(),
                zeroPoint = json.wholeNumber("zero_point"),
            )
    }

    private fun checkShapes(file: ModelFile) {
        val res = network.res
        val classes = network.classes
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

/** Throws DemoException that says what differs: the number of dimensions, or a dimension. */
internal fun checkShape(
    what: String,
    actual: List<Int>,
    expected: List<Int>,
) {
    if (actual == expected) return
    val kind = if (actual.size == expected.size) "the shape" else "${expected.size} dimensions,"
    throw DemoException(
        "$what: expected $kind ${expected.joinToString(", ", "(", ")")}; got ${actual.joinToString(", ", "(", ")")}. " +
            "This app runs image classifiers that mobilenet-export made; export the model again.",
    )
}
