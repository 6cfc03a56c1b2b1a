package org.mobilenet_tf.demo.camera

import org.mobilenet_tf.demo.core.Classifier
import org.mobilenet_tf.demo.core.LatencyStats

enum class Stage { PREPROCESS, INFERENCE, POSTPROCESS, TOTAL }

data class StageTimes(
    val stage: Stage,
    val lastMs: Double,
    val p50Ms: Double,
    val p90Ms: Double,
)

data class Scored(
    val label: String,
    val score: Float,
)

/** The numbers of one moment, for the screen. frames: classified since the model was opened; dropped: since then too. */
data class Reading(
    val frames: Long,
    val dropped: Long,
    val best: List<Scored>,
    val stages: List<StageTimes>,
)

/**
 * What the inference thread leaves after each frame and the screen reads a few times a second. Only `reading` allocates.
 */
class Readings(
    private val labels: List<String>,
    k: Int,
) {
    private val indices = IntArray(k)
    private val scores = FloatArray(k)
    private var count = 0
    private val stats = Array(Stage.entries.size) { LatencyStats(WINDOW) }
    private var frames = 0L
    private var dropped = 0L

    @Synchronized
    fun add(classifier: Classifier) {
        val topK = classifier.topK
        count = topK.count
        System.arraycopy(topK.indices, 0, indices, 0, count)
        System.arraycopy(topK.scores, 0, scores, 0, count)
        val preprocess = classifier.preprocessNanos
        val inference = classifier.inferenceNanos
        val postprocess = classifier.postprocessNanos
        stats[Stage.PREPROCESS.ordinal].add(preprocess)
        stats[Stage.INFERENCE.ordinal].add(inference)
        stats[Stage.POSTPROCESS.ordinal].add(postprocess)
        stats[Stage.TOTAL.ordinal].add(preprocess + inference + postprocess)
        frames++
    }

    @Synchronized
    fun drop() {
        dropped++
    }

    @Synchronized
    fun reading(): Reading =
        Reading(
            frames,
            dropped,
            (0 until count).map { Scored(labels[indices[it]], scores[it]) },
            if (frames == 0L) emptyList() else Stage.entries.map { timesOf(it, stats[it.ordinal]) },
        )

    private fun timesOf(
        stage: Stage,
        stats: LatencyStats,
    ) = StageTimes(stage, stats.lastMs(), stats.percentileMs(MEDIAN), stats.percentileMs(NINE_OF_TEN))

    private companion object {
        const val WINDOW = 100
        const val MEDIAN = 50.0
        const val NINE_OF_TEN = 90.0
    }
}
