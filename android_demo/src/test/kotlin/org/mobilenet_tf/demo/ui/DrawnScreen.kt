package org.mobilenet_tf.demo.ui

import android.content.res.Configuration
import android.content.res.Resources
import android.graphics.Bitmap
import android.graphics.BitmapFactory
import android.graphics.Canvas
import android.graphics.Insets
import android.graphics.Paint
import android.graphics.Rect
import android.graphics.RectF
import android.graphics.drawable.BitmapDrawable
import android.view.Surface
import android.view.View
import android.view.WindowInsets
import android.view.WindowManager
import org.mobilenet_tf.demo.AppTest
import org.mobilenet_tf.demo.R
import org.mobilenet_tf.demo.camera.PreviewView
import org.mobilenet_tf.demo.core.ScoredBox
import org.mobilenet_tf.demo.screenshot
import org.robolectric.annotation.Config
import java.io.File

/** What tests that draw the screen share: bars, a photo in the place of the camera, and the comparison. */
abstract class DrawnScreen : AppTest() {
    /** The bars of a phone: 24 dp above, 24 below in portrait; a cutout at the left in landscape. */
    protected fun showBars() {
        val density = activity.resources.displayMetrics.density
        val px = { dp: Int -> (dp * density).toInt() }
        val wide = activity.resources.configuration.screenWidthDp > activity.resources.configuration.screenHeightDp
        val insets =
            WindowInsets
                .Builder()
                .setInsets(WindowInsets.Type.statusBars(), Insets.of(0, px(24), 0, 0))
                .setInsets(WindowInsets.Type.navigationBars(), Insets.of(0, 0, 0, px(24)))
                .setInsets(WindowInsets.Type.displayCutout(), if (wide) Insets.of(px(32), 0, 0, 0) else Insets.NONE)
                .build()
        view<View>(R.id.root).dispatchApplyWindowInsets(insets)
        settle()
    }

    /** The photo in the place of the camera's frame of 4 : 3. */
    protected fun showPhoto() {
        val preview = view<PreviewView>(R.id.preview)
        preview.texture.visibility = View.INVISIBLE
        val photo = BitmapFactory.decodeFile(COFFEE.path)
        val aspect = if (upright()) 3f / 4 else 4f / 3
        val width = minOf(preview.width.toFloat(), preview.height * aspect)
        val height = width / aspect
        val left = (preview.width - width) / 2
        val top = (preview.height - height) / 2
        val cut = minOf(photo.width.toFloat(), photo.height * aspect)
        val part = Rect(((photo.width - cut) / 2).toInt(), 0, ((photo.width + cut) / 2).toInt(), (cut / aspect).toInt())
        val bitmap = Bitmap.createBitmap(preview.width, preview.height, Bitmap.Config.ARGB_8888)
        val place = RectF(left, top, left + width, top + height)
        Canvas(bitmap).drawBitmap(photo, part, place, Paint(Paint.FILTER_BITMAP_FLAG))
        preview.background = BitmapDrawable(preview.resources, bitmap)
    }

    protected fun upright() = Resources.getSystem().configuration.orientation == Configuration.ORIENTATION_PORTRAIT

    /** As it is in phones and tablets: the frame is upright in the window's longer direction. */
    protected fun mountSensor() {
        @Suppress("DEPRECATION")
        val rotation = app.getSystemService(WindowManager::class.java).defaultDisplay.rotation
        val turned = rotation == Surface.ROTATION_90 || rotation == Surface.ROTATION_270
        app.camera.sensorDegrees = if (upright() != turned) 90 else 0
    }

    protected fun live() {
        app.scores = if (upright()) UPRIGHT else WHOLE
        mountSensor()
        // The default is as many as there are cores.
        SettingsStore(app).write(SettingsStore(app).read().copy(threads = 4))
        startLive()
        showBars()
        showPhoto()
    }

    protected companion object {
        val COFFEE = File("../mobilenet_tf/assets/photos/coffee.jpg")

        /** Of the photo's middle, 216 x 288 of 432 x 288 pixels; scores of LABELS. */
        val UPRIGHT = listOf(0.496f, 0.152f, 0.074f)

        /** Of the whole photo; of 384 x 288 pixels they are the same. */
        val WHOLE = listOf(0.824f, 0.055f, 0f, 0.043f)

        /** Of the whole photo, by mobilenet_v1_a0.50_r160_float32. */
        val WHOLE_FLOAT = listOf(0.833f, 0.05f, 0.044f, 0.036f)

        /** Placed by eye. */
        val OBJECTS =
            arrayOf(
                ScoredBox("2", 0.93f, top = 0.17f, left = 0.12f, bottom = 0.98f, right = 0.8f),
                ScoredBox("0", 0.81f, top = 0.26f, left = 0.33f, bottom = 0.5f, right = 0.64f),
                ScoredBox("4", 0.55f, top = 0f, left = 0.78f, bottom = 0.6f, right = 1f),
            )
    }

    protected fun draw(name: String): Bitmap {
        settle()
        replaceMeasurements(activity)
        settle()
        return screenshot(activity, name).also { Recorded.check(it, name) }
    }

    protected fun openPhoto() {
        SettingsStore(app).write(Settings(threads = 4))
        app.scores = WHOLE
        startLive()
        choosePicture(COFFEE)
        showBars()
    }
}
