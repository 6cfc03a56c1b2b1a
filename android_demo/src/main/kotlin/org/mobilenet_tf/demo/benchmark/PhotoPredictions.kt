package org.mobilenet_tf.demo.benchmark

import org.json.JSONArray
import org.json.JSONObject
import org.mobilenet_tf.demo.core.ArgbFrame
import org.mobilenet_tf.demo.core.ClassesHead
import org.mobilenet_tf.demo.core.DemoException
import org.mobilenet_tf.demo.core.Orientation
import org.mobilenet_tf.demo.core.Pipeline
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

        const val PROGRESS_EVERY = 10

        private const val LARGEST_FILE_BYTES = 100L shl 20

        /** The pipeline's head must be of classes. onPhoto: called with the index of each photo before it is read. */
        fun of(
            pipeline: Pipeline,
            photos: List<File>,
            decode: (ByteArray) -> Pair<ArgbFrame, Orientation>,
            onPhoto: (Int) -> Unit,
        ): PhotoPredictions {
            val start = System.nanoTime()
            val predictions =
                photos.mapIndexed { index, file ->
                    onPhoto(index)
                    predict(pipeline, file, decode)
                }
            return PhotoPredictions(predictions, (System.nanoTime() - start) / 1e9)
        }

        private fun predict(
            pipeline: Pipeline,
            file: File,
            decode: (ByteArray) -> Pair<ArgbFrame, Orientation>,
        ): PhotoPrediction =
            try {
                val (frame, orientation) = decode(bytesOf(file))
                pipeline.run(frame, orientation)
                val best = (pipeline.head as ClassesHead).topK
                val scores = best.scores.take(best.count)
                if (scores.all { it.isFinite() }) {
                    PhotoPrediction(file.name, best.indices.take(best.count), scores, null)
                } else {
                    failed(file, "The model's scores of ${file.name} are not finite numbers. Export it again.")
                }
            } catch (error: DemoException) {
                failed(file, error.message.orEmpty())
            } catch (error: IOException) {
                failed(file, "Cannot read ${file.name}: ${error.message}.")
            }

        private fun failed(
            file: File,
            sentence: String,
        ) = PhotoPrediction(file.name, emptyList(), emptyList(), sentence)

        private fun bytesOf(file: File): ByteArray {
            val size = file.length()
            if (size > LARGEST_FILE_BYTES) {
                throw DemoException(
                    "Expected at most ${LARGEST_FILE_BYTES shr 20} MB; ${file.name} has ${size shr 20}.",
                )
            }
            return file.readBytes()
        }
    }
}
