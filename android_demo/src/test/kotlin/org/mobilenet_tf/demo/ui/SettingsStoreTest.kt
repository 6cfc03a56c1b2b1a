package org.mobilenet_tf.demo.ui

import android.content.Context
import org.junit.Assert.assertEquals
import org.junit.Test
import org.junit.runner.RunWith
import org.mobilenet_tf.demo.TestApp
import org.mobilenet_tf.demo.camera.Facing
import org.mobilenet_tf.demo.core.Accelerator
import org.robolectric.RobolectricTestRunner
import org.robolectric.RuntimeEnvironment
import org.robolectric.annotation.Config

@RunWith(RobolectricTestRunner::class)
@Config(application = TestApp::class)
class SettingsStoreTest {
    private val app: Context get() = RuntimeEnvironment.getApplication()

    @Test
    fun settings_whenNothingIsSaved_thenDefaults() {
        val settings = SettingsStore(app).read()
        assertEquals(Settings(), settings)
        assertEquals(3, settings.topK)
        assertEquals(Accelerator.CPU, settings.accelerator)
    }

    @Test
    fun settings_whenWritten_thenReadByAnother() {
        val camera = CameraChoice(Facing.FRONT, keepScreenOn = false)
        val written = Settings("files/a/b", Accelerator.NNAPI, 8, 10, 95, camera, 7, "files/c/d")
        SettingsStore(app).write(written)
        assertEquals(written, SettingsStore(app).read())
    }

    @Test
    fun settings_whenTheSavedOnesAreOfAnotherVersion_thenWithinBounds() {
        app
            .getSharedPreferences("settings", Context.MODE_PRIVATE)
            .edit()
            .putInt("threads", 64)
            .putInt("top_k", 0)
            .putInt("threshold_percent", -5)
            .putInt("most_tags", 99)
            .putString("accelerator", "TPU")
            .apply()
        val settings = SettingsStore(app).read()
        assertEquals(listOf(8, 1, 0), listOf(settings.threads, settings.topK, settings.thresholdPercent))
        assertEquals(Accelerator.CPU, settings.accelerator)
        assertEquals(Settings.ALL_TAGS, settings.mostTags)
    }
}
