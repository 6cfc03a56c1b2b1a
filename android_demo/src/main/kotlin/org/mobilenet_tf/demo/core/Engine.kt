package org.mobilenet_tf.demo.core

import java.nio.ByteBuffer

/** What runs the network. */
enum class Accelerator { CPU, GPU, NNAPI }

/** An interpreter with one model in it. To be run and closed on the thread that opened it: a GPU delegate insists. */
interface Engine : AutoCloseable {
    /** The interpreter with its version, such as `TensorFlow Lite 2.16.1`. */
    val runtime: String
    val accelerator: Accelerator

    /** How much of the graph XNNPACK took: `whole`, `part`, `none`, or `unknown` where that cannot be seen. */
    val xnnpack: String
    val input: TensorSpec
    val output: TensorSpec

    /** One inference, from one direct buffer in native byte order into another. */
    fun run(
        input: ByteBuffer,
        output: ByteBuffer,
    )
}
