package org.mobilenet_tf.demo.core

import java.nio.ByteBuffer

/** Which of a head's answers count: at most `most` of them, each with a score of at least `threshold`. */
data class Selection(
    val most: Int,
    val threshold: Float,
)

/**
 * Reads a network's outputs into what it allocated once: the best classes, the boxes of objects, or an embedding.
 *
 * The selection belongs to the reading: another one needs no other inference.
 */
sealed interface Head {
    /** Of the next `read`. */
    var selection: Selection

    /** Reads the outputs of one inference, in the order of the network's outputs, each from index 0. */
    fun read(outputs: List<ByteBuffer>)

    /** A head of the same kind and size, to hold a copy of the answer. */
    fun another(): Head

    /** Takes the answer of a head that this one is `another` of. Allocates nothing. */
    fun copyFrom(head: Head)

    companion object {
        /** The most answers that a person may ask for, but for tags: all of them that are true, so many at most. */
        const val MOST = 10
        const val MOST_TAGS = 100

        /** From which score on a tag is true, if its manifest does not say it. */
        const val TAG_THRESHOLD = 0.5f

        val EVERYTHING = Selection(MOST, Float.NEGATIVE_INFINITY)

        /** The head of a file's task. remembered: what an embedding is compared with. */
        fun of(
            manifest: Manifest,
            file: ModelFile,
            remembered: RememberedPhotos = RememberedPhotos(),
        ): Head =
            when (manifest.network.task) {
                Task.CLASSIFICATION -> ofScores(manifest, file.outputs.single())
                Task.DETECTION -> BoxesHead(file.outputs, EVERYTHING, manifest.shownFrom)
                Task.EMBEDDING -> EmbeddingHead(file.outputs.single(), remembered)
            }

        private fun ofScores(
            manifest: Manifest,
            spec: TensorSpec,
        ): ClassesHead {
            if (manifest.network.activation != Activation.SIGMOID) return ClassesHead(spec, EVERYTHING)
            val thresholds = manifest.thresholds ?: List(spec.elements) { TAG_THRESHOLD }
            return ClassesHead(spec, EVERYTHING, thresholds.toFloatArray())
        }
    }
}

/**
 * The best classes of a softmax, or the most certain tags, with their scores. thresholds: of tags, the score above which
 * each is true. They count if the selection's threshold is 0, which is what it is at first.
 */
class ClassesHead(
    private val spec: TensorSpec,
    selection: Selection,
    private val thresholds: FloatArray? = null,
) : Head {
    val topK = TopK(spec.elements, minOf(if (thresholds == null) Head.MOST else Head.MOST_TAGS, spec.elements))
    override var selection = selection

    override fun read(outputs: List<ByteBuffer>) {
        val most = minOf(selection.most, topK.scores.size)
        if (thresholds != null && selection.threshold == 0f) {
            topK.update(outputs[0], spec, most, thresholds)
        } else {
            topK.update(outputs[0], spec, most, selection.threshold)
        }
    }

    override fun another() = ClassesHead(spec, selection, thresholds)

    override fun copyFrom(head: Head) = topK.copyFrom((head as ClassesHead).topK)
}
