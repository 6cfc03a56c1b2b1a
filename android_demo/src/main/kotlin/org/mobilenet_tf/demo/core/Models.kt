package org.mobilenet_tf.demo.core

import java.io.FileNotFoundException
import java.io.IOException
import java.nio.ByteBuffer
import java.security.MessageDigest

/** One model that can be run: its entry in the manifest, checked, and its labels; an embedding has none. */
class Model(
    val source: ModelSource,
    val manifest: Manifest,
    val file: ModelFile,
    val labels: List<String>,
) {
    /** The file's name without `.tflite`. */
    val name: String = file.path.removeSuffix(".tflite")

    private var checked: ByteBuffer? = null

    /** The file in memory. The first call compares size and hash with the manifest's. Throws DemoException. */
    @Synchronized
    fun bytes(): ByteBuffer = checked ?: Models.checkedBytes(source, file).also { checked = it }
}

/** Models from the folders that `mobilenet-export` writes. */
object Models {
    /** One model for each file of the source's manifest. Throws DemoException with a sentence for the screen. */
    fun read(source: ModelSource): List<Model> {
        val manifest = readManifest(source)
        val labels = readLabels(source, manifest)
        if (manifest.preprocessing.sha256 != Preprocess.ruleSha256(manifest.network.fit)) {
            throw DemoException(
                "${source.id}: the manifest's preprocessing rule is not this app's " +
                    "(${manifest.preprocessing.description}). " +
                    "Export the model with the toolkit the app came from, or update the app.",
            )
        }
        if (manifest.files.isEmpty()) {
            throw DemoException("${source.id}: the manifest names no .tflite file. $EXPORT_AGAIN")
        }
        return manifest.files.map { Model(source, manifest, it, labels) }
    }

    private fun readManifest(source: ModelSource): Manifest {
        val again = "Push the whole folder that mobilenet-export wrote."
        val text = readFrom(source, Manifest.FILE, again) { source.read(it) }.toString(Charsets.UTF_8)
        try {
            return Manifest.parse(text)
        } catch (error: DemoException) {
            throw DemoException("${source.id}: ${error.message}", error)
        }
    }

    private fun readLabels(
        source: ModelSource,
        manifest: Manifest,
    ): List<String> {
        val file = manifest.labels ?: return emptyList()
        val again = "Push the ${file.name} that was exported with the model."
        val bytes = readFrom(source, file.name, again) { source.read(it) }
        // As Python reads it: a byte order mark and blank lines at the end are ignored.
        val text = bytes.toString(Charsets.UTF_8).removePrefix("\uFEFF").trimEnd()
        val labels = if (text.isEmpty()) emptyList() else text.lines().map { it.trim() }
        if (labels.size != manifest.network.classes) {
            throw DemoException(
                "${source.id}: expected ${manifest.network.classes} labels in ${file.name}, " +
                    "one for each output; got ${labels.size}. $again",
            )
        }
        if (hex(sha256().digest(bytes)) != file.sha256) {
            throw DemoException("${source.id}: ${file.name} is not the one that the manifest names. $again")
        }
        return labels
    }

    internal fun checkedBytes(
        source: ModelSource,
        file: ModelFile,
    ): ByteBuffer {
        val again = "Push the folder again, or export the model again."
        val bytes = readFrom(source, file.path, again) { source.bytes(it) }
        if (bytes.capacity().toLong() != file.sizeBytes) {
            throw DemoException(
                "${source.id}: expected ${file.path} to have ${file.sizeBytes} bytes; it has ${bytes.capacity()}. " +
                    "It was cut short or replaced. $again",
            )
        }
        if (hex(sha256().apply { update(bytes.duplicate()) }.digest()) != file.sha256) {
            throw DemoException(
                "${source.id}: ${file.path} is not the file that the manifest names: its hash differs. $again",
            )
        }
        return bytes
    }

    private fun sha256() = MessageDigest.getInstance("SHA-256")

    private fun hex(bytes: ByteArray) = bytes.joinToString("") { "%02x".format(it) }
}

/** What `read` returns for a file of the source. Throws DemoException if the file is not there or cannot be read. */
internal fun <T> readFrom(
    source: ModelSource,
    name: String,
    whatToDo: String,
    read: (String) -> T,
): T =
    try {
        read(name)
    } catch (error: FileNotFoundException) {
        throw DemoException("${source.id}: expected a file $name; there is none. $whatToDo", error)
    } catch (error: IOException) {
        throw DemoException("${source.id}: cannot read $name: ${error.message}. $whatToDo", error)
    }
