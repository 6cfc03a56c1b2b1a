package org.mobilenet_tf.demo.engine

import org.mobilenet_tf.demo.core.Accelerator
import org.mobilenet_tf.demo.core.AcceleratorException
import org.tensorflow.lite.Delegate
import org.tensorflow.lite.gpu.CompatibilityList
import org.tensorflow.lite.gpu.GpuDelegate
import org.tensorflow.lite.nnapi.NnApiDelegate

/** A delegate, to be closed after its interpreter. */
internal class OpenDelegate(
    val delegate: Delegate,
    private val release: () -> Unit,
) {
    fun close() = release()
}

/**
 * The accelerator's delegate; null for the CPU, because the interpreter has XNNPACK built in. Throws
 * AcceleratorException.
 */
@Suppress("TooGenericExceptionCaught") // drivers throw exceptions of any kind
internal fun openDelegate(accelerator: Accelerator): OpenDelegate? =
    try {
        when (accelerator) {
            Accelerator.CPU -> null
            Accelerator.GPU -> gpu()
            Accelerator.NNAPI -> nnapi()
        }
    } catch (error: RuntimeException) {
        throw notStarted(accelerator, error)
    } catch (error: LinkageError) { // a library or class that this device cannot load
        throw notStarted(accelerator, error)
    }

// Only these two functions name classes of GPU and NNAPI, so that each is loaded only if it is used.
private fun gpu(): OpenDelegate {
    CompatibilityList().use {
        if (!it.isDelegateSupportedOnThisDevice) {
            throw AcceleratorException(
                "TensorFlow Lite's list of compatible GPUs does not name this device's. Choose CPU or NNAPI.",
            )
        }
    }
    val delegate = GpuDelegate()
    return OpenDelegate(delegate, delegate::close)
}

private fun nnapi(): OpenDelegate {
    // NNAPI's own CPU implementation is a slow reference implementation, no accelerator.
    val delegate = NnApiDelegate(NnApiDelegate.Options().setUseNnapiCpu(false))
    return OpenDelegate(delegate, delegate::close)
}

private fun notStarted(
    accelerator: Accelerator,
    error: Throwable,
) = AcceleratorException(
    "$accelerator does not start on this device: ${reason(error)}. Choose another accelerator.",
    error,
)
