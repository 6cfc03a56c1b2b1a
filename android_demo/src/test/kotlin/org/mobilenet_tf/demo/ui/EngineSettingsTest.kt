package org.mobilenet_tf.demo.ui

import android.widget.RadioGroup
import org.junit.Assert.assertEquals
import org.junit.Assert.assertFalse
import org.junit.Assert.assertTrue
import org.junit.Test
import org.mobilenet_tf.demo.AppTest
import org.mobilenet_tf.demo.R
import org.mobilenet_tf.demo.core.Accelerator
import java.io.File

/** What the settings do to the engine. */
class EngineSettingsTest : AppTest() {
    @Test
    fun accelerator_whenItDoesNotStart_thenSaysSoAndIsOff() {
        app.failing[Accelerator.GPU] = "GPU does not start on this device: no OpenCL."
        startLive()
        click(R.id.open_settings)
        click(R.id.gpu)
        waitFor("the notice") { shown(R.id.notice) }
        val problem = "GPU is off, and the model runs on the CPU: GPU does not start on this device: no OpenCL."
        assertEquals(problem, text(R.id.notice_text))
        assertEquals(R.id.cpu, view<RadioGroup>(R.id.accelerator).checkedRadioButtonId)
        assertEquals(Accelerator.CPU, SettingsStore(app).read().accelerator)
        waitFor("the CPU") { app.log.last().contains(" CPU ") && title() == "" }
        click(R.id.dismiss_notice)
        assertFalse(shown(R.id.notice))
    }

    @Test
    fun accelerator_whenTheModelIsBroken_thenItStaysChosenAndTheModelIsToBlame() {
        SettingsStore(app).write(Settings(accelerator = Accelerator.GPU))
        val file =
            File(files, "models/mobilenet_v1_a0.50_r160").listFiles { file ->
                file.extension == "tflite"
            }!!.single()
        file.writeBytes(file.readBytes().copyOf(100))
        start()
        waitFor("the problem") { title() == "The model cannot be used" }
        assertTrue(message(), "It was cut short" in message())
        assertFalse(shown(R.id.notice))
        assertEquals(Accelerator.GPU, SettingsStore(app).read().accelerator)
    }

    @Test
    fun settings_whenTheNumberOfClassesOrTheThresholdIsMoved_thenTheEngineStaysOpen() {
        startLive()
        slide(R.id.top_k, 0)
        waitFor("one class") { rows() == listOf("espresso 90 %") }
        slide(R.id.top_k, 9)
        waitFor("all of them") { rows().size == 5 }
        slide(R.id.threshold, 1)
        waitFor("those of 5 % and more") { rows() == listOf("espresso 90 %", "consomme 7 %") }
        assertTrue(text(R.id.frames), text(R.id.frames).startsWith("Frames: 1"))
        assertEquals(1, app.log.count { it.startsWith("engine opened") })
        assertEquals(1, app.inferences.get())
    }

    @Test
    fun threads_whenTheEngineRunsOnFewer_thenTheScreenSaysSo() {
        app.mostThreads = 1
        SettingsStore(app).write(Settings(threads = 4))
        startLive()
        assertTrue(text(R.id.running), text(R.id.running).startsWith("CPU (XNNPACK), 1 thread ·"))
    }

    @Test
    fun accelerator_whenItStarts_thenItRuns() {
        startLive()
        click(R.id.gpu)
        waitFor("the GPU") { app.log.last().contains(" GPU ") && title() == "" }
        assertTrue(text(R.id.running), text(R.id.running).startsWith("GPU"))
        assertFalse(shown(R.id.notice))
    }
}
