package org.mobilenet_tf.demo

import android.app.Activity
import android.os.Bundle
import android.view.WindowManager
import org.mobilenet_tf.demo.benchmark.BenchmarkJob
import org.mobilenet_tf.demo.benchmark.Measurer
import org.mobilenet_tf.demo.benchmark.Phone
import org.mobilenet_tf.demo.ui.MessageView
import org.mobilenet_tf.demo.ui.PictureReader
import org.mobilenet_tf.demo.ui.ScreenContent
import org.mobilenet_tf.demo.ui.drawBehindBars
import java.io.File
import kotlin.concurrent.thread

/**
 * The benchmark that adb starts; docs/android.md lists its extras. It shows what it measures, writes a file, and ends.
 */
class BenchmarkActivity : Activity() {
    private lateinit var message: MessageView

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

    private fun measure(files: File) {
        val dependencies = application as AppDependencies
        val measurer =
            Measurer(dependencies::openEngine, ::decode) { task, share ->
                runOnUiThread { show(ScreenContent.Measuring(task, share)) }
            }
        val job = BenchmarkJob(files, Phone(this), dependencies::models, measurer)
        val extras = extras()
        if (extras["prepare"] == true) job.prepare() else job.run(extras)
        runOnUiThread(::finish)
    }

    private fun decode(bytes: ByteArray) = PictureReader.decode(bytes).let { it.frame to it.orientation }

    private fun show(content: ScreenContent.Measuring) = message.show(content)

    @Suppress("DEPRECATION") // its successors require the type in advance
    private fun extras(): Map<String, Any?> =
        intent.extras?.let { bundle ->
            bundle.keySet().associateWith { bundle[it] }
        }.orEmpty()
}
