package org.mobilenet_tf.demo.benchmark

import org.mobilenet_tf.demo.core.Accelerator
import org.mobilenet_tf.demo.core.ArgbFrame
import org.mobilenet_tf.demo.core.Classifier
import org.mobilenet_tf.demo.core.DemoException
import org.mobilenet_tf.demo.core.Engine
import org.mobilenet_tf.demo.core.Golden
import org.mobilenet_tf.demo.core.Model
import org.mobilenet_tf.demo.core.Orientation
import org.mobilenet_tf.demo.core.TopK
import java.io.File
import java.util.Locale

/**
 * One run of the benchmark on the device: how long loading and each stage of one model took. predictions: null if the
 * request has no photos.
 */
class DeviceRun(
    val runtime: String,
    val xnnpack: String,
    val loadMs: Double,
    val preprocess: Samples,
    val inference: Samples,
    val postprocess: Samples,
    val notes: List<String>,
    val predictions: PhotoPredictions?,
)

/** Measures on the calling thread, which the engine is bound to. */
class Measurer(
    private val openEngine: (Model, Accelerator, Int) -> Engine,
    private val decode: (ByteArray) -> Pair<ArgbFrame, Orientation>,
    private val onProgress: OnProgress,
) {
    /** photos: null for none. Throws DemoException. */
    fun measure(
        model: Model,
        request: BenchmarkRequest,
        photos: List<File>?,
    ): DeviceRun {
        onProgress("${model.name}: loading", 0.0)
        val start = System.nanoTime()
        val engine = openEngine(model, request.accelerator, request.threads)
        val loadMs = (System.nanoTime() - start) / 1e6
        val topK = TopK(model.labels.size, PhotoPredictions.CLASSES_PER_IMAGE, Float.NEGATIVE_INFINITY)
        return Classifier(model, engine, topK).use { measure(it, loadMs, request, photos) }
    }

    private fun measure(
        classifier: Classifier,
        loadMs: Double,
        request: BenchmarkRequest,
        photos: List<File>?,
    ): DeviceRun {
        val model = classifier.model
        val preprocess = Samples(request.runs)
        val inference = Samples(request.runs)
        val postprocess = Samples(request.runs)
        val frame = BenchmarkPicture.make()
        // Of the whole, each classified frame and photo counts as one, and so do the golden vectors together.
        val frames = request.warmup + request.runs
        val whole = (frames + 1 + photos.orEmpty().size).toDouble()
        // No report between the frames: drawing it would affect the latencies.
        onProgress("${model.name}: ${request.warmup} runs of warm-up and ${request.runs} measured", 0.0)
        for (run in -request.warmup until request.runs) {
            // The orientation of the frames of a phone that is held upright.
            classifier.classify(frame, Orientation.ROTATE_90)
            if (run < 0) continue
            preprocess.add(classifier.preprocessNanos)
            inference.add(classifier.inferenceNanos)
            postprocess.add(classifier.postprocessNanos)
        }
        onProgress("${model.name}: golden vectors", frames / whole)
        val notes = listOf("Latency is of a generated frame of 1280 x 720 pixels, YUV_420_888.", goldenNote(classifier))
        val onPhotos = partOf(onProgress, (frames + 1) / whole, 1.0)
        val predictions = photos?.let { PhotoPredictions.of(classifier, it, decode, onPhotos) }
        val engine = classifier.engine
        return DeviceRun(
            engine.runtime,
            engine.xnnpack,
            loadMs,
            preprocess,
            inference,
            postprocess,
            notes,
            predictions,
        )
    }

    private fun goldenNote(classifier: Classifier): String {
        val model = classifier.model
        val report =
            try {
                Golden.check(model, classifier.engine) { name ->
                    decode(model.source.open(name).use { it.readBytes() }).first
                }
            } catch (error: DemoException) {
                return "Golden vectors were not checked: ${error.message}"
            }
        val inputs = "${report.inputsEqual} of ${report.pictures} inputs are the expected ones, byte for byte"
        val outputs = "${report.outputsEqual} of ${report.pictures} outputs"
        val steps = String.format(Locale.ROOT, "%.1f", report.maxSteps)
        return "Golden vectors: $inputs, and so are $outputs; the largest difference of an output is $steps steps."
    }
}
