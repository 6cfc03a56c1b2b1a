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
import org.mobilenet_tf.demo.core.TopK
import org.mobilenet_tf.demo.core.YuvFrame
import java.util.concurrent.atomic.AtomicBoolean

/** What to run and how. threshold: a score from 0 to 1; a class below it is not shown. */
data class Setup(
    val model: Model,
    val accelerator: Accelerator,
    val threads: Int,
    val topK: Int,
    val threshold: Float,
)

/**
 * The one inference thread, with the engine that lives on it. A frame that arrives while it is busy is dropped and
 * counted; nothing is ever queued. All that a frame needs is allocated when a model is opened.
 */
class Recognizer(
    private val openEngine: (Model, Accelerator, Int) -> Engine,
    private val listener: Listener,
) {
    /** On the main thread, and never after `stop`. */
    interface Listener {
        fun onOpened(setup: Setup)

        /** The setup did not start, or stopped working. */
        fun onFailed(
            setup: Setup,
            sentence: String,
        )
    }

    private val main = Handler(Looper.getMainLooper())
    private val thread = HandlerThread("inference").apply { start() }
    private val handler = Handler(thread.looper)
    private val busy = AtomicBoolean(false)
    private val yuv = YuvFrame()
    private val step = Runnable { classifyPending() }

    @Volatile private var pending: LentFrame? = null

    @Volatile private var stopped = false

    @Volatile private var newest: Setup? = null

    @Volatile private var readings: Readings? = null
    private var classifier: Classifier? = null // on the inference thread only
    private var setup: Setup? = null // likewise

    /** The newest numbers; null before a model is open. */
    fun reading(): Reading? = readings?.reading()

    /** Does something slow on the inference thread, and then tells of it on the main thread. */
    fun <T> work(
        slow: () -> T,
        then: (T) -> Unit,
    ) = post {
        val result = slow()
        tell { then(result) }
    }

    /** Closes the engine before, and opens another; only the last of several that wait, as a slider's are. */
    fun open(wanted: Setup) {
        newest = wanted
        post { if (wanted === newest) openNow(wanted) }
    }

    private fun openNow(wanted: Setup) {
        closeEngine()
        attempt(wanted) {
            val engine = openEngine(wanted.model, wanted.accelerator, wanted.threads)
            val k = minOf(wanted.topK, wanted.model.labels.size)
            classifier = Classifier(wanted.model, engine, TopK(wanted.model.labels.size, k, wanted.threshold))
            setup = wanted
            readings = Readings(wanted.model.labels, k)
            tell { listener.onOpened(wanted) }
        }
    }

    /** Takes a camera's frame if the thread is free, and closes it when it is done. */
    fun offer(frame: LentFrame): Boolean {
        if (stopped || !busy.compareAndSet(false, true)) return refuse()
        pending = frame
        if (handler.post(step)) return true
        pending = null
        busy.set(false)
        return refuse()
    }

    /** Counts a frame that nobody looked at. */
    fun drop() {
        readings?.drop()
    }

    /** Classifies a picture by the same path as a frame; null where no model is open. */
    fun classify(
        picture: () -> Pair<ArgbFrame, Orientation>,
        failed: (String) -> Unit,
        then: (Reading) -> Unit,
    ) = post {
        try {
            val open = classifier ?: return@post
            val (frame, orientation) = picture()
            open.classify(frame, orientation)
            val single = Readings(open.model.labels, open.topK.indices.size).apply { add(open) }.reading()
            tell { then(single) }
        } catch (error: DemoException) {
            tell { failed(error.message.orEmpty()) }
        }
    }

    /** Finishes the frame under way, closes the engine and ends the thread; does not wait for any of it. */
    fun stop() {
        stopped = true
        handler.post(::closeEngine)
        thread.quitSafely()
    }

    private fun refuse(): Boolean {
        drop()
        return false
    }

    private fun classifyPending() {
        val frame = pending ?: return
        try {
            val open = classifier
            if (open == null || stopped) return drop()
            attempt(requireNotNull(setup)) {
                frame.describe(yuv)
                open.classify(yuv, frame.orientation)
                readings?.add(open)
            }
        } finally {
            pending = null
            frame.close()
            busy.set(false)
        }
    }

    private inline fun attempt(
        wanted: Setup,
        action: () -> Unit,
    ) {
        try {
            action()
        } catch (error: DemoException) {
            closeEngine()
            tell { listener.onFailed(wanted, error.message.orEmpty()) }
        }
    }

    private fun closeEngine() {
        readings = null
        classifier?.close()
        classifier = null
        setup = null
    }

    private fun post(action: () -> Unit) {
        handler.post(action)
    }

    private fun tell(action: () -> Unit) {
        main.post { if (!stopped) action() }
    }
}
