package org.mobilenet_tf.demo.benchmark

/** Called with what is being done and the share of the whole that is done, from 0 to 1, as in Python. */
typealias OnProgress = (task: String, share: Double) -> Unit

/** The `OnProgress` for a part of the work: its shares, from 0 to 1, become the whole's from `start` to `end`. */
fun partOf(
    onProgress: OnProgress,
    start: Double,
    end: Double,
): OnProgress = { task, share -> onProgress(task, start + (end - start) * share) }
