package org.mobilenet_tf.demo.benchmark

import android.content.Intent
import android.os.Looper
import org.json.JSONObject
import org.junit.Before
import org.junit.runner.RunWith
import org.mobilenet_tf.demo.BenchmarkActivity
import org.mobilenet_tf.demo.PORTRAIT
import org.mobilenet_tf.demo.TestApp
import org.mobilenet_tf.demo.writeModel
import org.robolectric.Robolectric
import org.robolectric.RobolectricTestRunner
import org.robolectric.RuntimeEnvironment
import org.robolectric.Shadows.shadowOf
import org.robolectric.annotation.Config
import java.io.File

/** The activity that adb starts, with a simulated engine and one pushed model. */
@RunWith(RobolectricTestRunner::class)
@Config(application = TestApp::class, qualifiers = PORTRAIT)
abstract class BenchmarkAppTest {
    protected val app: TestApp get() = RuntimeEnvironment.getApplication() as TestApp
    protected val files: File get() = requireNotNull(app.getExternalFilesDir(null))
    protected val results: File get() = File(files, "results")
    protected lateinit var activity: BenchmarkActivity

    @Before
    fun pushModel() {
        writeModel(File(files, "models/pushed"), "mobilenet_v1_a0.50_r160")
    }

    protected fun start(extras: Intent.() -> Unit) {
        val intent = Intent(app, BenchmarkActivity::class.java).apply(extras)
        activity = Robolectric.buildActivity(BenchmarkActivity::class.java, intent).setup().get()
    }

    protected fun waitFor(condition: () -> Boolean) {
        val end = System.nanoTime() + 30_000_000_000L
        while (!condition()) {
            check(System.nanoTime() < end) { "timed out; there is ${results.list()?.toList()}" }
            shadowOf(Looper.getMainLooper()).idle()
            Thread.sleep(2)
        }
    }

    protected fun measure(extras: Intent.() -> Unit): JSONObject {
        start(extras)
        waitFor { activity.isFinishing }
        return JSONObject(results.listFiles()!!.single { it.name.endsWith(".result.json") }.readText())
    }

    protected fun error(extras: Intent.() -> Unit): String = measure(extras).getString("error")

    protected fun Intent.model(): Intent = putExtra("model", "pushed/mobilenet_v1_a0.50_r160_int8")
}
