package org.mobilenet_tf.demo.core

import java.io.ByteArrayOutputStream
import java.io.File
import java.io.IOException
import java.io.InputStream
import java.io.RandomAccessFile
import java.nio.ByteBuffer
import java.nio.ByteOrder

/**
 * The folder of a model's files: on disk or in the APK's assets. Names may contain a `/`, as `golden/golden.json` does.
 *
 * All functions throw IOException for a file that is not there or cannot be read.
 */
interface ModelSource {
    /** The name in errors and in the list of models, such as the folder's name. */
    val id: String

    /** A whole file that is small: the manifest, labels, golden vectors. */
    fun read(name: String): ByteArray = open(name).use { readAtMost(it, LARGEST_SMALL_FILE, name) }

    /**
     * The whole file as a direct buffer in native byte order. It may be mapped only if nothing can change the file: a
     * mapped file that another program cuts short ends this one.
     */
    fun bytes(name: String): ByteBuffer

    fun open(name: String): InputStream
}

/** A folder on disk. */
class FolderSource(
    private val folder: File,
) : ModelSource {
    override val id: String = folder.name

    /** Read into memory: what was pushed may be pushed again while the model runs. */
    override fun bytes(name: String): ByteBuffer =
        RandomAccessFile(file(name), "r").use { file ->
            val size = file.channel.size()
            if (size > Int.MAX_VALUE) throw IOException("$name has ${size shr 20} MB")
            val bytes = directBuffer(name, size.toInt())
            while (bytes.hasRemaining()) {
                if (file.channel.read(bytes) < 0) throw IOException("$name was cut short while it was read")
            }
            bytes.apply { flip() }
        }

    private fun directBuffer(
        name: String,
        size: Int,
    ): ByteBuffer =
        try {
            ByteBuffer.allocateDirect(size).order(ByteOrder.nativeOrder())
        } catch (error: OutOfMemoryError) {
            throw IOException("$name, of ${size shr 20} MB, does not fit into memory", error)
        }

    override fun open(name: String): InputStream = file(name).inputStream()

    private fun file(name: String) = File(folder, name)
}

private const val LARGEST_SMALL_FILE = 64 shl 20

/** All of a stream. Throws IOException if it has more than `limit` bytes, of which no more are read. */
internal fun readAtMost(
    stream: InputStream,
    limit: Int,
    name: String,
): ByteArray {
    val bytes = ByteArrayOutputStream()
    val buffer = ByteArray(1 shl 16)
    while (true) {
        val count = stream.read(buffer)
        if (count < 0) return bytes.toByteArray()
        bytes.write(buffer, 0, count)
        if (bytes.size() > limit) throw IOException("$name has more than ${limit shr 20} MB")
    }
}
