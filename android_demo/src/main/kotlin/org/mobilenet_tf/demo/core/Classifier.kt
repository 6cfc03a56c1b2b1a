package org.mobilenet_tf.demo.core

import java.nio.ByteBuffer
import java.nio.ByteOrder

/** Runs a frame through the three stages and times each one; all buffers are allocated here, once. */
class Classifier(
    val model: Model,
    val engine: Engine,
    val topK: TopK,
) : AutoCloseable {
    val preprocess = Preprocess(model.manifest.network.res)

    /** From the decoded picture to the input tensor. This time and the two below are those of the last frame. */
    var preprocessNanos = 0L
        private set
    var inferenceNanos = 0L
        private set

    /** From the output tensor to the best classes. */
    var postprocessNanos = 0L
        private set

    private val input = InputTensor(engine.input, model.manifest.normalization)
    private val output = ByteBuffer.allocateDirect(engine.output.sizeBytes).order(ByteOrder.nativeOrder())

    init {
        require(topK.size == model.labels.size) { "expected a TopK of ${model.labels.size} classes; got ${topK.size}" }
    }

    fun classify(
        frame: Frame,
        orientation: Orientation,
    ) {
        val start = System.nanoTime()
        preprocess.run(frame, orientation)
        input.fill(preprocess.rgb)
        val ready = System.nanoTime()
        engine.run(input.buffer, output)
        val done = System.nanoTime()
        topK.update(output, engine.output)
        preprocessNanos = ready - start
        inferenceNanos = done - ready
        postprocessNanos = System.nanoTime() - done
    }

    override fun close() = engine.close()
}
