package org.mobilenet_tf.demo.benchmark

import org.json.JSONArray
import org.json.JSONObject
import org.mobilenet_tf.demo.core.ArgbFrame
import org.mobilenet_tf.demo.core.Classifier
import org.mobilenet_tf.demo.core.DemoException
import org.mobilenet_tf.demo.core.Orientation
import java.io.File
import java.io.IOException

/** The pushed pictures. */
class ImageFolder(
    private val folder: File,
) {
    /** Sorted by name. Throws DemoException where there are none. */
    fun files(): List<File> {
        val found = folder.listFiles(File::isFile).orEmpty().sortedBy { it.name }
        if (found.isEmpty()) {
            throw DemoException(
                "Expected pictures in ${folder.path}; there are none that the app can read. " +
                    "Push them there after a start with --ez prepare true.",
            )
        }
        return found
    }
}

/** The best classes of each picture, or why it has none. seconds: decoding and classifying all of them. */
class Predictions(
    private val images: List<Prediction>,
    private val seconds: Double,
) {
    class Prediction(
        val file: String,
        val classes: List<Int>,
        val scores: List<Float>,
        val error: String?,
    )

    fun toJson(run: String): String =
        JSONObject()
            .put("run", run)
            .put("seconds", seconds)
            .put("images", JSONArray(images.map(::record)))
            .toString(1)

    private fun record(image: Prediction) =
        JSONObject()
            .put("file", image.file)
            .put("classes", JSONArray(image.classes))
            .put("scores", JSONArray(image.scores.map { it.toDouble() }))
            .put("error", image.error ?: JSONObject.NULL)

    companion object {
        /** Classes a picture, as top-5 needs. */
        const val KEPT = 5

        fun of(
            classifier: Classifier,
            images: ImageFolder,
            decode: (ByteArray) -> Pair<ArgbFrame, Orientation>,
            tell: (String) -> Unit,
        ): Predictions {
            val files = images.files()
            val start = System.nanoTime()
            val found =
                files.mapIndexed { index, file ->
                    if (index % TOLD_EVERY == 0) tell("${classifier.model.name}: picture ${index + 1} of ${files.size}")
                    predict(classifier, file, decode)
                }
            return Predictions(found, (System.nanoTime() - start) / 1e9)
        }

        private fun predict(
            classifier: Classifier,
            file: File,
            decode: (ByteArray) -> Pair<ArgbFrame, Orientation>,
        ): Prediction =
            try {
                val (frame, orientation) = decode(file.readBytes())
                classifier.classify(frame, orientation)
                val best = classifier.topK
                Prediction(file.name, best.indices.take(best.count), best.scores.take(best.count), null)
            } catch (error: DemoException) {
                Prediction(file.name, emptyList(), emptyList(), error.message)
            } catch (error: IOException) {
                Prediction(file.name, emptyList(), emptyList(), "Cannot read ${file.name}: ${error.message}.")
            }

        private const val TOLD_EVERY = 10
    }
}
