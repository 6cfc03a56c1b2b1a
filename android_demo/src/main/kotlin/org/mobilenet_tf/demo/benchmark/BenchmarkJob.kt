package org.mobilenet_tf.demo.benchmark

import org.mobilenet_tf.demo.ModelEntry
import org.mobilenet_tf.demo.core.DemoException
import org.mobilenet_tf.demo.findModel
import java.io.File
import java.io.IOException
import java.util.concurrent.atomic.AtomicBoolean

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

    /**
     * Writes `results/<run>.result.json` in any case: a result, or a sentence that says why there is none. extras: null
     * if they could not be read. Throws IOException if the file cannot be written.
     */
    fun run(extras: Map<String, Any?>?) {
        prepare()
        val run = BenchmarkRequest.runOf(extras.orEmpty())
        val result =
            try {
                oneAtATime { measure(run, BenchmarkRequest.of(extras ?: throw unreadable())) }
            } catch (error: DemoException) {
                ResultJson.ofError(error.message.orEmpty())
            } catch (error: IOException) {
                ResultJson.ofError("A file could not be read or written: ${error.message}.")
            }
        write("$run.result.json", result)
    }

    private fun unreadable() = DemoException("Expected extras of texts and numbers; they could not be read.")

    /** Two measurements at once would each slow the other. */
    private fun oneAtATime(measure: () -> String): String {
        if (!measuring.compareAndSet(false, true)) {
            throw DemoException("Expected one benchmark at a time; another one is running. Wait for it to end.")
        }
        try {
            return measure()
        } finally {
            measuring.set(false)
        }
    }

    private fun measure(
        run: String,
        request: BenchmarkRequest,
    ): String {
        val model = findModel(models(), request.model)
        val photos = request.images?.let { photosIn(imagesFolder(it)) }
        val before = phone.state()
        val deviceRun = measurer.measure(model, request, photos)
        val context = ResultContext(model, request, phone.info(), before, phone.state(), phone.peakMemoryBytes())
        deviceRun.predictions?.let { write("$run.predictions.json", it.toJson(run)) }
        return ResultJson.of(deviceRun, context)
    }

    /** Only of the files folder, which adb pushes into: the names in it are written to where other apps may read them. */
    private fun imagesFolder(path: String): File {
        val folder = files.resolve(path).canonicalFile
        if (folder.startsWith(files.canonicalFile)) return folder
        throw DemoException(
            "Expected pictures in the app's own folder, ${files.path}; got $path. Push them to ${files.path}/images.",
        )
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

        /** Of this process, which has all of the app's activities. */
        val measuring = AtomicBoolean(false)
    }
}
