package org.mobilenet_tf.demo.benchmark

import org.mobilenet_tf.demo.core.Strides
import org.mobilenet_tf.demo.core.YuvFrame
import java.nio.ByteBuffer

/**
 * A frame of 1280 x 720 as a camera gives it, but generated: gradients and noise, chroma interleaved as on most phones.
 */
object BenchmarkPicture {
    private const val WIDTH = 1280
    private const val HEIGHT = 720

    fun make(): YuvFrame {
        val luma = ByteBuffer.allocateDirect(WIDTH * HEIGHT)
        val chroma = ByteBuffer.allocateDirect(WIDTH * HEIGHT / 2)
        var noise = 1
        for (index in 0 until WIDTH * HEIGHT) {
            noise = noise * 1_103_515_245 + 12_345 // a linear congruential generator: the same picture everywhere
            luma.put(index, (index % WIDTH / 8 + index / WIDTH / 16 + (noise ushr 26)).toByte())
        }
        for (index in 0 until WIDTH * HEIGHT / 2) chroma.put(index, (64 + index % WIDTH / 10).toByte())
        val interleaved = chroma.duplicate().apply { position(1) }.slice()
        return YuvFrame().apply { set(WIDTH, HEIGHT, luma, chroma, interleaved, Strides(WIDTH, 1, WIDTH, 2)) }
    }
}
