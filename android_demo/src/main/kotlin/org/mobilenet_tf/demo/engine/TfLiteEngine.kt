package org.mobilenet_tf.demo.engine

import org.mobilenet_tf.demo.core.Accelerator
import org.mobilenet_tf.demo.core.DemoException
import org.mobilenet_tf.demo.core.Engine
import org.mobilenet_tf.demo.core.Model
import org.mobilenet_tf.demo.core.ModelFile
import org.mobilenet_tf.demo.core.TfLiteFile
import org.mobilenet_tf.demo.core.check
import org.tensorflow.lite.Interpreter
import org.tensorflow.lite.TensorFlowLite
import org.tensorflow.lite.executionPlanLengthOrNull
import java.nio.ByteBuffer

/** TensorFlow Lite behind the `Engine` interface. */
object TfLiteEngine {
    /**
     * Loads a model on an accelerator and compares its tensors with the manifest's. Throws DemoException, also if the
     * accelerator does not start or runs no part of the model: the CPU never replaces it silently.
     */
    fun open(
        model: Model,
        accelerator: Accelerator,
        threads: Int,
    ): Engine {
        require(threads in 1..MAX_THREADS) { "expected 1 to $MAX_THREADS threads; got $threads" }
        val bytes = model.bytes()
        val graph = TfLiteFile.read(bytes, model.file.path)
        graph.check(model.file)
        val runtime = runtimeVersion()
        val delegate = openDelegate(accelerator)
        var interpreter: Interpreter? = null
        try {
            interpreter = load(model, bytes, options(threads, delegate), delegate)
            val share = delegatedShare(interpreter.executionPlanLengthOrNull(), graph.ops)
            if (delegate != null && share == "none") throw nothingDelegated(model, accelerator, graph.ops)
            val xnnpack = if (delegate == null) share else "none"
            return TfLiteInterpreter(interpreter, delegate, runtime, accelerator, xnnpack, model.file)
        } catch (error: DemoException) {
            interpreter?.close()
            delegate?.close()
            throw error
        }
    }

    private fun options(
        threads: Int,
        delegate: OpenDelegate?,
    ): Interpreter.Options {
        val options = Interpreter.Options().setNumThreads(threads)
        // XNNPACK is the default. With another delegate it would hide which operators that one left to the CPU.
        return if (delegate == null) options else options.setUseXNNPACK(false).addDelegate(delegate.delegate)
    }

    private fun load(
        model: Model,
        bytes: ByteBuffer,
        options: Interpreter.Options,
        delegate: OpenDelegate?,
    ): Interpreter =
        try {
            Interpreter(bytes, options).also { it.allocateTensors() }
        } catch (error: IllegalArgumentException) { // what the library throws if its native code refuses the model
            throw cannotLoad(model, delegate, error)
        } catch (error: IllegalStateException) {
            throw cannotLoad(model, delegate, error)
        }

    private fun cannotLoad(
        model: Model,
        delegate: OpenDelegate?,
        error: RuntimeException,
    ): DemoException {
        val why =
            if (delegate == null) {
                "It is damaged, or has operators that this runtime lacks. Export the model again."
            } else {
                "The accelerator may not take this model: choose the CPU, or another recipe."
            }
        return DemoException("${model.file.path} cannot be loaded: ${reason(error)}. $why", error)
    }

    private fun nothingDelegated(
        model: Model,
        accelerator: Accelerator,
        ops: Int,
    ) = DemoException(
        "expected $accelerator to run ${model.file.path}; it took none of its $ops operators. " +
            "Choose the CPU, or another recipe.",
    )

    private fun runtimeVersion(): String =
        try {
            "TensorFlow Lite ${TensorFlowLite.runtimeVersion()}"
        } catch (error: LinkageError) {
            throw DemoException(
                "TensorFlow Lite's library does not load on this device: ${reason(error)}. " +
                    "Install the APK made for its processor (ABI) and page size.",
                error,
            )
        }

    private const val MAX_THREADS = 8
}

private class TfLiteInterpreter(
    private val interpreter: Interpreter,
    private val delegate: OpenDelegate?,
    override val runtime: String,
    private val accelerator: Accelerator,
    override val xnnpack: String,
    file: ModelFile,
) : Engine {
    override val input = file.input
    override val output = file.output

    // Allocated once, so that a run allocates nothing here.
    private val inputs = arrayOfNulls<Any>(1)
    private val outputs = HashMap<Int, Any>()

    override fun run(
        input: ByteBuffer,
        output: ByteBuffer,
    ) {
        input.position(0)
        output.position(0)
        inputs[0] = input
        outputs[0] = output
        try {
            interpreter.runForMultipleInputsOutputs(inputs, outputs)
        } catch (error: IllegalArgumentException) {
            throw DemoException(
                "the inference on $accelerator failed: ${reason(error)}. Choose another accelerator.",
                error,
            )
        }
        output.position(0)
    }

    override fun close() {
        interpreter.close()
        delegate?.close()
    }
}

/**
 * How much of the graph a delegate runs, from the number of steps that remain of its operators; `unknown` without it.
 */
internal fun delegatedShare(
    steps: Int?,
    ops: Int,
): String =
    when {
        steps == null -> "unknown"
        steps >= ops -> "none"
        steps == 1 -> "whole"
        else -> "part"
    }

/** The first line of the library's message, without the full stop. */
internal fun reason(error: Throwable): String =
    (error.message ?: error.javaClass.simpleName).lineSequence().first().take(160).trimEnd('.', ' ')
