package org.mobilenet_tf.demo.core

import java.nio.ByteBuffer
import java.nio.ByteOrder

/** The export's golden vectors: does this device make the same input of a picture, and the same output of an input? */
object Golden {
    /**
     * pictures: of the export.
     * inputsEqual: pictures whose input tensor is the expected one, byte for byte.
     * outputsEqual: expected inputs whose output is the expected one, byte for byte.
     * maxSteps: largest difference of an output, in quantization steps; of float outputs in 1/256, int8's step.
     */
    class Report(
        val pictures: Int,
        val inputsEqual: Int,
        val outputsEqual: Int,
        val maxSteps: Double,
    )

    private const val AGAIN = "Push the whole folder that mobilenet-export wrote."
    private const val FLOAT_STEPS = 256.0

    /** `rgbOf` decodes a PNG of the model's source, such as `golden/cat.png`. Throws DemoException. */
    fun check(
        model: Model,
        engine: Engine,
        rgbOf: (String) -> ArgbFrame,
    ): Report {
        val run = Run(model, engine)
        val list = "${model.manifest.golden}/golden.json"
        val entries = JsonRecord.parseList(reading(model.source, list, AGAIN) { model.source.text(it) }, list)
        entries.forEach { run.add(it, rgbOf) }
        return Report(entries.size, run.inputsEqual, run.outputsEqual, run.maxSteps)
    }

    private class Run(
        private val model: Model,
        private val engine: Engine,
    ) {
        var inputsEqual = 0
        var outputsEqual = 0
        var maxSteps = 0.0
        private val preprocess = Preprocess(model.manifest.res)
        private val tensor = InputTensor(engine.input)
        private val output = native(engine.output.sizeBytes)

        fun add(
            entry: JsonRecord,
            rgbOf: (String) -> ArgbFrame,
        ) {
            val expected = entry.record("models").record(model.file.recipe)
            val input = file(expected.record("input"), engine.input.sizeBytes)
            preprocess.run(rgbOf(path(entry.fileName("image"))), Orientation.UPRIGHT)
            tensor.fill(preprocess.rgb)
            if (bytesOf(tensor.buffer).contentEquals(bytesOf(input))) inputsEqual++
            engine.run(input, output)
            val wanted = file(expected.record("output"), engine.output.sizeBytes)
            if (bytesOf(output).contentEquals(bytesOf(wanted))) outputsEqual++
            for (index in 0 until engine.output.elements) maxSteps = maxOf(maxSteps, difference(wanted, index))
        }

        private fun difference(
            wanted: ByteBuffer,
            index: Int,
        ): Double {
            val steps = step(output, index) - step(wanted, index)
            return if (steps.isNaN()) Double.POSITIVE_INFINITY else Math.abs(steps)
        }

        private fun step(
            buffer: ByteBuffer,
            index: Int,
        ): Double =
            when (engine.output.dtype) {
                DType.FLOAT32 -> buffer.getFloat(4 * index) * FLOAT_STEPS
                DType.UINT8 -> (buffer.get(index).toInt() and 255).toDouble()
                DType.INT8 -> buffer.get(index).toDouble()
                DType.INT16 -> buffer.getShort(2 * index).toDouble()
            }

        private fun file(
            tensor: JsonRecord,
            sizeBytes: Int,
        ): ByteBuffer {
            val name = path(tensor.fileName("file"))
            val bytes = reading(model.source, name, AGAIN) { path -> model.source.open(path).use { it.readBytes() } }
            if (bytes.size != sizeBytes) {
                throw DemoException("$name: expected $sizeBytes bytes, as the tensor has; got ${bytes.size}. $AGAIN")
            }
            return native(sizeBytes).apply { put(bytes) }
        }

        private fun path(name: String) = "${model.manifest.golden}/$name"

        private fun bytesOf(buffer: ByteBuffer) = ByteArray(buffer.capacity()) { buffer.get(it) }

        private fun native(sizeBytes: Int) = ByteBuffer.allocateDirect(sizeBytes).order(ByteOrder.nativeOrder())
    }
}
