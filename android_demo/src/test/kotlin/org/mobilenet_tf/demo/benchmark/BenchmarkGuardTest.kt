package org.mobilenet_tf.demo.benchmark

import android.content.ComponentName
import android.content.Intent
import android.os.BadParcelableException
import android.os.Bundle
import android.os.Parcel
import android.os.Parcelable
import org.json.JSONObject
import org.junit.Assert.assertEquals
import org.junit.Assert.assertFalse
import org.junit.Assert.assertTrue
import org.junit.Test
import org.mobilenet_tf.demo.BenchmarkActivity
import org.mobilenet_tf.demo.PHOTO
import org.mobilenet_tf.demo.writeModel
import org.robolectric.Robolectric
import java.io.File
import java.util.concurrent.CountDownLatch

/** Hostile and unlucky starts. */
class BenchmarkGuardTest : BenchmarkAppTest() {
    @Test
    fun benchmark_whenImagesAreNotInTheAppsFolder_thenTheirNamesAreWrittenNowhere() {
        val secret = File(app.filesDir, "secrets").apply { mkdirs() }
        File(secret, "diary.jpg").writeBytes(PHOTO.readBytes())
        for (folder in listOf(secret.path, "../../secrets", "images/../../..")) {
            val sentence =
                error {
                    model()
                    putExtra("images", folder)
                }
            assertTrue(sentence, sentence.startsWith("Expected pictures in the app's own folder"))
        }
        assertFalse(results.listFiles()!!.any { "diary" in it.readText() })
    }

    @Test
    fun benchmark_whenAnotherOneIsMeasured_thenRefusedAndTheFirstGoesOn() {
        val gate = CountDownLatch(1)
        app.gate = gate
        start {
            model()
            putExtra("run", "first")
        }
        val first = activity
        waitFor { "inference waits" in app.log }
        start {
            model()
            putExtra("run", "second")
        }
        waitFor { activity.isFinishing }
        val refused = JSONObject(File(results, "second.result.json").readText()).getString("error")
        assertEquals("Expected one benchmark at a time; another one is running. Wait for it to end.", refused)
        app.gate = null
        gate.countDown()
        waitFor { first.isFinishing }
        assertTrue(JSONObject(File(results, "first.result.json").readText()).has("latency_ms"))
        assertEquals(1, app.log.count { it.startsWith("engine opened") })
    }

    @Test
    fun benchmark_whenItsScreenIsClosed_thenItEndsAndSaysSo() {
        val gate = CountDownLatch(1)
        app.gate = gate
        val intent = Intent(app, BenchmarkActivity::class.java).apply { model().putExtra("runs", 1_000_000) }
        val controller = Robolectric.buildActivity(BenchmarkActivity::class.java, intent).setup()
        waitFor { "inference waits" in app.log }
        controller.pause().stop().destroy()
        app.gate = null
        gate.countDown()
        val file = File(results, "mobilenet_v1_a0.50_r160_int8.result.json")
        waitFor { file.exists() }
        assertTrue("was cancelled" in JSONObject(file.readText()).getString("error"))
        assertEquals("engine closed", app.log.last())
        assertEquals(1, app.inferences.get())
    }

    @Test
    fun benchmark_whenTheExtrasCannotBeRead_thenErrorSentence() {
        // Written and read as between two programs, so that the object in it is made only when the app asks for it.
        val parcel = Parcel.obtain()
        parcel.writeBundle(Bundle().apply { putParcelable("model", Unreadable()) })
        parcel.setDataPosition(0)
        val extras = requireNotNull(parcel.readBundle(javaClass.classLoader))
        assertEquals(
            "Expected extras of texts and numbers; they could not be read.",
            error { replaceExtras(extras) },
        )
        assertEquals(listOf("benchmark.result.json"), results.list()!!.toList())
    }

    @Test
    fun benchmark_whenTheRunsNameIsTooLong_thenErrorUnderAShorterOne() {
        val sentence =
            error {
                model()
                putExtra("run", "r".repeat(300))
            }
        assertEquals("Expected a text of at most 100 characters: --es run TEXT; got 300.", sentence)
        assertEquals(listOf("r".repeat(100) + ".result.json"), results.list()!!.toList())
    }

    @Test
    fun benchmark_whenThereIsNoModel_thenErrorIsNotCalledNull() {
        assertTrue("--es model NAME" in error { putExtra("runs", 1) })
        assertEquals(listOf("benchmark.result.json"), results.list()!!.toList())
    }

    @Test
    fun benchmark_whenAScoreIsInfinite_thenThatPhotoHasAnError() {
        writeModel(File(files, "models/float"), "float", recipe = "float32")
        val images = File(files, "images").apply { mkdirs() }
        PHOTO.copyTo(File(images, "000000.jpg"))
        app.scores = listOf(Float.POSITIVE_INFINITY)
        measure {
            putExtra("model", "float/float_float32")
            putExtra("runs", 1)
            putExtra("images", "images")
            putExtra("run", "c")
        }
        val predictions = JSONObject(File(results, "c.predictions.json").readText())
        val sentence = predictions.getJSONArray("images").getJSONObject(0).getString("error")
        assertEquals("The model's scores of 000000.jpg are not finite numbers. Export it again.", sentence)
    }

    @Test
    fun benchmark_whenAnAppStartsIt_thenAndroidAsksForThePermissionOfAdbsShell() {
        val component = ComponentName(app, BenchmarkActivity::class.java)
        assertEquals("android.permission.DUMP", app.packageManager.getActivityInfo(component, 0).permission)
    }
}

/** Android throws the same for an object of a class that the app does not have. */
class Unreadable : Parcelable {
    override fun describeContents() = 0

    override fun writeToParcel(
        parcel: Parcel,
        flags: Int,
    ) = parcel.writeInt(1)

    companion object {
        @JvmField
        val CREATOR =
            object : Parcelable.Creator<Unreadable> {
                override fun createFromParcel(
                    parcel: Parcel,
                ): Unreadable = throw BadParcelableException("no such class")

                override fun newArray(size: Int) = arrayOfNulls<Unreadable>(size)
            }
    }
}
