package org.mobilenet_tf.demo.benchmark

import org.mobilenet_tf.demo.core.Accelerator
import org.mobilenet_tf.demo.core.DemoException

/**
 * What to measure, from `adb shell am start`. images: a folder, absolute or in the app's files folder; null for none.
 */
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
        private const val LONGEST_TEXT = 300
        private const val LONGEST_RUN = 100

        /** From the intent's extras. Throws DemoException if one is missing or has a value that is not allowed. */
        fun of(extras: Map<String, Any?>): BenchmarkRequest {
            text(extras, "run", LONGEST_RUN)
            return BenchmarkRequest(
                model =
                    text(extras, "model")?.removeSuffix(".tflite")
                        ?: throw DemoException("Expected the name of a model: --es model NAME; there was none."),
                threads = wholeNumber(extras, "threads", 1..8, 1),
                accelerator = accelerator(text(extras, "accelerator") ?: "cpu"),
                runs = wholeNumber(extras, "runs", 1..MAX_RUNS, 50),
                warmup = wholeNumber(extras, "warmup", 0..MAX_RUNS, 10),
                images = text(extras, "images"),
            )
        }

        /**
         * The first part of the results' names; never a path, and never longer than a file's name may be, whatever the
         * extra contains.
         */
        fun runOf(extras: Map<String, Any?>): String {
            val name =
                extras["run"] as? String
                    ?: (extras["model"] as? String).orEmpty().substringAfterLast('/').removeSuffix(".tflite")
            val plain = name.take(LONGEST_RUN).replace(Regex("[^A-Za-z0-9._-]"), "_").trimStart('.')
            return plain.ifEmpty { "benchmark" }
        }

        private fun text(
            extras: Map<String, Any?>,
            key: String,
            longest: Int = LONGEST_TEXT,
        ): String? {
            val value = extras[key] ?: return null
            val text =
                value as? String
                    ?: throw DemoException(
                        "Expected a text: --es $key TEXT; got ${value.toString().take(LONGEST_RUN)}.",
                    )
            if (text.length <= longest) return text
            throw DemoException("Expected a text of at most $longest characters: --es $key TEXT; got ${text.length}.")
        }

        private fun wholeNumber(
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
