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

/** An object with its score and its place: shares of the upright picture's height and width, from 0 to 1. */
data class ScoredBox(
    val label: String,
    val score: Float,
    val top: Float,
    val left: Float,
    val bottom: Float,
    val right: Float,
)

/**
 * The numbers on the screen at one moment. frames, dropped: classified and dropped since the model was opened. best: of
 * a classifier, or the objects' own. boxes: of a detector. similar: of an embedding, the most similar photos of those
 * that are remembered, whose number is `remembered`.
 */
data class Reading(
    val frames: Long,
    val dropped: Long,
    val best: List<ScoredClass>,
    val latencies: List<StageLatency>,
    val boxes: List<ScoredBox> = emptyList(),
    val similar: List<SimilarPhoto> = emptyList(),
    val remembered: Int = 0,
)

/**
 * What the inference thread records after each frame and the screen reads a few times a second. Only `reading`
 * allocates.
 */
class Readings(
    private val labels: List<String>,
    head: Head,
) {
    private val answer = head.another()
    private val statistics = Array(Stage.entries.size) { LatencyStats(WINDOW) }

    /** Of the last frame: how the network took it, and its upright size. */
    private var preprocess: Preprocess? = null
    private var width = 0
    private var height = 0
    private var frames = 0L
    private var dropped = 0L

    /** Records the frame that the pipeline has just run. */
    @Synchronized
    fun add(pipeline: Pipeline) {
        answer.copyFrom(pipeline.head)
        seen(pipeline.preprocess)
        val preprocess = pipeline.preprocessNanos
        val inference = pipeline.inferenceNanos
        val postprocess = pipeline.postprocessNanos
        statistics[Stage.PREPROCESS.ordinal].add(preprocess)
        statistics[Stage.INFERENCE.ordinal].add(inference)
        statistics[Stage.POSTPROCESS.ordinal].add(postprocess)
        statistics[Stage.TOTAL.ordinal].add(preprocess + inference + postprocess)
        frames++
    }

    private fun seen(by: Preprocess) {
        preprocess = by
        width = by.uprightWidth
        height = by.uprightHeight
    }

    /** Takes the answer of a head that has read the last frame again. */
    @Synchronized
    fun replace(head: Head) = answer.copyFrom(head)

    /** Counts a frame that was not classified. */
    @Synchronized
    fun addDropped() {
        dropped++
    }

    @Synchronized
    fun reading(): Reading {
        val latencies = if (frames == 0L) emptyList() else Stage.entries.map { latencyOf(it, statistics[it.ordinal]) }
        val none = Reading(frames, dropped, emptyList(), latencies)
        return when (answer) {
            is ClassesHead -> none.copy(best = classesOf(answer.topK))
            is BoxesHead -> {
                val seen = preprocess?.let { Region.seen(width, height, it.res, it.fit) } ?: WHOLE
                val boxes = List(answer.count) { boxOf(answer, it, seen) }
                none.copy(best = boxes.map { ScoredClass(it.label, it.score) }, boxes = boxes)
            }
            is EmbeddingHead -> none.copy(similar = answer.similar(), remembered = answer.count)
        }
    }

    private fun classesOf(topK: TopK) = List(topK.count) { ScoredClass(labels[topK.indices[it]], topK.scores[it]) }

    private fun boxOf(
        head: BoxesHead,
        index: Int,
        seen: Region,
    ): ScoredBox {
        val number = head.classes[index]
        val side = { place: Int -> head.boxes[BoxesHead.SIDES * index + place] }
        // A detector may answer a class that has no label; its number says more than nothing.
        val label = labels.getOrNull(number) ?: "$number"
        return ScoredBox(
            label,
            head.scores[index],
            top = inPicture(seen.yOf(side(0))),
            left = inPicture(seen.xOf(side(1))),
            bottom = inPicture(seen.yOf(side(2))),
            right = inPicture(seen.xOf(side(3))),
        )
    }

    /** A detector may answer a box that reaches beyond the picture. */
    private fun inPicture(share: Float) = share.coerceIn(0f, 1f)

    private fun latencyOf(
        stage: Stage,
        statistics: LatencyStats,
    ) = StageLatency(
        stage,
        statistics.lastMs(),
        statistics.percentileMs(50.0),
        statistics.percentileMs(90.0),
    )

    companion object {
        private const val WINDOW = 100
        private val WHOLE = Region(0f, 0f, 1f, 1f)

        /** The numbers of the frame alone that the pipeline has just run. */
        fun of(
            labels: List<String>,
            pipeline: Pipeline,
        ): Reading = Readings(labels, pipeline.head).apply { add(pipeline) }.reading()
    }
}
