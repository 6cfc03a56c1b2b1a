package org.mobilenet_tf.demo.core

/**
 * Runs a frame through the three stages and times each one; all buffers are allocated here, once. The network has one
 * input, and any number of outputs, which the head reads.
 */
class Pipeline(
    val preprocess: Preprocess,
    normalization: Normalization,
    val engine: Engine,
    val head: Head,
) : AutoCloseable {
    /** A frame was run. */
    val hasRun get() = preprocessNanos > 0

    /** From the decoded picture to the input tensor. This time and the two below are those of the last frame. */
    var preprocessNanos = 0L
        private set
    var inferenceNanos = 0L
        private set

    /** From the output tensors to the head's answer. */
    var postprocessNanos = 0L
        private set

    private val input = InputTensor(engine.inputs.single(), normalization)
    private val inputs = listOf(input.buffer)
    private val outputs = engine.outputs.map(::bufferOf)

    fun run(
        frame: Frame,
        orientation: Orientation,
    ) {
        val start = System.nanoTime()
        preprocess.run(frame, orientation)
        input.fill(preprocess.rgb)
        val ready = System.nanoTime()
        engine.run(inputs, outputs)
        val done = System.nanoTime()
        head.read(outputs)
        preprocessNanos = ready - start
        inferenceNanos = done - ready
        postprocessNanos = System.nanoTime() - done
    }

    /** Reads the last frame's outputs again, for a head whose selection was changed. */
    fun readAgain() = head.read(outputs)

    override fun close() = engine.close()

    companion object {
        /** The pipeline that a model's manifest describes, with the head of its task. */
        fun of(
            model: Model,
            engine: Engine,
            head: Head = Head.of(model.manifest, model.file),
        ): Pipeline {
            val network = model.manifest.network
            return Pipeline(Preprocess(network.res, network.fit), model.manifest.normalization, engine, head)
        }
    }
}
