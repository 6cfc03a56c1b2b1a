package org.mobilenet_tf.demo.engine

/** The desktop's build of TensorFlow Lite, which does not load its library itself as the phone's does. */
object DesktopRuntime {
    init {
        System.loadLibrary("tensorflowlite_jni")
    }

    fun load() = Unit
}
