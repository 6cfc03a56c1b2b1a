package org.mobilenet_tf.demo.benchmark

import android.os.Looper
import android.widget.TextView
import org.json.JSONObject
import org.junit.Assert.assertEquals
import org.junit.Assert.assertFalse
import org.junit.Assert.assertTrue
import org.junit.Test
import org.mobilenet_tf.demo.PHOTO
import org.mobilenet_tf.demo.R
import org.mobilenet_tf.demo.core.Accelerator
import org.mobilenet_tf.demo.screenshot
import org.mobilenet_tf.demo.writeModel
import org.robolectric.Shadows.shadowOf
import java.io.File
import java.util.concurrent.CountDownLatch

class BenchmarkActivityTest : BenchmarkAppTest() {
    @Test
    fun prepare_whenStarted_thenMakesTheFolders() {
        start { putExtra("prepare", true) }
        waitFor { activity.isFinishing }
        for (name in listOf("models", "results", "images")) assertTrue(name, File(files, name).isDirectory)
        assertEquals(0, results.list()!!.size)
    }

    @Test
    fun benchmark_whenMeasured_thenResultInTheSchema() {
        val result =
            measure {
                model()
                putExtra("threads", 4)
                putExtra("accelerator", "cpu")
                putExtra("runs", 20)
                putExtra("warmup", 3)
                putExtra("run", "a1b2")
            }
        assertEquals("demo app, TensorFlow Lite 2.16.1", result.getString("backend"))
        assertEquals("pushed/mobilenet_v1_a0.50_r160_int8.tflite", result.getString("path"))
        assertEquals(20, result.getJSONObject("latency_ms").getJSONArray("samples").length())
        assertEquals(3, result.getJSONObject("latency_ms").getInt("warmup"))
        assertEquals("Android 15", result.getJSONObject("environment").getString("os"))
        assertEquals(listOf("a1b2.result.json"), results.list()!!.toList())
        assertTrue("engine opened mobilenet_v1_a0.50_r160_int8 CPU 4" in app.log)
        assertEquals("engine closed", app.log.last())
        copyForPython("a1b2.result.json", "result.json")
    }

    /** Copies a file to where the tests of the Python side read it. */
    private fun copyForPython(
        written: String,
        name: String,
    ) {
        File(results, written).copyTo(File("target/android-test/$name"), overwrite = true)
    }

    @Test
    fun benchmark_whenMeasuring_thenTheScreenSaysWhat() {
        app.gate = CountDownLatch(1)
        start { model() }
        waitFor { "inference waits" in app.log }
        shadowOf(Looper.getMainLooper()).idle()
        assertEquals("Measuring", activity.findViewById<TextView>(R.id.message_title).text)
        val text = activity.findViewById<TextView>(R.id.message_text).text.toString()
        assertTrue(text, text.startsWith("mobilenet_v1_a0.50_r160_int8: 10 runs of warm-up and 50 measured (0 %)"))
        screenshot(activity, "measuring")
        app.gate?.countDown()
        waitFor { activity.isFinishing }
    }

    @Test
    fun benchmark_whenImagesArePushed_thenPredictionsInOrder() {
        val images = File(files, "images").apply { mkdirs() }
        PHOTO.copyTo(File(images, "000001.jpg"))
        File(images, "000000.jpg").writeBytes(ByteArray(0))
        measure {
            model()
            putExtra("runs", 1)
            putExtra("images", "images")
            putExtra("run", "b")
        }
        copyForPython("b.predictions.json", "predictions.json")
        val predictions = JSONObject(File(results, "b.predictions.json").readText())
        assertEquals("b", predictions.getString("run"))
        assertTrue(predictions.getDouble("seconds") > 0)
        val (empty, photo) = (0..1).map { predictions.getJSONArray("images").getJSONObject(it) }
        assertEquals("000000.jpg", empty.getString("file"))
        assertTrue("0 bytes" in empty.getString("error"))
        assertTrue(photo.isNull("error"))
        assertEquals("[0,1,2,3,4]", photo.getJSONArray("classes").toString())
        assertEquals(5, photo.getJSONArray("scores").length())
        // int8 has steps of 1/256, so a score is at most half a step from the engine's.
        assertEquals(0.9, photo.getJSONArray("scores").getDouble(0), 0.5 / 256)
    }

    @Test
    fun benchmark_whenExtrasAreWrong_thenErrorSentence() {
        assertEquals(
            "Expected a number from 1 to 8: --ei threads N; got 99.",
            error {
                model()
                putExtra("threads", 99)
            },
        )
    }

    @Test
    fun benchmark_whenTheModelIsUnknown_thenErrorNamesThoseThere() {
        val sentence = error { putExtra("model", "no_such") }
        assertTrue(sentence, "no_such" in sentence && "pushed/mobilenet_v1_a0.50_r160_int8" in sentence)
        assertEquals(listOf("no_such.result.json"), results.list()!!.toList())
    }

    @Test
    fun benchmark_whenTwoFoldersHaveTheModel_thenErrorAsksWhich() {
        writeModel(File(files, "models/again"), "mobilenet_v1_a0.50_r160")
        val sentence = error { putExtra("model", "mobilenet_v1_a0.50_r160_int8") }
        assertTrue(sentence, "again/mobilenet_v1_a0.50_r160_int8 or pushed/mobilenet_v1_a0.50_r160_int8" in sentence)
    }

    @Test
    fun benchmark_whenTheFolderIsBroken_thenErrorIsItsSentence() {
        writeModel(File(files, "models/broken"), "broken") { it.put("schema_version", 6) }
        val sentence = error { putExtra("model", "broken/broken_int8") }
        assertTrue(sentence, "version 6" in sentence)
    }

    @Test
    fun benchmark_whenTheAcceleratorDoesNotStart_thenErrorAndNoCpu() {
        app.failing[Accelerator.GPU] = "GPU does not start on this device: no OpenCL."
        val sentence =
            error {
                model()
                putExtra("accelerator", "gpu")
            }
        assertEquals("GPU does not start on this device: no OpenCL.", sentence)
        assertFalse(app.log.any { it.startsWith("engine opened") })
    }

    @Test
    fun benchmark_whenThereAreNoImages_thenErrorSaysWhere() {
        val sentence =
            error {
                model()
                putExtra("images", "nowhere")
            }
        assertTrue(sentence, "${files.path}/nowhere" in sentence)
    }
}
