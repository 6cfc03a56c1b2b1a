package org.mobilenet_tf.demo.core

import java.nio.ByteBuffer
import java.nio.ByteOrder

/** What runs the network. */
enum class Accelerator { CPU, GPU, NNAPI }

/** An interpreter with one model in it. Run and close it on the thread that opened it: a GPU delegate requires that. */
interface Engine : AutoCloseable {
    /** The interpreter with its version, such as `TensorFlow Lite 2.16.1`. */
    val runtime: String

    /** How much of the graph XNNPACK runs: `whole`, `part`, `none`, or `unknown` if the runtime does not report it. */
    val xnnpack: String

    /** The threads that the CPU's part of the network really runs on. */
    val threads: Int

    /** The network's inputs and outputs, in the file's order. */
    val inputs: List<TensorSpec>
    val outputs: List<TensorSpec>

    /** One inference, from direct buffers in native byte order into others, in the order of `inputs` and `outputs`. */
    fun run(
        inputs: List<ByteBuffer>,
        outputs: List<ByteBuffer>,
    )
}

/** A direct buffer in native byte order that a tensor fits into. */
internal fun bufferOf(spec: TensorSpec): ByteBuffer =
    ByteBuffer.allocateDirect(spec.sizeBytes).order(ByteOrder.nativeOrder())
