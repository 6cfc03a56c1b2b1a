package org.mobilenet_tf.demo.core

import java.nio.ByteBuffer

/**
 * The objects that a detector found: the four outputs of TFLite_Detection_PostProcess, which are boxes (1, n, 4) as
 * top, left, bottom and right in shares of the network's input, classes (1, n), scores (1, n) by falling score, and the
 * number of objects (1). shownFrom: the least score if the selection's threshold is 0, which is what it is at first.
 */
class BoxesHead(
    private val specs: List<TensorSpec>,
    selection: Selection,
    private val shownFrom: Float = 0f,
) : Head {
    override var selection = selection
    private val capacity = specs[SCORES].elements

    /** Top, left, bottom, right of each object, one after the other; only the first `count` are valid. */
    val boxes = FloatArray(SIDES * capacity)
    val classes = IntArray(capacity)
    val scores = FloatArray(capacity)
    var count = 0
        private set

    init {
        val elements = listOf(SIDES * capacity, capacity, capacity, 1)
        require(specs.map { it.elements } == elements) { "expected outputs of $elements values; got $specs" }
    }

    override fun read(outputs: List<ByteBuffer>) {
        val found = specs[COUNT].real(outputs[COUNT], 0)
        // A count that is no number, or too large, must not lead out of the arrays.
        val offered = if (found > 0) minOf(found.toInt(), capacity) else 0
        val most = minOf(selection.most, capacity)
        val threshold = if (selection.threshold == 0f) shownFrom else selection.threshold
        count = 0
        for (index in 0 until offered) {
            val score = specs[SCORES].real(outputs[SCORES], index)
            if (count < most && score >= threshold) add(outputs, index, score)
        }
    }

    private fun add(
        outputs: List<ByteBuffer>,
        index: Int,
        score: Float,
    ) {
        scores[count] = score
        classes[count] = specs[CLASSES].real(outputs[CLASSES], index).toInt()
        for (side in 0 until SIDES) {
            boxes[SIDES * count + side] = specs[BOXES].real(outputs[BOXES], SIDES * index + side)
        }
        count++
    }

    override fun another() = BoxesHead(specs, selection, shownFrom)

    override fun copyFrom(head: Head) {
        val other = head as BoxesHead
        count = other.count
        other.boxes.copyInto(boxes)
        other.classes.copyInto(classes)
        other.scores.copyInto(scores)
    }

    companion object {
        const val SIDES = 4
        private const val BOXES = 0
        private const val CLASSES = 1
        private const val SCORES = 2
        private const val COUNT = 3
    }
}
