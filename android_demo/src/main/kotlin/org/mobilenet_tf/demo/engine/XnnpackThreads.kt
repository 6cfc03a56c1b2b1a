package org.mobilenet_tf.demo.engine

import org.tensorflow.lite.Delegate

/**
 * XNNPACK on several threads. What TensorFlow Lite starts by itself has one thread, whatever its options say
 * (https://github.com/google-ai-edge/LiteRT/issues/1328). native/xnnpack_threads.c has the two functions.
 */
internal object XnnpackThreads {
    /** The delegate; null if its library does not load, or TensorFlow Lite's lacks the functions that it needs. */
    fun open(threads: Int): OpenDelegate? =
        try {
            System.loadLibrary("xnnpack_threads")
            val address = create(threads)
            if (address == 0L) null else OpenDelegate(AddressOfDelegate(address)) { delete(address) }
        } catch (_: LinkageError) {
            null // the engine then says that it runs on one thread
        }

    private external fun create(threads: Int): Long

    private external fun delete(delegate: Long)
}

private class AddressOfDelegate(
    private val address: Long,
) : Delegate {
    override fun getNativeHandle(): Long = address
}
