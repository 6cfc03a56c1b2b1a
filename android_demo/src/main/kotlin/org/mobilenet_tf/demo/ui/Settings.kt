package org.mobilenet_tf.demo.ui

import android.content.Context
import android.content.SharedPreferences
import org.mobilenet_tf.demo.camera.Facing
import org.mobilenet_tf.demo.core.Accelerator

/**
 * What a person chose. model: a ModelEntry's id; if it is null or no longer exists, the first model is used. topK: the
 * most answers that are shown, but for tags. secondModel: likewise an id, of the model that runs pictures from the gallery
 * beside the first; null, or if it no longer exists, for none.
 */
data class Settings(
    val model: String? = null,
    val accelerator: Accelerator = Accelerator.CPU,
    val threads: Int = DEFAULT_THREADS.coerceAtMost(Runtime.getRuntime().availableProcessors()),
    val topK: Int = 3,
    val thresholdPercent: Int = 0,
    val camera: CameraChoice = CameraChoice(),
    val mostTags: Int = ALL_TAGS,
    val secondModel: String? = null,
) {
    companion object {
        const val MAX_THREADS = 8
        const val MAX_TOP_K = 10

        /** One step to the right of the most of anything else. */
        const val ALL_TAGS = MAX_TOP_K + 1
        const val MAX_THRESHOLD_PERCENT = 95
        private const val DEFAULT_THREADS = 4
    }
}

/** keepScreenOn: while the camera runs. */
data class CameraChoice(
    val facing: Facing = Facing.BACK,
    val keepScreenOn: Boolean = true,
)

/** Saves the settings over rotations and restarts. */
class SettingsStore(
    context: Context,
) {
    private val preferences: SharedPreferences = context.getSharedPreferences("settings", Context.MODE_PRIVATE)

    fun read(): Settings {
        val default = Settings()
        return Settings(
            model = preferences.getString("model", null),
            accelerator = enumOf(preferences.getString("accelerator", null), default.accelerator),
            threads = preferences.getInt("threads", default.threads).coerceIn(1, Settings.MAX_THREADS),
            topK = preferences.getInt("top_k", default.topK).coerceIn(1, Settings.MAX_TOP_K),
            thresholdPercent =
                preferences.getInt(
                    "threshold_percent",
                    default.thresholdPercent,
                ).coerceIn(0, Settings.MAX_THRESHOLD_PERCENT),
            camera =
                CameraChoice(
                    enumOf(preferences.getString("facing", null), default.camera.facing),
                    preferences.getBoolean("keep_screen_on", default.camera.keepScreenOn),
                ),
            secondModel = preferences.getString("second_model", null),
            mostTags = preferences.getInt("most_tags", default.mostTags).coerceIn(1, Settings.ALL_TAGS),
        )
    }

    fun write(settings: Settings) =
        preferences
            .edit()
            .putString("model", settings.model)
            .putString("accelerator", settings.accelerator.name)
            .putInt("threads", settings.threads)
            .putInt("top_k", settings.topK)
            .putInt("threshold_percent", settings.thresholdPercent)
            .putString("facing", settings.camera.facing.name)
            .putBoolean("keep_screen_on", settings.camera.keepScreenOn)
            .putInt("most_tags", settings.mostTags)
            .putString("second_model", settings.secondModel)
            .apply()

    private inline fun <reified T : Enum<T>> enumOf(
        name: String?,
        default: T,
    ): T = enumValues<T>().firstOrNull { it.name == name } ?: default
}
