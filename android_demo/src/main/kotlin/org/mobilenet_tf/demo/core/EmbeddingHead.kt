package org.mobilenet_tf.demo.core

import java.nio.ByteBuffer

/**
 * The vector that a network makes of a picture, and the remembered photos that are most similar to it. The selection is
 * of these: a threshold of 0, which is what it is at first, leaves none out.
 */
class EmbeddingHead(
    private val spec: TensorSpec,
    private val remembered: RememberedPhotos = RememberedPhotos(),
) : Head {
    override var selection = Head.EVERYTHING
    val values = FloatArray(spec.elements)

    /** The remembered photos that the vector was compared with; only the first `count` are there. */
    private val photos = arrayOfNulls<RememberedPhoto>(remembered.capacity)
    private val topK = TopK(remembered.capacity, minOf(Head.MOST, remembered.capacity))
    var count = 0
        private set

    override fun read(outputs: List<ByteBuffer>) {
        for (index in values.indices) values[index] = spec.real(outputs[0], index)
        count = remembered.copyInto(photos)
        val length = lengthOf(values)
        topK.begin(minOf(selection.most, topK.scores.size))
        for (index in 0 until count) {
            val cosine = cosine(values, length, photos[index] ?: continue)
            if (selection.threshold == 0f || cosine >= selection.threshold) topK.offer(index, cosine)
        }
    }

    /** The most similar ones first. */
    fun similar(): List<SimilarPhoto> =
        List(topK.count) { SimilarPhoto(requireNotNull(photos[topK.indices[it]]), topK.scores[it]) }

    /** Remembers the photo that was read last, of which the network saw these pixels. */
    fun remember(seen: Preprocess) = remembered.add(seen.res, seen.rgb, values)

    fun forget() = remembered.clear()

    override fun another() = EmbeddingHead(spec, remembered)

    override fun copyFrom(head: Head) {
        val other = head as EmbeddingHead
        other.values.copyInto(values)
        other.photos.copyInto(photos)
        count = other.count
        topK.copyFrom(other.topK)
    }
}
