package org.mobilenet_tf.demo.camera

import android.os.Looper
import org.junit.After
import org.junit.Assert.assertEquals
import org.junit.Assert.assertFalse
import org.junit.Assert.assertNull
import org.junit.Assert.assertTrue
import org.junit.Test
import org.junit.runner.RunWith
import org.mobilenet_tf.demo.TestApp
import org.mobilenet_tf.demo.cameraFrame
import org.mobilenet_tf.demo.core.Accelerator
import org.mobilenet_tf.demo.core.DemoException
import org.mobilenet_tf.demo.core.Engine
import org.mobilenet_tf.demo.core.FolderSource
import org.mobilenet_tf.demo.core.Models
import org.mobilenet_tf.demo.core.Stage
import org.mobilenet_tf.demo.writeModel
import org.robolectric.RobolectricTestRunner
import org.robolectric.RuntimeEnvironment
import org.robolectric.Shadows.shadowOf
import org.robolectric.annotation.Config
import java.io.File
import java.nio.ByteBuffer

@RunWith(RobolectricTestRunner::class)
@Config(application = TestApp::class)
class RecognizerTest {
    private val app get() = RuntimeEnvironment.getApplication() as TestApp
    private val model by lazy { Models.read(FolderSource(writeModel(File(app.cacheDir, "m"), "m"))).single() }
    private val events = ArrayList<String>()
    private val listener =
        object : Recognizer.Listener {
            override fun onOpened(settings: RecognizerSettings) {
                events += "opened"
            }

            override fun onFailed(
                settings: RecognizerSettings,
                sentence: String,
            ) {
                events += sentence
            }
        }
    private var recognizer = Recognizer({ m, a, t -> app.openEngine(m, a, t) }, listener)
    private val settings get() = RecognizerSettings(model, Accelerator.CPU, 1, 3, 0f)

    @After
    fun stop() = recognizer.stop()

    private fun waitFor(condition: () -> Boolean) {
        val end = System.nanoTime() + 30_000_000_000L
        while (!condition()) {
            check(System.nanoTime() < end) { "timed out; there is $events and ${app.log}" }
            shadowOf(Looper.getMainLooper()).idle()
            Thread.sleep(1)
        }
    }

    @Test
    fun offer_whenNoModelIsOpen_thenFrameComesBackUnread() {
        recognizer.offer(cameraFrame(app.log))
        waitFor { app.log == listOf("frame returned") }
        assertNull(recognizer.reading())
    }

    @Test
    fun offer_whenStopped_thenRefused() {
        recognizer.stop()
        assertFalse(recognizer.offer(cameraFrame(app.log)))
    }

    @Test
    fun frame_whenTheAcceleratorFails_thenReportedOnceAndTheFrameComesBack() {
        recognizer.stop()
        recognizer = Recognizer({ m, a, t -> Failing(app.openEngine(m, a, t)) }, listener)
        recognizer.open(settings)
        waitFor { events == listOf("opened") }
        assertTrue(recognizer.offer(cameraFrame(app.log)))
        waitFor { events == listOf("opened", "the GPU was lost") }
        assertEquals(listOf("engine closed", "frame returned"), app.log.takeLast(2))
    }

    @Test
    fun readings_whenFramesWereClassified_thenStagesAddUp() {
        recognizer.open(settings)
        waitFor { events == listOf("opened") }
        repeat(3) { times ->
            waitFor { recognizer.offer(cameraFrame(app.log)) }
            waitFor { app.log.count { it == "frame returned" } == times + 1 }
        }
        val reading = requireNotNull(recognizer.reading())
        assertEquals(3L, reading.frames)
        val last = reading.latencies.associate { it.stage to it.lastMs }
        val sum = last.getValue(Stage.PREPROCESS) + last.getValue(Stage.INFERENCE) + last.getValue(Stage.POSTPROCESS)
        // Each is a whole number of nanoseconds, divided into ms: only rounding differs.
        assertEquals(sum, last.getValue(Stage.TOTAL), 1e-9)
        assertTrue(reading.latencies.all { it.p50Ms <= it.p90Ms })
    }

    private class Failing(
        private val engine: Engine,
    ) : Engine by engine {
        override fun run(
            input: ByteBuffer,
            output: ByteBuffer,
        ): Unit = throw DemoException("the GPU was lost")
    }
}
