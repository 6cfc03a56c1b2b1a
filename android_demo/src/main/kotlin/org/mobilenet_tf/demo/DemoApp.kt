package org.mobilenet_tf.demo

import android.app.Application
import org.mobilenet_tf.demo.camera.CameraSource
import org.mobilenet_tf.demo.camera.FrameSource
import org.mobilenet_tf.demo.core.Accelerator
import org.mobilenet_tf.demo.core.Engine
import org.mobilenet_tf.demo.core.Model
import org.mobilenet_tf.demo.core.RememberedByModel
import org.mobilenet_tf.demo.engine.TfLiteEngine

/** What the app depends on: the engine, the camera and the models. A test's application replaces them. */
interface AppDependencies {
    /** Throws DemoException if the model or the accelerator does not start. */
    fun openEngine(
        model: Model,
        accelerator: Accelerator,
        threads: Int,
    ): Engine

    fun frameSource(): FrameSource

    /** What was remembered since the app was started; it outlives the activity. */
    val remembered: RememberedByModel

    /** Reads files: not for the main thread. */
    fun models(): List<ModelEntry>
}

/** The app, with TensorFlow Lite as its engine and Camera2 as its camera. */
open class DemoApp :
    Application(),
    AppDependencies {
    override val remembered = RememberedByModel()

    override fun openEngine(
        model: Model,
        accelerator: Accelerator,
        threads: Int,
    ): Engine = TfLiteEngine.open(model, accelerator, threads)

    override fun frameSource(): FrameSource = CameraSource(this)

    override fun models(): List<ModelEntry> = ModelLibrary(this).entries()
}
