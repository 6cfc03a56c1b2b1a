package org.mobilenet_tf.demo.engine

import org.mobilenet_tf.demo.core.Accelerator
import org.mobilenet_tf.demo.core.AcceleratorException
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
     * Loads a model on an accelerator and compares its tensors with the manifest's. Throws DemoException if the model
     * cannot be run, and AcceleratorException if only the accelerator does not start, does not take the model or runs no
     * part of it: the CPU never replaces it silently.
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
        // XNNPACK with a number of threads is a delegate of its own; with one thread TensorFlow Lite's default is the same.
        val xnnpack = if (accelerator == Accelerator.CPU && threads > 1) XnnpackThreads.open(threads) else null
        val delegate = xnnpack ?: openDelegate(accelerator)
        var interpreter: Interpreter? = null
        try {
            interpreter = load(model, bytes, options(threads, delegate), accelerator)
            val share = delegatedShare(interpreter.executionPlanLengthOrNull(), graph.ops)
            if (accelerator != Accelerator.CPU && share == "none") throw nothingDelegated(model, accelerator, graph.ops)
            val onCpu = if (accelerator == Accelerator.CPU) share else "none"
            val run = if (xnnpack == null && onCpu == "whole") 1 else threads
            return TfLiteInterpreter(interpreter, delegate, runtime, accelerator, onCpu, run, model.file)
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
        // XNNPACK is the default. Beside another delegate it would hide which operators that one left to the CPU.
        return if (delegate == null) options else options.setUseXNNPACK(false).addDelegate(delegate.delegate)
    }

    private fun load(
        model: Model,
        bytes: ByteBuffer,
        options: Interpreter.Options,
        accelerator: Accelerator,
    ): Interpreter =
        try {
            interpreterOf(bytes, options)
        } catch (error: IllegalArgumentException) { // what the library throws if its native code refuses the model
            throw cannotLoad(model, bytes, accelerator, error)
        } catch (error: IllegalStateException) {
            throw cannotLoad(model, bytes, accelerator, error)
        }

    private fun interpreterOf(
        bytes: ByteBuffer,
        options: Interpreter.Options,
    ): Interpreter {
        val interpreter = Interpreter(bytes, options)
        try {
            interpreter.allocateTensors()
        } catch (error: IllegalStateException) {
            interpreter.close()
            throw error
        }
        return interpreter
    }

    /** The model's own fault if the CPU cannot load it either. */
    private fun cannotLoad(
        model: Model,
        bytes: ByteBuffer,
        accelerator: Accelerator,
        error: RuntimeException,
    ): DemoException {
        // The library goes on with guesses.
        val what = reason(error).substringBefore(". An older version")
        val sentence = "${model.file.path} cannot be loaded: $what."
        if (accelerator != Accelerator.CPU && loadsOnCpu(bytes)) {
            return AcceleratorException(
                "$sentence The accelerator does not take this model: choose the CPU, or another recipe.",
                error,
            )
        }
        val why =
            if ("Didn't find op" in error.message.orEmpty()) {
                "It has an operator that ${runtimeVersion()} lacks: choose another recipe, such as int8 or float32."
            } else {
                "It is damaged. Export the model again."
            }
        return DemoException("$sentence $why", error)
    }

    private fun loadsOnCpu(bytes: ByteBuffer): Boolean =
        try {
            interpreterOf(bytes, Interpreter.Options()).close()
            true
        } catch (_: IllegalArgumentException) {
            false
        } catch (_: IllegalStateException) {
            false
        }

    private fun nothingDelegated(
        model: Model,
        accelerator: Accelerator,
        ops: Int,
    ) = AcceleratorException(
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
    override val threads: Int,
    file: ModelFile,
) : Engine {
    override val inputs = listOf(file.input)
    override val outputs = file.outputs

    // Allocated once, so that a run allocates nothing here.
    private val sources = arrayOfNulls<Any>(inputs.size)
    private val targets = HashMap<Int, Any>()

    override fun run(
        inputs: List<ByteBuffer>,
        outputs: List<ByteBuffer>,
    ) {
        for (index in sources.indices) sources[index] = inputs[index].apply { position(0) }
        for (index in outputs.indices) targets[index] = outputs[index].apply { position(0) }
        try {
            interpreter.runForMultipleInputsOutputs(sources, targets)
        } catch (error: IllegalArgumentException) {
            throw failed(error)
        } catch (error: IllegalStateException) {
            throw failed(error)
        }
        for (index in outputs.indices) outputs[index].position(0)
    }

    private fun failed(error: RuntimeException): DemoException {
        val sentence = "the inference on $accelerator failed: ${reason(error)}."
        if (accelerator == Accelerator.CPU) return DemoException("$sentence Choose another model.", error)
        return AcceleratorException("$sentence Choose another accelerator.", error)
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
