package org.mobilenet_tf.demo.camera

import android.os.Handler
import android.os.HandlerThread
import android.os.Looper
import org.mobilenet_tf.demo.core.Accelerator
import org.mobilenet_tf.demo.core.ArgbFrame
import org.mobilenet_tf.demo.core.Classifier
import org.mobilenet_tf.demo.core.DemoException
import org.mobilenet_tf.demo.core.Engine
import org.mobilenet_tf.demo.core.Model
import org.mobilenet_tf.demo.core.Orientation
import org.mobilenet_tf.demo.core.Reading
import org.mobilenet_tf.demo.core.Readings
import org.mobilenet_tf.demo.core.TopK
import java.util.concurrent.atomic.AtomicBoolean

/** What to run and how. threshold: a score from 0 to 1; a class below it is not shown. */
data class RecognizerSettings(
    val model: Model,
    val accelerator: Accelerator,
    val threads: Int,
    val topK: Int,
    val threshold: Float,
)

/**
 * The one inference thread, with the engine that lives on it. A frame that arrives while it is busy is dropped and
 * counted; nothing is ever queued. All that classifying needs is allocated when a model is opened.
 */
class Recognizer(
    private val openEngine: (Model, Accelerator, Int) -> Engine,
    private val listener: Listener,
) {
    /** On the main thread, and never after `stop`. */
    interface Listener {
        fun onOpened(settings: RecognizerSettings)

        /** The engine did not start, or stopped working. */
        fun onFailed(
            settings: RecognizerSettings,
            sentence: String,
        )
    }

    private val main = Handler(Looper.getMainLooper())
    private val thread = HandlerThread("inference").apply { start() }
    private val handler = Handler(thread.looper)
    private val busy = AtomicBoolean(false)
    private val classifyTask = Runnable { classifyPending() }

    @Volatile private var pending: CameraFrame? = null

    @Volatile private var stopped = false

    @Volatile private var latestSettings: RecognizerSettings? = null

    @Volatile private var readings: Readings? = null
    private var classifier: Classifier? = null // only on the inference thread
    private var openSettings: RecognizerSettings? = null // likewise

    /** The newest numbers; null before a model is open. */
    fun reading(): Reading? = readings?.reading()

    /** Does something slow on the inference thread, then calls `onDone` on the main thread. */
    fun <T> runInBackground(
        slow: () -> T,
        onDone: (T) -> Unit,
    ) = post {
        val result = slow()
        postToMain { onDone(result) }
    }

    /**
     * Closes the engine that is open and opens another. Of several calls that wait, as a slider makes, only the last
     * counts.
     */
    fun open(settings: RecognizerSettings) {
        latestSettings = settings
        post { if (settings === latestSettings) openNow(settings) }
    }

    private fun openNow(settings: RecognizerSettings) {
        closeEngine()
        reportFailure(settings) {
            val engine = openEngine(settings.model, settings.accelerator, settings.threads)
            val labels = settings.model.labels
            val k = minOf(settings.topK, labels.size)
            classifier = Classifier(settings.model, engine, TopK(labels.size, k, settings.threshold))
            openSettings = settings
            readings = Readings(labels, k)
            postToMain { listener.onOpened(settings) }
        }
    }

    /** Takes a camera's frame if the thread is free, and closes it when it is done. */
    fun offer(frame: CameraFrame): Boolean {
        if (stopped || !busy.compareAndSet(false, true)) return refuse()
        pending = frame
        if (handler.post(classifyTask)) return true
        pending = null
        busy.set(false)
        return refuse()
    }

    /** Counts a frame that was not classified. */
    fun countDropped() {
        readings?.addDropped()
    }

    /** Classifies a picture by the same path as a frame; does nothing if no model is open. */
    fun classify(
        picture: () -> Pair<ArgbFrame, Orientation>,
        onFailed: (String) -> Unit,
        onDone: (Reading) -> Unit,
    ) = post {
        try {
            val open = classifier ?: return@post
            val (frame, orientation) = picture()
            open.classify(frame, orientation)
            val reading = Readings(open.model.labels, open.topK.indices.size).apply { add(open) }.reading()
            postToMain { onDone(reading) }
        } catch (error: DemoException) {
            postToMain { onFailed(error.message.orEmpty()) }
        }
    }

    /** Finishes the frame under way, closes the engine and ends the thread; does not wait for any of it. */
    fun stop() {
        stopped = true
        handler.post(::closeEngine)
        thread.quitSafely()
    }

    private fun refuse(): Boolean {
        countDropped()
        return false
    }

    private fun classifyPending() {
        val frame = pending ?: return
        try {
            val open = classifier
            if (open == null || stopped) return countDropped()
            reportFailure(requireNotNull(openSettings)) {
                open.classify(frame.planes, frame.orientation)
                readings?.add(open)
            }
        } finally {
            pending = null
            frame.close()
            busy.set(false)
        }
    }

    private inline fun reportFailure(
        settings: RecognizerSettings,
        action: () -> Unit,
    ) {
        try {
            action()
        } catch (error: DemoException) {
            closeEngine()
            postToMain { listener.onFailed(settings, error.message.orEmpty()) }
        }
    }

    private fun closeEngine() {
        readings = null
        classifier?.close()
        classifier = null
        openSettings = null
    }

    private fun post(action: () -> Unit) {
        handler.post(action)
    }

    private fun postToMain(action: () -> Unit) {
        main.post { if (!stopped) action() }
    }
}
