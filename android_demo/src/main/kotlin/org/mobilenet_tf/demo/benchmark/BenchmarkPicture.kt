package org.mobilenet_tf.demo.benchmark

import org.mobilenet_tf.demo.core.YuvFrame
import java.nio.ByteBuffer

/** A camera's frame of 1280 x 720 without a camera: slopes and noise, chroma interleaved as most phones have it. */
object BenchmarkPicture {
    private const val WIDTH = 1280
    private const val HEIGHT = 720

    fun make(): YuvFrame {
        val luma = ByteBuffer.allocateDirect(WIDTH * HEIGHT)
        val chroma = ByteBuffer.allocateDirect(WIDTH * HEIGHT / 2)
        var noise = 1
        for (place in 0 until WIDTH * HEIGHT) {
            noise = noise * 1_103_515_245 + 12_345 // a linear congruential generator: the same picture everywhere
            luma.put(place, (place % WIDTH / 8 + place / WIDTH / 16 + (noise ushr 26)).toByte())
        }
        for (place in 0 until WIDTH * HEIGHT / 2) chroma.put(place, (64 + place % WIDTH / 10).toByte())
        val second = chroma.duplicate().apply { position(1) }.slice()
        return YuvFrame().apply { set(WIDTH, HEIGHT, luma, chroma, second, WIDTH, 1, WIDTH, 2) }
    }
}
