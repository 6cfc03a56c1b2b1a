package org.mobilenet_tf.demo

import android.Manifest
import android.app.Activity
import android.app.Application
import android.content.Intent
import android.content.pm.PackageManager
import android.graphics.Bitmap
import android.graphics.Canvas
import android.graphics.Rect
import android.net.Uri
import android.os.Looper
import android.view.View
import android.view.ViewGroup
import android.widget.ImageView
import android.widget.SeekBar
import android.widget.TextView
import org.junit.Before
import org.junit.runner.RunWith
import org.mobilenet_tf.demo.core.Fit
import org.mobilenet_tf.demo.core.ScoredBox
import org.robolectric.Robolectric
import org.robolectric.RobolectricTestRunner
import org.robolectric.RuntimeEnvironment
import org.robolectric.Shadows.shadowOf
import org.robolectric.android.controller.ActivityController
import org.robolectric.annotation.Config
import java.io.File
import java.time.Duration

const val PORTRAIT = "w360dp-h800dp-port-xxhdpi"
const val LANDSCAPE = "w800dp-h360dp-land-xxhdpi"
const val SPLIT_SCREEN = "w400dp-h360dp-land-xxhdpi"
const val TABLET = "w1280dp-h800dp-land-mdpi"
const val TABLET_PORTRAIT = "w800dp-h1280dp-port-mdpi"

/** The real activity with a simulated camera and engine, one pushed model, and the camera's permission. */
@RunWith(RobolectricTestRunner::class)
@Config(application = TestApp::class, qualifiers = PORTRAIT)
abstract class AppTest {
    protected val app: TestApp get() = RuntimeEnvironment.getApplication() as TestApp
    protected val files: File get() = requireNotNull(app.getExternalFilesDir(null))
    protected lateinit var controller: ActivityController<MainActivity>
    protected val activity: MainActivity get() = controller.get()

    @Before
    fun pushModel() {
        writeModel(File(files, "models/mobilenet_v1_a0.50_r160"), "mobilenet_v1_a0.50_r160")
        shadowOf(app as Application).grantPermissions(Manifest.permission.CAMERA)
    }

    /** In the place of the model: a detector that finds these objects in every picture, which it takes by this rule. */
    protected fun pushDetector(
        vararg objects: ScoredBox,
        fit: Fit = Fit.STRETCH,
    ) {
        File(files, "models").deleteRecursively()
        writeDetector(File(files, "models/ssd"), "ssd", fit)
        app.objects = objects.toList()
    }

    /** In the place of the model: one of tags, with a threshold for each. */
    protected fun pushTags(
        labels: List<String>,
        thresholds: List<Double>,
    ) {
        File(files, "models").deleteRecursively()
        writeTags(File(files, "models/tags"), "tags", thresholds, labels)
    }

    /** In the place of the model: an embedding whose vectors are the app's scores. */
    protected fun pushEmbedding(dimensions: Int) {
        File(files, "models").deleteRecursively()
        writeEmbedding(File(files, "models/vector"), "vector", dimensions)
    }

    /** Chooses a picture in the gallery, and returns when it is on the screen with its result. */
    protected fun choosePicture(file: File) {
        val uri = Uri.parse("content://gallery/1")
        shadowOf(app.contentResolver).registerInputStreamSupplier(uri) { file.inputStream() }
        click(R.id.open_picture)
        val request = shadowOf(activity).nextStartedActivityForResult.intent
        shadowOf(activity).receiveResult(request, Activity.RESULT_OK, Intent().setData(uri))
        waitFor("the picture") { view<ImageView>(R.id.picture).drawable != null && text(R.id.results_text) == "" }
    }

    protected fun start() {
        controller = Robolectric.buildActivity(MainActivity::class.java).setup()
        settle()
    }

    /** Returns when the engine is open, and the screen says so wherever it speaks of the model. */
    protected fun startWithModel() {
        start()
        // On how many threads it runs is known of an open engine alone.
        waitFor("an open engine") { "thread" in text(R.id.running) }
    }

    /** Returns when the engine is open and one frame was classified. */
    protected fun startLive() {
        start()
        waitFor("an open engine") {
            app.log.any { it.startsWith("engine opened") } &&
                title() != app.getString(R.string.starting)
        }
        frame()
    }

    /** One frame, classified and on the screen. */
    protected fun frame() {
        val before = app.log.count { it == "frame returned" }
        waitFor("a frame that is taken") { app.camera.frame() }
        waitFor("the frame to come back") { app.log.count { it == "frame returned" } > before }
        settle()
    }

    protected fun settle() = shadowOf(Looper.getMainLooper()).idleFor(Duration.ofMillis(500))

    /** Lets main thread and inference thread work until `condition` holds. */
    protected fun waitFor(
        what: String,
        condition: () -> Boolean,
    ) {
        val end = System.nanoTime() + LIMIT_NANOS
        while (!condition()) {
            check(System.nanoTime() < end) { "timed out while waiting for $what; the log is ${app.log}" }
            settle()
            Thread.sleep(2)
        }
    }

    protected fun <T : View> view(id: Int): T = activity.findViewById(id)

    protected fun text(id: Int): String = view<TextView>(id).text.toString()

    protected fun shown(id: Int): Boolean = view<View>(id).isShown

    /** Of the message in place of the camera, or over its last frame; empty if there is none. */
    protected fun title(): String =
        when {
            shown(R.id.message) -> text(R.id.message_title)
            shown(R.id.starting) -> text(R.id.starting)
            else -> ""
        }

    protected fun message(): String = text(R.id.message_text)

    /** Back as Android 13 and later deliver it: to the callback on top, which without one of the app's is the system's. */
    protected fun pressBack() {
        requireNotNull(activity.window.decorView.viewRootImpl.onBackInvokedDispatcher.topCallback).onBackInvoked()
        settle()
    }

    /** Where a view is in the window. */
    protected fun placeOf(id: Int): Rect {
        val at = IntArray(2)
        val view = view<View>(id)
        view.getLocationInWindow(at)
        return Rect(at[0], at[1], at[0] + view.width, at[1] + view.height)
    }

    protected fun deny() = shadowOf(app as Application).denyPermissions(Manifest.permission.CAMERA)

    protected fun answer(granted: Boolean) {
        if (granted) shadowOf(app as Application).grantPermissions(Manifest.permission.CAMERA)
        val result = if (granted) PackageManager.PERMISSION_GRANTED else PackageManager.PERMISSION_DENIED
        activity.onRequestPermissionsResult(1, arrayOf(Manifest.permission.CAMERA), intArrayOf(result))
        settle()
    }

    /** Of a model's results: those of the first, or of the second. */
    protected fun rows(results: Int = R.id.results): List<String> {
        val rows = view<View>(results).findViewById<ViewGroup>(R.id.score_rows)
        return (0 until rows.childCount)
            .map { rows.getChildAt(it) }
            .filter { it.isShown }
            .map { "${it.findViewById<TextView>(R.id.label).text} ${it.findViewById<TextView>(R.id.score).text}" }
    }

    protected fun click(id: Int) {
        view<View>(id).performClick()
        settle()
    }

    /** As a finger moves a slider. */
    protected fun slide(
        id: Int,
        progress: Int,
    ) {
        val bar = view<SeekBar>(id)
        bar.progress = progress
        shadowOf(bar).onSeekBarChangeListener.onProgressChanged(bar, progress, true)
        settle()
    }

    private companion object {
        const val LIMIT_NANOS = 30_000_000_000L
    }
}

/** Draws an activity's window into target/screenshots/. */
fun screenshot(
    activity: Activity,
    name: String,
): Bitmap {
    val window = activity.window.decorView
    val bitmap = Bitmap.createBitmap(window.width, window.height, Bitmap.Config.ARGB_8888)
    window.jumpDrawablesToCurrentState() // a radio button is drawn after its animation
    window.draw(Canvas(bitmap))
    val file = File("target/screenshots/$name.png")
    file.parentFile?.mkdirs()
    file.outputStream().use { bitmap.compress(Bitmap.CompressFormat.PNG, 100, it) }
    return bitmap
}

/** A bundled photo, 372 x 288. */
val PHOTO = File("../mobilenet_tf/assets/photos/macaw.jpg")
