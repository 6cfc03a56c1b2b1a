package org.mobilenet_tf.demo.benchmark

import org.json.JSONArray
import org.json.JSONObject
import org.mobilenet_tf.demo.core.ArgbFrame
import org.mobilenet_tf.demo.core.Classifier
import org.mobilenet_tf.demo.core.DemoException
import org.mobilenet_tf.demo.core.Orientation
import java.io.File
import java.io.IOException

/** The photos that were pushed into a folder, sorted by name. Throws DemoException if there are none. */
fun photosIn(folder: File): List<File> {
    val photos = folder.listFiles(File::isFile).orEmpty().sortedBy { it.name }
    if (photos.isEmpty()) {
        throw DemoException(
            "Expected pictures in ${folder.path}; there are none that the app can read. " +
                "Push them there after a start with --ez prepare true.",
        )
    }
    return photos
}

/** The best classes of one photo, best first, with their scores; or in `error` why there are none. */
class PhotoPrediction(
    val file: String,
    val classes: List<Int>,
    val scores: List<Float>,
    val error: String?,
)

/** The predictions of all photos. seconds: for decoding and classifying all of them. */
class PhotoPredictions(
    private val images: List<PhotoPrediction>,
    private val seconds: Double,
) {
    fun toJson(run: String): String =
        JSONObject()
            .put("run", run)
            .put("seconds", seconds)
            .put("images", JSONArray(images.map(::record)))
            .toString(1)

    private fun record(image: PhotoPrediction) =
        JSONObject()
            .put("file", image.file)
            .put("classes", JSONArray(image.classes))
            .put("scores", JSONArray(image.scores.map { it.toDouble() }))
            .put("error", image.error ?: JSONObject.NULL)

    companion object {
        /** As top-5 needs. */
        const val CLASSES_PER_IMAGE = 5

        fun of(
            classifier: Classifier,
            photos: List<File>,
            decode: (ByteArray) -> Pair<ArgbFrame, Orientation>,
            onProgress: OnProgress,
        ): PhotoPredictions {
            val start = System.nanoTime()
            val predictions =
                photos.mapIndexed { index, file ->
                    if (index % PROGRESS_EVERY == 0) {
                        val task = "${classifier.model.name}: picture ${index + 1} of ${photos.size}"
                        onProgress(task, index.toDouble() / photos.size)
                    }
                    predict(classifier, file, decode)
                }
            return PhotoPredictions(predictions, (System.nanoTime() - start) / 1e9)
        }

        private fun predict(
            classifier: Classifier,
            file: File,
            decode: (ByteArray) -> Pair<ArgbFrame, Orientation>,
        ): PhotoPrediction =
            try {
                val (frame, orientation) = decode(file.readBytes())
                classifier.classify(frame, orientation)
                val best = classifier.topK
                PhotoPrediction(file.name, best.indices.take(best.count), best.scores.take(best.count), null)
            } catch (error: DemoException) {
                PhotoPrediction(file.name, emptyList(), emptyList(), error.message)
            } catch (error: IOException) {
                PhotoPrediction(file.name, emptyList(), emptyList(), "Cannot read ${file.name}: ${error.message}.")
            }

        private const val PROGRESS_EVERY = 10
    }
}
