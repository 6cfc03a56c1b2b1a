package org.mobilenet_tf.demo

import android.content.Context
import org.mobilenet_tf.demo.core.DemoException
import org.mobilenet_tf.demo.core.FolderSource
import org.mobilenet_tf.demo.core.Model
import org.mobilenet_tf.demo.core.ModelSource
import org.mobilenet_tf.demo.core.Models
import java.io.File

/**
 * An entry of the list of models: a model that can be run, or a folder with the reason why it cannot be used.
 *
 * id: the name in the settings. pushed: from the files folder, not from the APK.
 */
class ModelEntry(
    val id: String,
    val name: String,
    val folder: String,
    val pushed: Boolean,
    val model: Model?,
    val problem: String?,
)

/** The models in the APK, then those pushed to `models/` in the app's external files folder. */
class ModelLibrary(
    private val context: Context,
) {
    /** Reads every manifest: not for the main thread. A broken folder becomes an entry with a problem. */
    fun entries(): List<ModelEntry> {
        val bundled = context.assets.list(FOLDER).orEmpty().sorted()
        val files = context.getExternalFilesDir(null)
        val pushed = files?.let { File(it, FOLDER).listFiles(File::isDirectory) }.orEmpty().sorted()
        return bundled.flatMap { entriesOf(AssetSource(context.assets, "$FOLDER/$it"), pushed = false) } +
            pushed.flatMap { entriesOf(FolderSource(it), pushed = true) }
    }

    companion object {
        const val FOLDER = "models"
    }
}

/** The entries of one folder. */
fun entriesOf(
    source: ModelSource,
    pushed: Boolean,
): List<ModelEntry> {
    val folder = source.id
    val place = if (pushed) "files" else "app"
    return try {
        Models.read(source).map { ModelEntry("$place/$folder/${it.name}", it.name, folder, pushed, it, null) }
    } catch (error: DemoException) {
        listOf(ModelEntry("$place/$folder", folder, folder, pushed, null, error.message))
    }
}

/** The model called `name`, or `folder/name`. Throws DemoException if there is none, or more than one. */
fun findModel(
    entries: List<ModelEntry>,
    name: String,
): Model {
    val matches = entries.filter { name == it.name || name == "${it.folder}/${it.name}" }
    val broken = entries.firstOrNull { it.problem != null && it.folder == name.substringBefore('/') }
    return when {
        matches.size == 1 && matches[0].model != null -> requireNotNull(matches[0].model)
        matches.size > 1 -> throw DemoException(
            "Expected one model called $name; there are ${matches.size}. " +
                "Name one of them: ${matches.joinToString(" or ") { "${it.folder}/${it.name}" }}.",
        )
        broken != null -> throw DemoException(requireNotNull(broken.problem))
        else -> throw DemoException(
            "Expected a model of the app or of its folder models/; there is no $name. " +
                "The models are: ${entries.joinToString { "${it.folder}/${it.name}" }.ifEmpty { "none" }}.",
        )
    }
}
