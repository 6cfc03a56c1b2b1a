package org.mobilenet_tf.demo.core

import java.nio.ByteBuffer

/** What runs the network. */
enum class Accelerator { CPU, GPU, NNAPI }

/** An interpreter with one model in it. Run and close it on the thread that opened it: a GPU delegate requires that. */
interface Engine : AutoCloseable {
    /** The interpreter with its version, such as `TensorFlow Lite 2.16.1`. */
    val runtime: String

    /** How much of the graph XNNPACK runs: `whole`, `part`, `none`, or `unknown` if the runtime does not report it. */
    val xnnpack: String
    val input: TensorSpec
    val output: TensorSpec

    /** One inference, from one direct buffer in native byte order into another. */
    fun run(
        input: ByteBuffer,
        output: ByteBuffer,
    )
}
