package org.mobilenet_tf.demo.ui

import android.Manifest
import android.content.Intent
import android.content.res.Configuration
import android.os.Build
import android.view.ViewGroup
import android.widget.Spinner
import org.junit.Assert.assertEquals
import org.junit.Assert.assertFalse
import org.junit.Assert.assertTrue
import org.junit.Test
import org.mobilenet_tf.demo.AppTest
import org.mobilenet_tf.demo.LANDSCAPE
import org.mobilenet_tf.demo.R
import org.mobilenet_tf.demo.camera.CameraProblem
import org.mobilenet_tf.demo.core.Accelerator
import org.mobilenet_tf.demo.writeModel
import org.robolectric.RuntimeEnvironment
import org.robolectric.Shadows.shadowOf
import org.robolectric.util.ReflectionHelpers
import java.io.File
import java.util.concurrent.CountDownLatch

class MainActivityTest : AppTest() {
    @Test
    fun live_whenFrameIsClassified_thenBestClassesAndLatenciesAreShown() {
        startLive()
        assertEquals("", title())
        assertEquals(listOf("espresso 90 %", "consomme 7 %", "cup 1 %"), rows())
        assertEquals("MobileNet V1, small, int8", text(R.id.title))
        assertEquals("mobilenet_v1_a0.50_r160_int8", text(R.id.file))
        assertTrue(text(R.id.frames), text(R.id.frames).startsWith("Frames: 1"))
        assertTrue(text(R.id.running), text(R.id.running).startsWith("CPU (XNNPACK), "))
        val table = view<ViewGroup>(R.id.latency)
        assertEquals(5, table.childCount)
        val inference = table.getChildAt(2).contentDescription.toString()
        assertTrue(inference, inference.matches(Regex("Inference: last [0-9.]+, median [0-9.]+, 9 of 10 within .*")))
    }

    @Test
    fun live_whenBestClassChanges_thenDescriptionSaysSo() {
        startLive()
        assertEquals(
            "espresso, 90 percent, consomme, 7 percent, cup, 1 percent",
            view<ViewGroup>(R.id.results).contentDescription,
        )
    }

    @Test
    fun live_whenNothingReachesTheThreshold_thenSaysSo() {
        SettingsStore(app).write(Settings(thresholdPercent = 95))
        startLive()
        assertEquals("No class has a score of 95 % or more.", text(R.id.results_text))
        assertEquals(emptyList<String>(), rows())
    }

    @Test
    fun live_whenFrameArrivesWhileBusy_thenItIsDroppedAndCounted() {
        startLive()
        app.gate = CountDownLatch(1)
        assertTrue(app.camera.frame())
        waitFor("the inference") { "inference waits" in app.log }
        assertFalse(app.camera.frame())
        assertFalse(app.camera.frame())
        app.gate?.countDown()
        waitFor("the frame") { app.log.count { it == "frame returned" } == 2 }
        settle()
        assertTrue(text(R.id.frames), text(R.id.frames).matches(Regex("Frames: 2\\b.*dropped: 2")))
    }

    @Test
    fun firstStart_whenPermissionIsUnknown_thenTheSystemAsks() {
        deny()
        start()
        assertEquals("Starting…", title())
        answer(granted = true)
        waitFor("the camera") { "camera opened BACK" in app.log }
        waitFor("the live state") { title() == "" }
    }

    @Test
    fun permission_whenRefused_thenThePersonCanBeAskedAgain() {
        deny()
        start()
        shadowOf(app.packageManager).setShouldShowRequestPermissionRationale(Manifest.permission.CAMERA, true)
        answer(granted = false)
        assertEquals("The camera is not allowed", title())
        assertEquals("Allow the camera", text(R.id.message_action))
        click(R.id.message_action)
        answer(granted = true)
        waitFor("the live state") { title() == "" }
    }

    @Test
    fun permission_whenRefusedForGood_thenTheSettingsAreOffered() {
        deny()
        start()
        answer(granted = false)
        assertEquals("Open the app's settings", text(R.id.message_action))
        click(R.id.message_action)
        // The newest comes first; the one before was the system's question for the permission.
        val intent = shadowOf(activity).nextStartedActivity
        assertEquals(android.provider.Settings.ACTION_APPLICATION_DETAILS_SETTINGS, intent.action)
    }

    @Test
    fun camera_whenThereIsNone_thenAPictureIsOffered() {
        app.camera.available = emptyList()
        start()
        assertEquals("No camera", title())
        assertEquals("Choose a picture", text(R.id.message_action))
        assertFalse(shown(R.id.switch_camera))
    }

    @Test
    fun camera_whenUsedByAnotherApp_thenGoesOnWhenItIsAvailable() {
        app.camera.problem = CameraProblem.InUse
        start()
        assertEquals("The camera is in use", title())
        app.camera.problem = null
        app.camera.events?.onAvailable()
        waitFor("the live state") { title() == "" }
    }

    @Test
    fun camera_whenItFails_thenSaysWhyAndTriesAgain() {
        app.camera.problem = CameraProblem.Failed("it was disconnected")
        start()
        assertEquals("The camera does not work", title())
        assertTrue(message(), "it was disconnected" in message())
        app.camera.problem = null
        click(R.id.message_action)
        waitFor("the live state") { title() == "" }
    }

    @Test
    fun camera_whenSwitched_thenTheOtherOneOpensAndStays() {
        startLive()
        click(R.id.switch_camera)
        assertEquals(listOf("camera closed", "camera opened FRONT"), app.log.takeLast(2))
        controller.recreate()
        waitFor("the front camera") { app.log.count { it == "camera opened FRONT" } == 2 }
    }

    @Test
    fun background_whenInMidFrame_thenClosesInOrderAndGoesOnLater() {
        startLive()
        val gate = CountDownLatch(1)
        app.gate = gate
        assertTrue(app.camera.frame())
        waitFor("the inference") { "inference waits" in app.log }
        app.log.clear()
        controller.pause().stop()
        assertEquals(listOf("camera closed"), app.log)
        app.gate = null
        gate.countDown()
        waitFor("the end") { "engine closed" in app.log }
        assertEquals(listOf("camera closed", "inference goes on", "frame returned", "engine closed"), app.log)
        controller.restart().start().resume()
        waitFor("the live state") { app.log.last().startsWith("engine opened") && title() == "" }
        frame()
        assertTrue(text(R.id.frames), text(R.id.frames).startsWith("Frames: 1"))
    }

    @Test
    fun model_whenThereIsNone_thenSaysHowToGetOne() {
        File(files, "models").deleteRecursively()
        start()
        waitFor("the problem") { title() == "The model cannot be used" }
        assertTrue(message(), "mobilenet-export" in message() && "${files.path}/models" in message())
    }

    @Test
    fun model_whenLabelsAreOfTheWrongLength_thenSaysSoAndOthersCanBeChosen() {
        writeModel(File(files, "models/broken"), "broken") { it.put("classes", 4) }
        SettingsStore(app).write(Settings(model = "files/broken"))
        start()
        waitFor("the problem") { title() == "The model cannot be used" }
        assertTrue(message(), message().isNotEmpty())
        click(R.id.message_action)
        assertTrue(shown(R.id.settings))
        view<Spinner>(R.id.model).setSelection(1)
        waitFor("the live state") { title() == "" }
    }

    @Test
    fun model_whenTheFileIsTruncated_thenSaysSo() {
        val file =
            File(files, "models/mobilenet_v1_a0.50_r160").listFiles { file ->
                file.extension == "tflite"
            }!!.single()
        file.writeBytes(file.readBytes().copyOf(100))
        start()
        waitFor("the problem") { title() == "The model cannot be used" }
        assertTrue(message(), "4096" in message() && "100" in message())
    }

    @Test
    fun model_whenSwitched_thenTheOtherOneRunsAndStays() {
        writeModel(File(files, "models/other"), "other", recipe = "float32")
        startLive()
        view<Spinner>(R.id.model).setSelection(1)
        waitFor("the other model") { app.log.last().startsWith("engine opened other_float32") }
        assertTrue(app.log.indexOf("engine closed") < app.log.lastIndex)
        frame()
        assertEquals("other_float32", text(R.id.file))
        controller.recreate()
        waitFor("the other model again") { app.log.count { it.startsWith("engine opened other_float32") } == 2 }
    }

    @Test
    fun rotation_whenToLandscape_thenSettingsAndOpenPanelStay() {
        SettingsStore(app).write(Settings(threads = 2, topK = 2, accelerator = Accelerator.NNAPI))
        startLive()
        click(R.id.open_settings)
        RuntimeEnvironment.setQualifiers("+$LANDSCAPE")
        controller.recreate()
        waitFor("the engine") { app.log.count { it.startsWith("engine opened") } == 2 }
        val opened = app.log.last { it.startsWith("engine opened") }
        assertTrue(opened, opened.endsWith("NNAPI 2"))
        assertEquals(Configuration.ORIENTATION_LANDSCAPE, activity.resources.configuration.orientation)
        assertTrue(shown(R.id.settings))
        frame()
        assertEquals(2, rows().size)
    }

    @Test
    fun settings_whenBackIsPressed_thenTheyClose() {
        startLive()
        click(R.id.open_settings)
        pressBack()
        assertFalse(shown(R.id.settings))
        assertFalse(activity.isFinishing)
    }

    @Test
    fun picture_whenTheButtonIsPressed_thenTheSystemsPickerOpens() {
        startLive()
        click(R.id.open_picture)
        val intent = shadowOf(activity).nextStartedActivityForResult.intent
        assertEquals("android.provider.action.PICK_IMAGES", intent.action)
        assertEquals("image/*", intent.type)
        assertEquals(Intent.ACTION_OPEN_DOCUMENT, pickerBefore13())
    }

    private fun pickerBefore13(): String? {
        ReflectionHelpers.setStaticField(Build.VERSION::class.java, "SDK_INT", 30)
        return PicturePicker.intent().action
    }
}
