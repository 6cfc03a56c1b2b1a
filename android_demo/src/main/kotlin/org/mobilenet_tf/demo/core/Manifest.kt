package org.mobilenet_tf.demo.core

/**
 * The network that an export was made of. alpha: null for a network of other people's. classes: of an embedding the
 * parts of its vector. background: class 0 is the
 * background row of Google's 1001-class models. activation: what a classifier's scores are. fit: how a photo becomes the
 * network's square input.
 */
class Network(
    val arch: String,
    val alpha: Double?,
    val res: Int,
    val classes: Int,
    val background: Boolean,
    val activation: Activation,
    val task: Task = Task.CLASSIFICATION,
    val fit: Fit = Fit.CROP,
)

/** What the outputs are: scores of classes or tags; objects with their boxes; or a vector that stands for the picture. */
enum class Task { CLASSIFICATION, DETECTION, EMBEDDING }

/**
 * SOFTMAX: the scores of classes that exclude each other, 1 in all. SIGMOID: each tag has a score from 0 to 1. EMBEDDING:
 * the parts of a vector of length 1.
 */
enum class Activation { SOFTMAX, SIGMOID, EMBEDDING }

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
    val outputs: List<TensorSpec>,
)

/** Which scores count, as Manifest has them. */
class LeastScores(
    val ofObjects: Float = 0f,
    val ofTags: List<Float>? = null,
)

/** `manifest.json` as far as a phone needs it; docs/manifest.md has all of its fields. */
class Manifest(
    val name: String,
    val network: Network,
    /** Of the network's input, if it takes floats. */
    val normalization: Normalization,
    /** Null for an embedding, whose outputs have no names. */
    val labels: HashedFile?,
    val preprocessing: PreprocessingRule,
    /** The folder of golden vectors. */
    val golden: String,
    val files: List<ModelFile>,
    private val least: LeastScores = LeastScores(),
) {
    /** The score from which a detector's objects are shown, if a person says no other. */
    val shownFrom get() = least.ofObjects

    /** Of tags, the score above which each is true, in the order of the labels; null if it is not known. */
    val thresholds get() = least.ofTags

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
                    labels = labels(json),
                    preprocessing =
                        PreprocessingRule(json.record("preprocessing").toString(), json.text("preprocessing_sha256")),
                    golden = json.fileName("golden"),
                    files = json.records("files").map(::modelFile),
                    least = LeastScores(shownFrom(json), thresholds(json)),
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
            activation =
                if (version < VERSION_OF_HEADS) Activation.SOFTMAX else oneOf("the head", json.text("head")),
            task = oneOf("the task", json.text("task", default = "classification")),
            fit = oneOf("the preprocessing", json.record("preprocessing").text("kind", default = "crop")),
        )

        private fun labels(json: JsonRecord): HashedFile? {
            val none = json.text("task", default = "classification") == "embedding" && !isThere(json, "labels")
            return if (none) null else HashedFile(json.fileName("labels"), json.text("labels_sha256"))
        }

        private fun shownFrom(json: JsonRecord): Float =
            if (isThere(json, "detection")) json.record("detection").number("shown_from").toFloat() else 0f

        private fun thresholds(json: JsonRecord): List<Float>? {
            if (!isThere(json, "thresholds")) return null
            val thresholds = json.numbers("thresholds")
            val tags = json.wholeNumber("classes")
            if (thresholds.size != tags || thresholds.any { it !in 0.0..1.0 }) {
                throw DemoException(
                    "$FILE: expected thresholds from 0 to 1, one for each of the $tags tags; got " +
                        "${thresholds.take(5)}. $EXPORT_AGAIN",
                )
            }
            return thresholds.map { it.toFloat() }
        }

        private fun isThere(
            json: JsonRecord,
            key: String,
        ) = json.has(key) && !json.isNull(key)

        /** The constant of that name. */
        private inline fun <reified T : Enum<T>> oneOf(
            what: String,
            name: String,
        ): T {
            val names = enumValues<T>().map { it.name.lowercase() }
            return enumValues<T>().firstOrNull { it.name.lowercase() == name }
                ?: throw DemoException("$FILE: expected $what ${names.joinToString(" or ")}; got $name. $EXPORT_AGAIN")
        }

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
                outputs =
                    if (isThere(json, "outputs")) {
                        json.records("outputs").map(::tensor)
                    } else {
                        listOf(tensor(json.record("output")))
                    },
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
        expectedOutputs(file).forEachIndexed { index, expected ->
            checkShape("${file.path}'s ${outputName(file, index)}", file.outputs[index].shape, expected)
        }
    }

    /** The shapes of the outputs that the task has; of boxes the file says how many. */
    private fun expectedOutputs(file: ModelFile): List<List<Int>> {
        val outputs = file.outputs
        val expected =
            when (network.task) {
                Task.CLASSIFICATION, Task.EMBEDDING -> listOf(listOf(1, network.classes))
                Task.DETECTION -> {
                    val count = outputs.getOrNull(2)?.elements ?: 0
                    listOf(listOf(1, count, 4), listOf(1, count), listOf(1, count), listOf(1))
                }
            }
        if (outputs.size == expected.size) return expected
        throw DemoException(
            "$FILE: expected ${expected.size} outputs of ${file.path}, as its task has; got ${outputs.size}. " +
                "Export the model again, a detector with its post-processing: without --raw-outputs.",
        )
    }
}

internal fun outputName(
    file: ModelFile,
    index: Int,
) = if (file.outputs.size == 1) "output" else "output ${index + 1}"

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
            "This app runs models that mobilenet-export made; export the model again.",
    )
}
