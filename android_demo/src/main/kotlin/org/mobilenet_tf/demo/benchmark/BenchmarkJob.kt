package org.mobilenet_tf.demo.benchmark

import org.mobilenet_tf.demo.ModelEntry
import org.mobilenet_tf.demo.core.DemoException
import org.mobilenet_tf.demo.findModel
import java.io.File
import java.io.IOException

/** What one start of the benchmark does, from the intent's extras to a file. files: the app's external files folder. */
class BenchmarkJob(
    private val files: File,
    private val phone: Phone,
    private val models: () -> List<ModelEntry>,
    private val measurer: Measurer,
) {
    /** Makes the folders that adb pushes into: the app could not write into folders that adb made. */
    fun prepare() {
        for (name in listOf("models", RESULTS, "images")) File(files, name).mkdirs()
    }

    /** Writes `results/<run>.result.json` in any case: a result, or a sentence that says why there is none. */
    fun run(extras: Map<String, Any?>) {
        prepare()
        val run = BenchmarkRequest.runOf(extras)
        val result =
            try {
                measure(run, BenchmarkRequest.of(extras))
            } catch (error: DemoException) {
                ResultJson.ofError(error.message.orEmpty())
            } catch (error: IOException) {
                ResultJson.ofError("A file could not be read or written: ${error.message}.")
            }
        write("$run.result.json", result)
    }

    private fun measure(
        run: String,
        request: BenchmarkRequest,
    ): String {
        val model = findModel(models(), request.model)
        // A relative path is one in the app's files folder; an absolute one stays as it is.
        val photos = request.images?.let { photosIn(files.resolve(it)) }
        val before = phone.state()
        val deviceRun = measurer.measure(model, request, photos)
        val context = ResultContext(model, request, phone.info(), before, phone.state(), phone.peakMemoryBytes())
        deviceRun.predictions?.let { write("$run.predictions.json", it.toJson(run)) }
        return ResultJson.of(deviceRun, context)
    }

    /** Written under another name first, so that whoever sees the file sees all of it. */
    private fun write(
        name: String,
        text: String,
    ) {
        val folder = File(files, RESULTS)
        val part = File(folder, "$name.part")
        part.writeText(text)
        if (!part.renameTo(File(folder, name))) throw IOException("cannot rename ${part.path}")
    }

    private companion object {
        const val RESULTS = "results"
    }
}
