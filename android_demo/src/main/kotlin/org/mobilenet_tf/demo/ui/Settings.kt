package org.mobilenet_tf.demo.ui

import android.content.Context
import android.content.SharedPreferences
import org.mobilenet_tf.demo.camera.Facing
import org.mobilenet_tf.demo.core.Accelerator

/** What a person chose. model: a ModelEntry's id; null, or one that is gone: the first. */
data class Settings(
    val model: String? = null,
    val accelerator: Accelerator = Accelerator.CPU,
    val threads: Int = DEFAULT_THREADS.coerceAtMost(Runtime.getRuntime().availableProcessors()),
    val topK: Int = 3,
    val thresholdPercent: Int = 0,
    val facing: Facing = Facing.BACK,
) {
    companion object {
        const val MAX_THREADS = 8
        const val MAX_TOP_K = 10
        const val MAX_THRESHOLD_PERCENT = 95
        private const val DEFAULT_THREADS = 4
    }
}

/** Keeps the settings over rotations and restarts. */
class SettingsStore(
    context: Context,
) {
    private val kept: SharedPreferences = context.getSharedPreferences("settings", Context.MODE_PRIVATE)

    fun read(): Settings {
        val default = Settings()
        return Settings(
            model = kept.getString("model", null),
            accelerator = enumOf(kept.getString("accelerator", null), default.accelerator),
            threads = kept.getInt("threads", default.threads).coerceIn(1, Settings.MAX_THREADS),
            topK = kept.getInt("top_k", default.topK).coerceIn(1, Settings.MAX_TOP_K),
            thresholdPercent =
                kept.getInt("threshold_percent", default.thresholdPercent).coerceIn(0, Settings.MAX_THRESHOLD_PERCENT),
            facing = enumOf(kept.getString("facing", null), default.facing),
        )
    }

    fun write(settings: Settings) =
        kept
            .edit()
            .putString("model", settings.model)
            .putString("accelerator", settings.accelerator.name)
            .putInt("threads", settings.threads)
            .putInt("top_k", settings.topK)
            .putInt("threshold_percent", settings.thresholdPercent)
            .putString("facing", settings.facing.name)
            .apply()

    private inline fun <reified T : Enum<T>> enumOf(
        name: String?,
        default: T,
    ): T = enumValues<T>().firstOrNull { it.name == name } ?: default
}
