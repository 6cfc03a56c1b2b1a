package org.mobilenet_tf.demo.ui

import android.Manifest
import android.app.Application
import android.content.pm.PackageManager
import android.graphics.Bitmap
import android.graphics.Canvas
import android.graphics.Color
import android.view.View
import org.junit.Assert.assertEquals
import org.junit.Assert.assertTrue
import org.junit.Test
import org.mobilenet_tf.demo.LANDSCAPE
import org.mobilenet_tf.demo.PHOTO
import org.mobilenet_tf.demo.R
import org.mobilenet_tf.demo.SPLIT_SCREEN
import org.mobilenet_tf.demo.TABLET
import org.mobilenet_tf.demo.TABLET_PORTRAIT
import org.mobilenet_tf.demo.camera.CameraProblem
import org.mobilenet_tf.demo.camera.PreviewView
import org.mobilenet_tf.demo.core.Accelerator
import org.mobilenet_tf.demo.writeModel
import org.robolectric.RuntimeEnvironment
import org.robolectric.Shadows.shadowOf
import org.robolectric.annotation.Config
import java.io.File

/**
 * Draws every state into target/screenshots/, for people to look at, and compares it with the recorded one. A bundled photo
 * replaces the camera's picture. The scores are those of mobilenet-classify with mobilenet_v1_a0.50_r160_int8 for the
 * photo, cropped to the camera's 4 : 3 or whole; the latencies are made up, because each run measures others.
 */
class ScreenshotTest : DrawnScreen() {
    @Test
    fun live_whenPortrait_thenDrawn() {
        live()
        val drawn = draw("live")
        assertEquals(1080 to 2400, drawn.width to drawn.height)
        // The top bar is dark, the panel at the bottom is light.
        assertTrue(Color.luminance(drawn.getPixel(540, 10)) < 0.05f)
        assertTrue(Color.luminance(drawn.getPixel(540, 2390)) > 0.9f)
    }

    @Test
    @Config(qualifiers = "w360dp-h800dp-port-night-xxhdpi")
    fun live_whenDark_thenDrawnDark() {
        live()
        assertTrue(Color.luminance(draw("live_dark").getPixel(540, 2390)) < 0.05f)
    }

    @Test
    @Config(qualifiers = LANDSCAPE)
    fun live_whenLandscape_thenDrawn() {
        live()
        val drawn = draw("live_landscape")
        assertEquals(2400 to 1080, drawn.width to drawn.height)
    }

    @Test
    fun live_whenTextIsLarge_thenNothingIsCutOff() {
        RuntimeEnvironment.setFontScale(2f)
        live()
        draw("live_large_text")
        click(R.id.open_settings)
        draw("settings_large_text")
    }

    @Test
    @Config(qualifiers = SPLIT_SCREEN)
    fun live_whenInSplitScreen_thenDrawn() {
        live()
        draw("live_split_screen")
        click(R.id.open_settings)
        draw("settings_split_screen")
    }

    @Test
    @Config(qualifiers = TABLET)
    fun live_whenOnATablet_thenDrawn() {
        live()
        draw("live_tablet")
    }

    @Test
    @Config(qualifiers = TABLET_PORTRAIT)
    fun live_whenOnATabletInPortrait_thenDrawn() {
        live()
        draw("live_tablet_portrait")
    }

    @Test
    @Config(qualifiers = "ar-rEG-ldrtl-w360dp-h800dp-port-xxhdpi")
    fun live_whenTheLanguageIsArabic_thenDrawnFromRightToLeft() {
        live()
        draw("live_arabic")
    }

    @Test
    fun settings_whenOpen_thenDrawn() {
        writeModel(File(files, "models/broken"), "broken") { it.put("classes", 4) }
        SettingsStore(app).write(Settings(model = "files/mobilenet_v1_a0.50_r160/mobilenet_v1_a0.50_r160_int8"))
        app.failing[Accelerator.GPU] = "GPU does not start on this device: no OpenCL. Choose another accelerator."
        live()
        click(R.id.open_settings)
        draw("settings")
        click(R.id.gpu)
        waitFor("the notice, and the CPU") { shown(R.id.notice) && title() == "" }
        draw("settings_accelerator_off")
        click(R.id.close_settings)
        frame()
        draw("live_accelerator_off")
    }

    @Test
    @Config(qualifiers = "w800dp-h360dp-land-night-xxhdpi")
    fun settings_whenLandscapeAndDark_thenDrawn() {
        live()
        click(R.id.open_settings)
        draw("settings_landscape_dark")
    }

    @Test
    fun picture_whenOpen_thenDrawn() {
        openPhoto()
        draw("picture")
    }

    @Test
    fun picture_whenADetectorFindsObjects_thenDrawnWithBoxes() {
        pushDetector(*OBJECTS)
        openPhoto()
        draw("picture_boxes")
    }

    @Test
    fun picture_whenTwoModelsAnswer_thenDrawnSideBySide() {
        writeModel(File(files, "models/other"), "mobilenet_v1_a0.50_r160", recipe = "float32")
        val first = "files/mobilenet_v1_a0.50_r160/mobilenet_v1_a0.50_r160_int8"
        val second = "files/other/mobilenet_v1_a0.50_r160_float32"
        SettingsStore(app).write(Settings(first, threads = 4, secondModel = second))
        app.scores = WHOLE
        app.scoresOf["mobilenet_v1_a0.50_r160_float32"] = WHOLE_FLOAT
        startLive()
        choosePicture(COFFEE)
        waitFor("the second answer") { rows(R.id.second_results).size == 3 }
        showBars()
        draw("picture_two_models")
    }

    @Test
    fun picture_whenPhotosAreRemembered_thenTheMostSimilarAreDrawn() {
        pushEmbedding(3)
        SettingsStore(app).write(Settings(threads = 4))
        app.scores = listOf(0f, 0f, 1f)
        startLive()
        click(R.id.remember)
        waitFor("the camera's frame") { rows() == listOf("Photo 1 1.00") }
        app.scores = listOf(0.6f, 0.8f, 0f)
        choosePicture(PHOTO)
        click(R.id.remember)
        waitFor("the parrot") { rows() == listOf("Photo 2 1.00", "Photo 1 0.00") }
        app.scores = listOf(1f, 0f, 0f)
        choosePicture(COFFEE)
        waitFor("the coffee") { rows() == listOf("Photo 2 0.60", "Photo 1 0.00") }
        showBars()
        draw("picture_similar")
    }

    @Test
    fun live_whenADetectorFindsObjects_thenDrawnWithBoxes() {
        pushDetector(*OBJECTS)
        live()
        draw("live_boxes")
    }

    @Test
    fun problems_whenAny_thenDrawn() {
        SettingsStore(app).write(Settings(threads = 4))
        shadowOf(app as Application).denyPermissions(Manifest.permission.CAMERA)
        startWithModel()
        showBars()
        // Without a frame it is transparent on a phone.
        view<PreviewView>(R.id.preview).texture.visibility = View.INVISIBLE
        draw("starting")
        val refused = intArrayOf(PackageManager.PERMISSION_DENIED)
        activity.onRequestPermissionsResult(1, arrayOf(Manifest.permission.CAMERA), refused)
        draw("permission_refused")
    }

    @Test
    fun camera_whenInUse_thenDrawn() {
        app.camera.problem = CameraProblem.InUse
        startWithModel()
        showBars()
        draw("camera_in_use")
    }

    @Test
    @Config(qualifiers = "w360dp-h800dp-port-night-xxhdpi")
    fun camera_whenNone_thenDrawn() {
        app.camera.available = emptyList()
        startWithModel()
        showBars()
        draw("no_camera_dark")
    }

    @Test
    fun model_whenBroken_thenDrawn() {
        File(files, "models").deleteRecursively()
        writeModel(File(files, "models/broken"), "broken") { it.put("classes", 4) }
        start()
        waitFor("the problem") { title() != "Starting…" }
        showBars()
        draw("model_problem")
    }

    @Test
    fun icon_whenAdaptive_thenDrawn() {
        start()
        val icon = requireNotNull(activity.getDrawable(R.mipmap.ic_launcher))
        val bitmap = Bitmap.createBitmap(432, 432, Bitmap.Config.ARGB_8888)
        icon.setBounds(0, 0, 432, 432)
        icon.draw(Canvas(bitmap))
        File("target/screenshots/icon.png").outputStream().use { bitmap.compress(Bitmap.CompressFormat.PNG, 100, it) }
        assertTrue(Color.alpha(bitmap.getPixel(216, 216)) == 255)
    }
}
