package org.mobilenet_tf.demo

import android.content.res.AssetManager
import org.mobilenet_tf.demo.core.ModelSource
import java.io.InputStream
import java.nio.ByteBuffer
import java.nio.ByteOrder
import java.nio.channels.FileChannel

/** A model's folder in the APK's assets. The .tflite files are stored uncompressed, so that they can be mapped. */
class AssetSource(
    private val assets: AssetManager,
    private val folder: String,
) : ModelSource {
    override val id: String get() = folder.substringAfterLast('/')

    override fun open(name: String): InputStream = assets.open("$folder/$name")

    override fun bytes(name: String): ByteBuffer =
        assets.openFd("$folder/$name").use { file ->
            file.createInputStream().use {
                val bytes = it.channel.map(FileChannel.MapMode.READ_ONLY, file.startOffset, file.declaredLength)
                bytes.order(ByteOrder.nativeOrder())
            }
        }
}
