package org.mobilenet_tf.demo.core

import java.nio.ByteBuffer
import java.nio.ByteOrder

/**
 * Checks the export's golden vectors: does this device compute the same input tensor from a picture, and the same
 * output from an input tensor?
 */
object Golden {
    /**
     * pictures: how many the export has.
     * inputsEqual: pictures whose input tensor is the expected one, byte for byte.
     * outputsEqual: expected inputs whose output is the expected one, byte for byte.
     * maxSteps: largest difference of an output, in quantization steps; for float outputs in steps of 1/256, as int8
     * has.
     */
    class Report(
        val pictures: Int,
        val inputsEqual: Int,
        val outputsEqual: Int,
        val maxSteps: Double,
    )

    private const val PUSH_AGAIN = "Push the whole folder that mobilenet-export wrote."
    private const val FLOAT_STEPS = 256.0

    /** `decode` decodes a PNG of the model's source, such as `golden/cat.png`. Throws DemoException. */
    fun check(
        model: Model,
        engine: Engine,
        decode: (String) -> ArgbFrame,
    ): Report {
        val comparison = Comparison(model, engine)
        val list = "${model.manifest.golden}/golden.json"
        val entries =
            JsonRecord.parseList(
                readFrom(model.source, list, PUSH_AGAIN) {
                    model.source.read(it)
                }.toString(Charsets.UTF_8),
                list,
            )
        entries.forEach { comparison.add(it, decode) }
        return Report(entries.size, comparison.inputsEqual, comparison.outputsEqual, comparison.maxSteps)
    }

    private class Comparison(
        private val model: Model,
        private val engine: Engine,
    ) {
        var inputsEqual = 0
        var outputsEqual = 0
        var maxSteps = 0.0
        private val preprocess = model.manifest.network.let { Preprocess(it.res, it.fit) }
        private val inputSpec = engine.inputs.single()
        private val tensor = InputTensor(inputSpec, model.manifest.normalization)
        private val outputs = engine.outputs.map(::bufferOf)

        fun add(
            entry: JsonRecord,
            decode: (String) -> ArgbFrame,
        ) {
            val expected = entry.record("models").record(model.file.recipe)
            val input = file(expected.record("input"), inputSpec.sizeBytes)
            preprocess.run(decode(path(entry.fileName("image"))), Orientation.UPRIGHT)
            tensor.fill(preprocess.rgb)
            if (bytesOf(tensor.buffer).contentEquals(bytesOf(input))) inputsEqual++
            engine.run(listOf(input), outputs)
            val records = outputRecords(expected)
            val expectedOutputs = List(records.size) { file(records[it], engine.outputs[it].sizeBytes) }
            if (outputs.indices.all { bytesOf(outputs[it]).contentEquals(bytesOf(expectedOutputs[it])) }) outputsEqual++
            engine.outputs.forEachIndexed { index, spec ->
                for (element in 0 until spec.elements) {
                    maxSteps = maxOf(maxSteps, difference(spec, outputs[index], expectedOutputs[index], element))
                }
            }
        }

        /** One for each of the network's outputs. */
        private fun outputRecords(expected: JsonRecord): List<JsonRecord> {
            val records =
                if (expected.has(
                        "outputs",
                    )
                ) {
                    expected.records("outputs")
                } else {
                    listOf(expected.record("output"))
                }
            if (records.size == outputs.size) return records
            throw DemoException("expected ${outputs.size} golden outputs; got ${records.size}. $PUSH_AGAIN")
        }

        private fun difference(
            spec: TensorSpec,
            output: ByteBuffer,
            expected: ByteBuffer,
            index: Int,
        ): Double {
            val steps = step(spec, output, index) - step(spec, expected, index)
            return if (steps.isNaN()) Double.POSITIVE_INFINITY else Math.abs(steps)
        }

        private fun step(
            spec: TensorSpec,
            buffer: ByteBuffer,
            index: Int,
        ): Double =
            when (spec.dtype) {
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
            val bytes =
                readFrom(model.source, name, PUSH_AGAIN) { model.source.read(it) }
            if (bytes.size != sizeBytes) {
                throw DemoException(
                    "$name: expected $sizeBytes bytes, as the tensor has; got ${bytes.size}. $PUSH_AGAIN",
                )
            }
            return nativeBuffer(sizeBytes).apply { put(bytes) }
        }

        private fun path(name: String) = "${model.manifest.golden}/$name"

        private fun bytesOf(buffer: ByteBuffer) = ByteArray(buffer.capacity()) { buffer.get(it) }

        private fun nativeBuffer(sizeBytes: Int) = ByteBuffer.allocateDirect(sizeBytes).order(ByteOrder.nativeOrder())
    }
}
