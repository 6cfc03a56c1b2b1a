package org.mobilenet_tf.demo.benchmark

import org.mobilenet_tf.demo.core.Accelerator
import org.mobilenet_tf.demo.core.DemoException

/** What `adb shell am start` asked to measure. images: a folder, absolute or in the app's files folder; null: none. */
data class BenchmarkRequest(
    val model: String,
    val threads: Int,
    val accelerator: Accelerator,
    val runs: Int,
    val warmup: Int,
    val images: String?,
) {
    companion object {
        private const val MAX_RUNS = 1_000_000

        /** From the intent's extras. Throws DemoException for one that is missing, or none of what it may be. */
        fun of(extras: Map<String, Any?>): BenchmarkRequest =
            BenchmarkRequest(
                model =
                    text(extras, "model")?.removeSuffix(".tflite")
                        ?: throw DemoException("Expected the name of a model: --es model NAME; there was none."),
                threads = whole(extras, "threads", 1..8, 1),
                accelerator = accelerator(text(extras, "accelerator") ?: "cpu"),
                runs = whole(extras, "runs", 1..MAX_RUNS, 50),
                warmup = whole(extras, "warmup", 0..MAX_RUNS, 10),
                images = text(extras, "images"),
            )

        /** The id that the results' names begin with; never a path, whatever the extra says. */
        fun runOf(extras: Map<String, Any?>): String {
            val wanted = extras["run"] ?: extras["model"].toString().substringAfterLast('/').removeSuffix(".tflite")
            return wanted.toString().replace(Regex("[^A-Za-z0-9._-]"), "_").trimStart('.').ifEmpty { "benchmark" }
        }

        private fun text(
            extras: Map<String, Any?>,
            key: String,
        ): String? {
            val value = extras[key] ?: return null
            return value as? String ?: throw DemoException("Expected a text: --es $key TEXT; got $value.")
        }

        private fun whole(
            extras: Map<String, Any?>,
            key: String,
            range: IntRange,
            default: Int,
        ): Int {
            val value = extras[key] ?: return default
            if (value !is Int || value !in range) {
                throw DemoException("Expected a number from ${range.first} to ${range.last}: --ei $key N; got $value.")
            }
            return value
        }

        private fun accelerator(name: String): Accelerator =
            Accelerator.values().firstOrNull { it.name.lowercase() == name }
                ?: throw DemoException("Expected --es accelerator cpu, gpu or nnapi; got $name.")
    }
}
