package org.mobilenet_tf.demo.benchmark

import org.mobilenet_tf.demo.core.Accelerator
import org.mobilenet_tf.demo.core.ArgbFrame
import org.mobilenet_tf.demo.core.DemoException
import org.mobilenet_tf.demo.core.Engine
import org.mobilenet_tf.demo.core.Golden
import org.mobilenet_tf.demo.core.Head
import org.mobilenet_tf.demo.core.Model
import org.mobilenet_tf.demo.core.Orientation
import org.mobilenet_tf.demo.core.Pipeline
import org.mobilenet_tf.demo.core.Selection
import org.mobilenet_tf.demo.core.Task
import java.io.File
import java.util.Locale

/** What an engine reported of itself. */
class EngineReport(
    val runtime: String,
    val xnnpack: String,
    val threads: Int,
)

/**
 * One run of the benchmark on the device: how long loading and each stage of one model took. predictions: null if the
 * request has no photos.
 */
class DeviceRun(
    val engine: EngineReport,
    val loadMs: Double,
    val preprocess: Samples,
    val inference: Samples,
    val postprocess: Samples,
    val notes: List<String>,
    val predictions: PhotoPredictions?,
)

/**
 * Measures on the calling thread, which the engine is bound to. isCancelled: asked between the frames; if it is true,
 * the measurement ends with a DemoException.
 */
class Measurer(
    private val openEngine: (Model, Accelerator, Int) -> Engine,
    private val decode: (ByteArray) -> Pair<ArgbFrame, Orientation>,
    private val isCancelled: () -> Boolean = { false },
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
        if (photos != null && model.manifest.network.task != Task.CLASSIFICATION) {
            engine.close()
            throw DemoException("Expected a classifier for --es images; ${model.name} is none. Leave the photos out.")
        }
        val head = Head.of(model.manifest, model.file)
        head.selection = Selection(PhotoPredictions.CLASSES_PER_IMAGE, Float.NEGATIVE_INFINITY)
        return Pipeline.of(model, engine, head).use { measure(it, model, loadMs, request, photos) }
    }

    private fun measure(
        pipeline: Pipeline,
        model: Model,
        loadMs: Double,
        request: BenchmarkRequest,
        photos: List<File>?,
    ): DeviceRun {
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
            checkNotCancelled()
            pipeline.run(frame, Orientation.ROTATE_90)
            if (run < 0) continue
            preprocess.add(pipeline.preprocessNanos)
            inference.add(pipeline.inferenceNanos)
            postprocess.add(pipeline.postprocessNanos)
        }
        onProgress("${model.name}: golden vectors", frames / whole)
        val notes =
            listOf("Latency is of a generated frame of 1280 x 720 pixels, YUV_420_888.", goldenNote(pipeline, model))
        val onPhotos = partOf(onProgress, (frames + 1) / whole, 1.0)
        val predictions = photos?.let { predict(pipeline, model, it, onPhotos) }
        val engine = pipeline.engine
        return DeviceRun(
            EngineReport(engine.runtime, engine.xnnpack, engine.threads),
            loadMs,
            preprocess,
            inference,
            postprocess,
            notes,
            predictions,
        )
    }

    private fun predict(
        pipeline: Pipeline,
        model: Model,
        photos: List<File>,
        onPhotos: OnProgress,
    ) = PhotoPredictions.of(pipeline, photos, decode) { index ->
        checkNotCancelled()
        if (index % PhotoPredictions.PROGRESS_EVERY == 0) {
            onPhotos("${model.name}: picture ${index + 1} of ${photos.size}", index.toDouble() / photos.size)
        }
    }

    private fun checkNotCancelled() {
        if (isCancelled()) throw DemoException("The benchmark was cancelled: its screen was closed. Start it again.")
    }

    private fun goldenNote(
        pipeline: Pipeline,
        model: Model,
    ): String {
        val report =
            try {
                Golden.check(model, pipeline.engine) { name ->
                    decode(model.source.read(name)).first
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
