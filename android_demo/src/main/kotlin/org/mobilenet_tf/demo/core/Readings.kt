package org.mobilenet_tf.demo.core

/** The parts of a frame's latency; TOTAL is their sum. */
enum class Stage { PREPROCESS, INFERENCE, POSTPROCESS, TOTAL }

/** One stage's latency in ms: of the last frame, and the median and the 90th percentile of the last hundred. */
data class StageLatency(
    val stage: Stage,
    val lastMs: Double,
    val p50Ms: Double,
    val p90Ms: Double,
)

/** A class with its score, from 0 to 1. */
data class ScoredClass(
    val label: String,
    val score: Float,
)

/** The numbers on the screen at one moment. frames, dropped: classified and dropped since the model was opened. */
data class Reading(
    val frames: Long,
    val dropped: Long,
    val best: List<ScoredClass>,
    val latencies: List<StageLatency>,
)

/**
 * What the inference thread records after each frame and the screen reads a few times a second. Only `reading`
 * allocates.
 */
class Readings(
    private val labels: List<String>,
    k: Int,
) {
    private val indices = IntArray(k)
    private val scores = FloatArray(k)
    private var count = 0
    private val statistics = Array(Stage.entries.size) { LatencyStats(WINDOW) }
    private var frames = 0L
    private var dropped = 0L

    /** Records the frame that the classifier has just classified. */
    @Synchronized
    fun add(classifier: Classifier) {
        val topK = classifier.topK
        count = topK.count
        System.arraycopy(topK.indices, 0, indices, 0, count)
        System.arraycopy(topK.scores, 0, scores, 0, count)
        val preprocess = classifier.preprocessNanos
        val inference = classifier.inferenceNanos
        val postprocess = classifier.postprocessNanos
        statistics[Stage.PREPROCESS.ordinal].add(preprocess)
        statistics[Stage.INFERENCE.ordinal].add(inference)
        statistics[Stage.POSTPROCESS.ordinal].add(postprocess)
        statistics[Stage.TOTAL.ordinal].add(preprocess + inference + postprocess)
        frames++
    }

    /** Counts a frame that was not classified. */
    @Synchronized
    fun addDropped() {
        dropped++
    }

    @Synchronized
    fun reading(): Reading =
        Reading(
            frames,
            dropped,
            (0 until count).map { ScoredClass(labels[indices[it]], scores[it]) },
            if (frames == 0L) emptyList() else Stage.entries.map { latencyOf(it, statistics[it.ordinal]) },
        )

    private fun latencyOf(
        stage: Stage,
        statistics: LatencyStats,
    ) = StageLatency(
        stage,
        statistics.lastMs(),
        statistics.percentileMs(50.0),
        statistics.percentileMs(90.0),
    )

    private companion object {
        const val WINDOW = 100
    }
}
