package org.mobilenet_tf.demo

import android.view.TextureView
import org.mobilenet_tf.demo.camera.CameraFrame
import org.mobilenet_tf.demo.camera.CameraProblem
import org.mobilenet_tf.demo.camera.Facing
import org.mobilenet_tf.demo.camera.FramePoint
import org.mobilenet_tf.demo.camera.FrameSize
import org.mobilenet_tf.demo.camera.FrameSource
import org.mobilenet_tf.demo.camera.StartedCamera
import org.mobilenet_tf.demo.core.Accelerator
import org.mobilenet_tf.demo.core.AcceleratorException
import org.mobilenet_tf.demo.core.DType
import org.mobilenet_tf.demo.core.Engine
import org.mobilenet_tf.demo.core.FolderSource
import org.mobilenet_tf.demo.core.Model
import org.mobilenet_tf.demo.core.Orientation
import org.mobilenet_tf.demo.core.ScoredBox
import org.mobilenet_tf.demo.core.Strides
import org.mobilenet_tf.demo.core.TensorSpec
import org.mobilenet_tf.demo.core.YuvFrame
import java.io.File
import java.nio.ByteBuffer
import java.util.concurrent.CopyOnWriteArrayList
import java.util.concurrent.CountDownLatch
import java.util.concurrent.TimeUnit
import java.util.concurrent.atomic.AtomicInteger

/** The app with a camera and an engine that a test controls. `log` has what happens to them, in order. */
class TestApp : DemoApp() {
    val log = CopyOnWriteArrayList<String>() // the inference thread writes while the test reads
    val camera = FakeCamera(log)

    /** Accelerators that do not start, and the sentence that says why. */
    val failing = HashMap<Accelerator, String>()

    /** The scores that every model returns, by class. */
    var scores: List<Float> = listOf(0.9f, 0.07f, 0.01f)

    /** In their place the scores of a model, by its name. */
    val scoresOf = HashMap<String, List<Float>>()

    /** What every detector finds, in shares of the network's input; the label is the class's number. */
    var objects: List<ScoredBox> = emptyList()

    val inferences = AtomicInteger()

    /** On how many threads an engine can run. */
    var mostThreads = 8

    /** The shortest time of an inference. */
    @Volatile var inferenceMs = 0L

    /** If set, an inference waits for it. */
    @Volatile var gate: CountDownLatch? = null

    override fun openEngine(
        model: Model,
        accelerator: Accelerator,
        threads: Int,
    ): Engine {
        model.bytes()
        failing[accelerator]?.let { throw AcceleratorException(it) }
        log += "engine opened ${model.name} $accelerator $threads"
        return ScriptedEngine(model, minOf(threads, mostThreads), this)
    }

    override fun frameSource(): FrameSource = camera

    /** Only the pushed models: those of the assets depend on what was exported. */
    override fun models(): List<ModelEntry> =
        File(getExternalFilesDir(null), "models")
            .listFiles()
            .orEmpty()
            .sorted()
            .flatMap { entriesOf(FolderSource(it), pushed = true) }
}

/** Returns the scores, or the objects, that the test set in the app. */
class ScriptedEngine(
    private val model: Model,
    override val threads: Int,
    private val app: TestApp,
) : Engine {
    override val runtime = "TensorFlow Lite 2.16.1"
    override val xnnpack = "whole"
    override val inputs = listOf(model.file.input)
    override val outputs = model.file.outputs

    override fun run(
        inputs: List<ByteBuffer>,
        outputs: List<ByteBuffer>,
    ) {
        app.gate?.let {
            app.log += "inference waits"
            check(it.await(30, TimeUnit.SECONDS)) { "the test did not let the inference go on" }
            app.log += "inference goes on"
        }
        app.inferences.incrementAndGet()
        Thread.sleep(app.inferenceMs)
        if (outputs.size == 1) writeScores(outputs[0], this.outputs[0]) else writeObjects(outputs)
    }

    private fun writeObjects(outputs: List<ByteBuffer>) {
        app.objects.forEachIndexed { index, found ->
            val sides = listOf(found.top, found.left, found.bottom, found.right)
            sides.forEachIndexed { side, share -> outputs[0].putFloat(4 * (4 * index + side), share) }
            outputs[1].putFloat(4 * index, found.label.toFloat())
            outputs[2].putFloat(4 * index, found.score)
        }
        outputs[3].putFloat(0, app.objects.size.toFloat())
    }

    private fun writeScores(
        output: ByteBuffer,
        spec: TensorSpec,
    ) {
        val scores = app.scoresOf[model.name] ?: app.scores
        for (index in 0 until spec.elements) {
            val score = scores.getOrElse(index) { 0f }
            when (spec.dtype) {
                DType.FLOAT32 -> output.putFloat(4 * index, score)
                else -> output.put(index, Math.round(score / spec.scale + spec.zeroPoint).toByte())
            }
        }
    }

    override fun close() {
        app.log += "engine closed"
    }
}

/** A camera that delivers a frame when the test calls `frame`. */
class FakeCamera(
    private val log: MutableList<String>,
) : FrameSource {
    var available = listOf(Facing.BACK, Facing.FRONT)
    var events: FrameSource.Events? = null

    var sensorDegrees = 90

    /** The problem that `open` reports. */
    var problem: CameraProblem? = null

    override var displayDegrees = 0

    override fun facings() = available

    override fun open(
        facing: Facing,
        preview: TextureView,
        events: FrameSource.Events,
    ) {
        log += "camera opened $facing"
        this.events = events
        problem?.let { return events.onProblem(it) }
        val front = facing == Facing.FRONT
        events.onStarted(StartedCamera(FrameSize(960, 720), sensorDegrees, front, hasTorch = !front))
    }

    override fun torch(on: Boolean) {
        log += "torch $on"
    }

    override fun focus(point: FramePoint) {
        log += "focus ${point.x} ${point.y}"
    }

    override fun close() {
        if (events != null) log += "camera closed"
        events = null
    }

    /** Delivers a new frame; true if it was taken. */
    fun frame(): Boolean = events?.onFrame(cameraFrame(log)) ?: false
}

/** A frame of 960 x 720 with a single colour. */
fun cameraFrame(log: MutableList<String>): CameraFrame {
    val planes = YuvFrame().apply { set(960, 720, LUMA, CHROMA, CHROMA, Strides(960, 1, 480, 1)) }
    return CameraFrame(planes, Orientation.ROTATE_90) { log += "frame returned" }
}

private val LUMA: ByteBuffer = ByteBuffer.allocateDirect(960 * 720)
private val CHROMA: ByteBuffer = ByteBuffer.allocateDirect(480 * 360)
