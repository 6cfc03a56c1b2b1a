package org.mobilenet_tf.demo

import android.view.TextureView
import org.mobilenet_tf.demo.camera.CameraProblem
import org.mobilenet_tf.demo.camera.Facing
import org.mobilenet_tf.demo.camera.FrameSize
import org.mobilenet_tf.demo.camera.FrameSource
import org.mobilenet_tf.demo.camera.LentFrame
import org.mobilenet_tf.demo.core.Accelerator
import org.mobilenet_tf.demo.core.DType
import org.mobilenet_tf.demo.core.DemoException
import org.mobilenet_tf.demo.core.Engine
import org.mobilenet_tf.demo.core.FolderSource
import org.mobilenet_tf.demo.core.Model
import org.mobilenet_tf.demo.core.Orientation
import org.mobilenet_tf.demo.core.YuvFrame
import java.io.File
import java.nio.ByteBuffer
import java.util.concurrent.CopyOnWriteArrayList
import java.util.concurrent.CountDownLatch
import java.util.concurrent.TimeUnit

/** The app with a camera and an engine that a test holds in its hand. What happens to them stands in `log`, in order. */
class TestApp : DemoApp() {
    val log = CopyOnWriteArrayList<String>() // read through while the inference thread writes
    val camera = HandCamera(log)

    /** Accelerators that refuse, and what they say. */
    val refusing = HashMap<Accelerator, String>()

    /** Scores that every model gives, by class. */
    var scores: List<Float> = listOf(0.9f, 0.07f, 0.01f)

    /** An inference takes at least this. */
    @Volatile var inferenceMs = 0L

    /** An inference waits for this. */
    @Volatile var gate: CountDownLatch? = null

    override fun openEngine(
        model: Model,
        accelerator: Accelerator,
        threads: Int,
    ): Engine {
        model.bytes()
        refusing[accelerator]?.let { throw DemoException(it) }
        log += "engine opened ${model.name} $accelerator $threads"
        return HandEngine(model, accelerator, this)
    }

    override fun frameSource(): FrameSource = camera

    /** The pushed ones only: what the assets hold depends on what was exported. */
    override fun models(): List<ModelEntry> =
        File(getExternalFilesDir(null), "models")
            .listFiles()
            .orEmpty()
            .sorted()
            .flatMap { entriesOf(FolderSource(it), pushed = true) }
}

/** Gives the scores that the test put into the app. */
class HandEngine(
    model: Model,
    override val accelerator: Accelerator,
    private val app: TestApp,
) : Engine {
    override val runtime = "TensorFlow Lite 2.16.1"
    override val xnnpack = "whole"
    override val input = model.file.input
    override val output = model.file.output

    override fun run(
        input: ByteBuffer,
        output: ByteBuffer,
    ) {
        app.gate?.let {
            app.log += "inference waits"
            check(it.await(30, TimeUnit.SECONDS)) { "nobody let the inference go on" }
            app.log += "inference goes on"
        }
        Thread.sleep(app.inferenceMs)
        for (index in 0 until this.output.elements) {
            val score = app.scores.getOrElse(index) { 0f }
            when (this.output.dtype) {
                DType.FLOAT32 -> output.putFloat(4 * index, score)
                else -> output.put(index, Math.round(score / this.output.scale + this.output.zeroPoint).toByte())
            }
        }
    }

    override fun close() {
        app.log += "engine closed"
    }
}

/** A camera whose frames come when the test says so. */
class HandCamera(
    private val log: MutableList<String>,
) : FrameSource {
    var has = listOf(Facing.BACK, Facing.FRONT)
    var events: FrameSource.Events? = null

    /** What `open` runs into. */
    var problem: CameraProblem? = null

    override var displayDegrees = 0

    override fun facings() = has

    override fun open(
        facing: Facing,
        preview: TextureView,
        events: FrameSource.Events,
    ) {
        log += "camera opened $facing"
        this.events = events
        problem?.let { return events.onProblem(it) }
        events.onStarted(FrameSize(960, 720), sensorDegrees = 90)
    }

    override fun close() {
        if (events != null) log += "camera closed"
        events = null
    }

    /** A new frame, as from the camera's thread; whether it was taken. */
    fun frame(frame: HandFrame = HandFrame(log)): Boolean = events?.onFrame(frame) ?: false
}

/** A grey frame of 960 x 720. */
class HandFrame(
    private val log: MutableList<String>,
) : LentFrame {
    override val orientation = Orientation.ROTATE_90

    override fun describe(frame: YuvFrame) = frame.set(960, 720, LUMA, CHROMA, CHROMA, 960, 1, 480, 1)

    override fun close() {
        log += "frame returned"
    }

    private companion object {
        val LUMA: ByteBuffer = ByteBuffer.allocateDirect(960 * 720)
        val CHROMA: ByteBuffer = ByteBuffer.allocateDirect(480 * 360)
    }
}
