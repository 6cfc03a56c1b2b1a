package org.mobilenet_tf.demo.engine

import org.junit.Assume.assumeTrue
import java.io.File

/**
 * The APK's own TensorFlow Lite, the library for x86_64, in this JVM; android_demo/tools/JvmLibrary.java makes it
 * loadable. The app's classes load it themselves, as on a phone; only what stands for Android's C library comes first.
 */
object ShippedLibrary {
    private val folder = File(System.getProperty("android.jvm-native", "target/jvm-native"))
    private val missing = folder.resolve("missing.txt").takeIf { it.exists() }?.readText()

    init {
        if (missing == null) System.loadLibrary("log")
    }

    /** Skips the test, for a reason that is printed, on a machine that cannot load the library. */
    fun load() = assumeTrue("skipped: $missing", missing == null)
}
