package org.mobilenet_tf.demo

import android.app.Activity
import android.os.Bundle
import android.view.WindowManager
import org.mobilenet_tf.demo.benchmark.BenchmarkJob
import org.mobilenet_tf.demo.benchmark.Measurer
import org.mobilenet_tf.demo.benchmark.Phone
import org.mobilenet_tf.demo.ui.MessageView
import org.mobilenet_tf.demo.ui.PictureReader
import org.mobilenet_tf.demo.ui.ScreenState
import org.mobilenet_tf.demo.ui.drawBehindBars
import java.io.File
import kotlin.concurrent.thread

/** The headless benchmark, started by adb; docs/android.md has its extras. It says what it measures, writes, and ends. */
class BenchmarkActivity : Activity() {
    private lateinit var message: MessageView

    override fun onCreate(state: Bundle?) {
        super.onCreate(state)
        window.addFlags(WindowManager.LayoutParams.FLAG_KEEP_SCREEN_ON)
        drawBehindBars(window)
        setContentView(R.layout.message)
        message = MessageView(findViewById(R.id.message))
        show(getString(R.string.preparing))
        val files = getExternalFilesDir(null)
        // Nowhere to write to, or made anew after the system ended the process: then the measurement is gone.
        if (files == null || state != null) return finish()
        thread(name = "benchmark") { work(files) }
    }

    private fun work(files: File) {
        val parts = application as Parts
        val measurer = Measurer(parts::openEngine, ::decode) { runOnUiThread { show(it) } }
        val job = BenchmarkJob(files, Phone(this), parts::models, measurer)
        val extras = extras()
        if (extras["prepare"] == true) job.prepare() else job.run(extras)
        runOnUiThread(::finish)
    }

    private fun decode(bytes: ByteArray) = PictureReader.decode(bytes).let { it.frame to it.orientation }

    private fun show(what: String) = message.show(ScreenState.Measuring(what))

    @Suppress("DEPRECATION") // its successors ask for the type beforehand
    private fun extras(): Map<String, Any?> =
        intent.extras?.let { bundle ->
            bundle.keySet().associateWith { bundle[it] }
        }.orEmpty()
}
