package org.mobilenet_tf.demo

import android.app.Activity
import android.os.Bundle
import android.util.Log
import android.view.WindowManager
import org.mobilenet_tf.demo.benchmark.BenchmarkJob
import org.mobilenet_tf.demo.benchmark.Measurer
import org.mobilenet_tf.demo.benchmark.Phone
import org.mobilenet_tf.demo.ui.MessageView
import org.mobilenet_tf.demo.ui.PictureReader
import org.mobilenet_tf.demo.ui.ScreenContent
import org.mobilenet_tf.demo.ui.drawBehindBars
import java.io.File
import java.io.IOException
import kotlin.concurrent.thread

/**
 * The benchmark that adb starts; docs/android.md lists its extras. It shows what it measures, writes a file, and ends.
 */
class BenchmarkActivity : Activity() {
    private lateinit var message: MessageView

    @Volatile private var cancelled = false

    override fun onCreate(state: Bundle?) {
        super.onCreate(state)
        window.addFlags(WindowManager.LayoutParams.FLAG_KEEP_SCREEN_ON)
        drawBehindBars(window)
        setContentView(R.layout.message)
        message = MessageView(findViewById(R.id.message))
        show(ScreenContent.Measuring(getString(R.string.preparing), 0.0))
        val files = getExternalFilesDir(null)
        // No folder to write to, or recreated after the system ended the process: there is nothing to measure.
        if (files == null || state != null) return finish()
        thread(name = "benchmark") { measure(files) }
    }

    /** Back, or the system: nobody waits for the rest. */
    override fun onDestroy() {
        super.onDestroy()
        cancelled = true
    }

    private fun measure(files: File) {
        val dependencies = application as AppDependencies
        val measurer =
            Measurer(dependencies::openEngine, ::decode, { cancelled }) { task, share ->
                runOnUiThread { show(ScreenContent.Measuring(task, share)) }
            }
        val job = BenchmarkJob(files, Phone(this), dependencies::models, measurer)
        val extras = extras()
        try {
            if (extras?.get("prepare") == true) job.prepare() else job.run(extras)
        } catch (error: IOException) {
            Log.e("BenchmarkActivity", "The result could not be written: ${error.message}", error)
        }
        runOnUiThread(::finish)
    }

    private fun decode(bytes: ByteArray) = PictureReader.decode(bytes).let { it.frame to it.orientation }

    private fun show(content: ScreenContent.Measuring) = message.show(content)

    /** Null if they cannot be read: an extra may be an object of a class that this app does not have. */
    @Suppress("DEPRECATION", "TooGenericExceptionCaught") // the typed getters must know the type; Bundle throws any
    private fun extras(): Map<String, Any?>? =
        try {
            intent.extras?.let { bundle -> bundle.keySet().associateWith { bundle[it] } }.orEmpty()
        } catch (error: RuntimeException) {
            Log.w("BenchmarkActivity", "The extras could not be read", error)
            null
        }
}
