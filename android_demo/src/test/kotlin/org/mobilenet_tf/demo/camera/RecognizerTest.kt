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
import org.mobilenet_tf.demo.core.Selection
import org.mobilenet_tf.demo.core.Stage
import org.mobilenet_tf.demo.writeModel
import org.robolectric.RobolectricTestRunner
import org.robolectric.RuntimeEnvironment
import org.robolectric.Shadows.shadowOf
import org.robolectric.annotation.Config
import java.io.File
import java.nio.ByteBuffer
import java.util.concurrent.CountDownLatch
import java.util.concurrent.atomic.AtomicReference

@RunWith(RobolectricTestRunner::class)
@Config(application = TestApp::class)
class RecognizerTest {
    private val app get() = RuntimeEnvironment.getApplication() as TestApp
    private val model by lazy { Models.read(FolderSource(writeModel(File(app.cacheDir, "m"), "m"))).single() }
    private val events = ArrayList<String>()
    private val listener =
        object : Recognizer.Listener {
            override fun onOpened(open: OpenModel) {
                events += "opened"
            }

            override fun onFailed(
                settings: RecognizerSettings,
                error: DemoException,
            ) {
                events += error.message.orEmpty()
            }
        }
    private var recognizer = Recognizer({ m, a, t -> app.openEngine(m, a, t) }, listener)
    private val settings get() = RecognizerSettings(model, Accelerator.CPU, 1)

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
    fun open_whenStoppedBefore_thenNoEngineOpens() {
        val gate = CountDownLatch(1)
        val inference = AtomicReference<Thread>()
        recognizer.runInBackground({
            inference.set(Thread.currentThread())
            gate.await()
        }) {}
        recognizer.open(settings)
        recognizer.stop()
        waitFor { inference.get() != null }
        gate.countDown()
        inference.get().join(30_000)
        assertFalse(inference.get().isAlive)
        assertEquals(emptyList<String>(), app.log)
    }

    @Test
    fun frame_whenTheAcceleratorFails_thenReportedOnceAndTheFrameComesBack() {
        recognizer.stop()
        recognizer = Recognizer({ m, a, t -> Failing(app.openEngine(m, a, t)) }, listener)
        recognizer.open(settings)
        waitFor { events == listOf("opened") }
        assertTrue(recognizer.offer(cameraFrame(app.log)))
        // The failure reaches the main thread before or after the frame comes back.
        waitFor { events == listOf("opened", "the GPU was lost") && app.log.last() == "frame returned" }
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

    @Test
    fun selection_whenChanged_thenTheLastAnswerIsReadAgainAndTheEngineStaysOpen() {
        recognizer.select(Selection(3, 0f))
        recognizer.open(settings)
        waitFor { events == listOf("opened") }
        assertTrue(recognizer.offer(cameraFrame(app.log)))
        waitFor { recognizer.reading()?.best?.size == 3 }
        recognizer.select(Selection(10, 0.05f))
        waitFor { recognizer.reading()?.best?.map { it.label } == listOf("espresso", "consomme") }
        recognizer.select(Selection(1, 0f))
        waitFor { recognizer.reading()?.best?.map { it.label } == listOf("espresso") }
        assertEquals(1L, recognizer.reading()?.frames)
        assertEquals(1, app.inferences.get())
        assertEquals(1, app.log.count { it.startsWith("engine opened") })
    }

    private class Failing(
        private val engine: Engine,
    ) : Engine by engine {
        override fun run(
            inputs: List<ByteBuffer>,
            outputs: List<ByteBuffer>,
        ): Unit = throw DemoException("the GPU was lost")
    }
}
