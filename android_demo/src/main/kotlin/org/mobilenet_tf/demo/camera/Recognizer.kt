package org.mobilenet_tf.demo.camera

import android.os.Handler
import android.os.HandlerThread
import android.os.Looper
import org.mobilenet_tf.demo.core.Accelerator
import org.mobilenet_tf.demo.core.ArgbFrame
import org.mobilenet_tf.demo.core.DemoException
import org.mobilenet_tf.demo.core.EmbeddingHead
import org.mobilenet_tf.demo.core.Engine
import org.mobilenet_tf.demo.core.Head
import org.mobilenet_tf.demo.core.Model
import org.mobilenet_tf.demo.core.Orientation
import org.mobilenet_tf.demo.core.Pipeline
import org.mobilenet_tf.demo.core.Reading
import org.mobilenet_tf.demo.core.Readings
import org.mobilenet_tf.demo.core.RememberedPhotos
import org.mobilenet_tf.demo.core.Selection
import java.util.concurrent.atomic.AtomicBoolean

/** What to run and how. */
data class RecognizerSettings(
    val model: Model,
    val accelerator: Accelerator,
    val threads: Int,
)

/** An engine that is open, with what it reported of itself. */
data class OpenModel(
    val settings: RecognizerSettings,
    val threads: Int,
)

/**
 * The one inference thread, with the engine that lives on it. A frame that arrives while it is busy is dropped and
 * counted; nothing is ever queued. All that classifying needs is allocated when a model is opened.
 */
class Recognizer(
    private val openEngine: (Model, Accelerator, Int) -> Engine,
    private val listener: Listener,
    private val rememberedOf: (Model) -> RememberedPhotos = { RememberedPhotos() },
) {
    /** On the main thread, and never after `stop`. */
    interface Listener {
        fun onOpened(open: OpenModel)

        /** The engine did not start, or stopped working; an AcceleratorException if the model may be all right. */
        fun onFailed(
            settings: RecognizerSettings,
            error: DemoException,
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

    @Volatile private var latestSelection: Selection? = null

    @Volatile private var readings: Readings? = null

    // Only on the inference thread.
    private var pipeline: Pipeline? = null
    private var openSettings: RecognizerSettings? = null

    private val secondEngine =
        SecondEngine { pipelineOf(it.model, openEngine(it.model, it.accelerator, it.threads)) }
    private var secondListener: ((SecondAnswer) -> Unit)? = null

    /** Takes the reading of the picture that was run last; null if a frame was run since. */
    private var pictureListener: ((Reading) -> Unit)? = null

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
        if (stopped) return
        reportFailure(settings) {
            val engine = openEngine(settings.model, settings.accelerator, settings.threads)
            val opened = pipelineOf(settings.model, engine)
            latestSelection?.let { opened.head.selection = it }
            pipeline = opened
            openSettings = settings
            readings = Readings(settings.model.labels, opened.head)
            postToMain { listener.onOpened(OpenModel(settings, engine.threads)) }
        }
    }

    private fun pipelineOf(
        model: Model,
        engine: Engine,
    ) = Pipeline.of(model, engine, Head.of(model.manifest, model.file, rememberedOf(model)))

    /**
     * Which answers are shown from now on. The last frame's or picture's outputs are read again, without another
     * inference. Of several calls that wait, only the last counts.
     */
    fun select(selection: Selection) {
        latestSelection = selection
        post { if (selection === latestSelection) selectNow(selection) }
    }

    private fun selectNow(selection: Selection) {
        val open = pipeline ?: return
        open.head.selection = selection
        readAgain(open)
    }

    /** Remembers the frame or picture that was run last, if the model gives an embedding. */
    fun remember() = withEmbedding { open, head -> if (open.hasRun) head.remember(open.preprocess) }

    /** Forgets all photos that were remembered with the model. */
    fun forgetRemembered() = withEmbedding { _, head -> head.forget() }

    private fun withEmbedding(action: (Pipeline, EmbeddingHead) -> Unit) =
        post {
            val open = pipeline
            val head = open?.head as? EmbeddingHead
            if (head != null) {
                action(open, head)
                readAgain(open)
            }
        }

    private fun readAgain(open: Pipeline) {
        open.readAgain()
        readings?.replace(open.head)
        val listener = pictureListener ?: return
        val reading = readingOf(open)
        postToMain { listener(reading) }
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

    /**
     * Runs a picture by the same path as a frame; does nothing if no model is open. `onDone` is called again if another
     * selection is made while the picture is still the last that was run.
     */
    fun classify(
        picture: () -> Pair<ArgbFrame, Orientation>,
        onFailed: (String) -> Unit,
        onDone: (Reading) -> Unit,
    ) = post {
        try {
            val open = pipeline ?: return@post
            pictureListener = null
            val (frame, orientation) = picture()
            open.run(frame, orientation)
            pictureListener = onDone
            val reading = readingOf(open)
            postToMain { onDone(reading) }
        } catch (error: DemoException) {
            postToMain { onFailed(error.message.orEmpty()) }
        }
    }

    private fun readingOf(open: Pipeline) = Readings.of(requireNotNull(openSettings).model.labels, open)

    /**
     * Runs the picture that was classified last by another model too, whose engine stays open until a frame of the camera
     * comes, or another first model. `onDone` is called again after `selectSecond`.
     */
    fun compare(
        second: SecondModel,
        picture: () -> Pair<ArgbFrame, Orientation>,
        onDone: (SecondAnswer) -> Unit,
    ) = post {
        // If the first model was closed in the meantime, the picture is classified anew.
        if (pictureListener != null) {
            val answer = secondEngine.run(second, picture())
            secondListener = onDone
            postToMain { onDone(answer) }
        }
    }

    /** Which of the second model's answers are shown from now on. */
    fun selectSecond(selection: Selection) =
        post {
            val listener = secondListener
            val answer = secondEngine.select(selection)
            if (listener != null && answer != null) postToMain { listener(answer) }
        }

    /** The second model is not needed any longer. */
    fun closeSecond() = post(::closeSecondNow)

    private fun closeSecondNow() {
        secondListener = null
        secondEngine.close()
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
            val open = pipeline
            if (open == null || stopped) return countDropped()
            reportFailure(requireNotNull(openSettings)) {
                pictureListener = null
                closeSecondNow()
                open.run(frame.planes, frame.orientation)
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
            postToMain { listener.onFailed(settings, error) }
        }
    }

    private fun closeEngine() {
        readings = null
        pictureListener = null
        closeSecondNow()
        pipeline?.close()
        pipeline = null
        openSettings = null
    }

    private fun post(action: () -> Unit) {
        handler.post(action)
    }

    private fun postToMain(action: () -> Unit) {
        main.post { if (!stopped) action() }
    }
}
