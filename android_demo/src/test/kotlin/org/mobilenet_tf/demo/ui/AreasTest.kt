package org.mobilenet_tf.demo.ui

import android.graphics.Color
import android.graphics.Rect
import android.graphics.drawable.ColorDrawable
import android.view.View
import android.view.ViewGroup
import org.junit.Assert.assertEquals
import org.junit.Assert.assertFalse
import org.junit.Assert.assertTrue
import org.junit.Test
import org.mobilenet_tf.demo.AppTest
import org.mobilenet_tf.demo.LANDSCAPE
import org.mobilenet_tf.demo.R
import org.mobilenet_tf.demo.SPLIT_SCREEN
import org.mobilenet_tf.demo.TABLET
import org.mobilenet_tf.demo.TABLET_PORTRAIT
import org.robolectric.RuntimeEnvironment
import org.robolectric.annotation.Config

/** Picture, results and details have areas of their own in every window. */
class AreasTest : AppTest() {
    private fun dp(pixels: Int) = pixels / activity.resources.displayMetrics.density

    private fun checkAreas(
        leastPictureDp: Float,
        vararg ids: Int,
    ) {
        val window = Rect(0, 0, activity.window.decorView.width, activity.window.decorView.height)
        val places = ids.map { placeOf(it) }
        for (place in places) assertTrue("$place in $window", window.contains(place) && !place.isEmpty)
        for (first in places.indices) {
            for (second in 0 until first) {
                assertFalse("${places[second]} and ${places[first]}", Rect.intersects(places[first], places[second]))
            }
        }
        val picture = placeOf(R.id.preview)
        // The square that the model sees is as wide as the narrower side of the picture, at most.
        assertTrue("$picture", dp(minOf(picture.width(), picture.height())) >= leastPictureDp)
    }

    private fun startWithTenClasses() {
        SettingsStore(app).write(Settings(topK = 10))
        app.scores = List(5) { 0.2f }
        startLive()
    }

    private fun checkLiveAndSettings(leastPictureDp: Float) {
        checkAreas(leastPictureDp, R.id.preview, R.id.results, R.id.measurements)
        click(R.id.open_settings)
        assertFalse(shown(R.id.measurements))
        checkAreas(leastPictureDp, R.id.preview, R.id.results, R.id.settings)
    }

    @Test
    fun results_whenTenClassesAreShown_thenTheyDoNotCoverThePicture() {
        startWithTenClasses()
        checkLiveAndSettings(180f)
        assertTrue(view<View>(R.id.results).canScrollVertically(1))
    }

    @Test
    fun results_whenTextIsTwiceAsLarge_thenTheyDoNotCoverThePicture() {
        RuntimeEnvironment.setFontScale(2f)
        startLive()
        checkLiveAndSettings(180f)
    }

    @Test
    @Config(qualifiers = LANDSCAPE)
    fun landscape_whenTenClassesAreShown_thenTheyDoNotCoverThePicture() {
        startWithTenClasses()
        checkLiveAndSettings(240f)
    }

    @Test
    @Config(qualifiers = SPLIT_SCREEN)
    fun splitScreen_whenItIs400By360_thenThePictureHasHalfOfIt() {
        startLive()
        checkLiveAndSettings(190f)
    }

    @Test
    @Config(qualifiers = TABLET)
    fun tablet_whenWide_thenThePictureHasMostOfItsWidth() {
        startLive()
        checkLiveAndSettings(600f)
        assertTrue(dp(placeOf(R.id.preview).width()) > 1280 * 0.6f)
    }

    @Test
    @Config(qualifiers = TABLET_PORTRAIT)
    fun tablet_whenTall_thenResultsAndDetailsAreSideBySide() {
        startLive()
        checkLiveAndSettings(600f)
        assertEquals(placeOf(R.id.results_area).top, placeOf(R.id.details).top)
        assertEquals(400f, dp(placeOf(R.id.results_area).width()), 0.5f)
    }

    @Test
    fun picture_whenALabelGetsASecondLineAndLosesIt_thenItDoesNotJump() {
        startLive()
        app.scores = listOf(0f, 0f, 0f, 0f, 0.9f)
        repeat(2) { frame() }
        val before = placeOf(R.id.preview)
        app.scores = listOf(0.9f)
        repeat(2) { frame() }
        assertEquals(before, placeOf(R.id.preview))
    }

    @Test
    fun starting_whenTheModelIsSwitched_thenTheLastFrameStaysDimmed() {
        startLive()
        val stage = placeOf(R.id.stage)
        view<View>(R.id.gpu).performClick() // without the time in which the engine opens
        layOut()
        assertTrue(shown(R.id.starting) && shown(R.id.preview))
        assertFalse(shown(R.id.message))
        val dim = view<View>(R.id.starting)
        assertEquals(listOf(stage, stage), listOf(R.id.stage, R.id.starting).map(::placeOf))
        assertTrue(Color.alpha((dim.background as ColorDrawable).color) < 255)
    }

    /** Now, and not when the main thread is idle. */
    private fun layOut() {
        val root = view<View>(R.id.root)
        val exactly = View.MeasureSpec.EXACTLY
        root.measure(
            View.MeasureSpec.makeMeasureSpec(root.width, exactly),
            View.MeasureSpec.makeMeasureSpec(root.height, exactly),
        )
        root.layout(root.left, root.top, root.right, root.bottom)
    }

    @Test
    fun talkBack_whenOnlyTheScoreChanges_thenItReadsTheNewOne() {
        startLive()
        app.scores = listOf(0.6f)
        frame()
        val results = view<View>(R.id.results)
        val read = results.createAccessibilityNodeInfo().contentDescription
        assertTrue("$read", read.startsWith("espresso, 60 percent"))
        // Not announced: the best class is the same.
        assertTrue("${results.contentDescription}", results.contentDescription.startsWith("espresso, 90 percent"))
    }

    @Test
    fun talkBack_whenItWalksTheLatencies_thenItStopsAtEachRow() {
        startLive()
        val table = view<ViewGroup>(R.id.latency)
        for (index in 1 until table.childCount) {
            val row = table.getChildAt(index)
            assertTrue(row.createAccessibilityNodeInfo().isScreenReaderFocusable)
            assertTrue(row.contentDescription.isNotEmpty())
        }
    }

    @Test
    fun settings_whenOpen_thenNothingThatTheyCoverIsReachable() {
        startLive()
        click(R.id.open_settings)
        val settings = placeOf(R.id.settings)
        val reachable = ArrayList<View>()
        activity.window.decorView.addFocusables(reachable, View.FOCUS_FORWARD)
        val behind =
            reachable
                .filter { it.id != View.NO_ID && !isInside(it, R.id.settings) }
                .filter { Rect.intersects(placeOf(it.id), settings) }
        assertEquals(emptyList<View>(), behind)
    }

    private fun isInside(
        view: View,
        id: Int,
    ): Boolean = generateSequence(view) { it.parent as? View }.any { it.id == id }
}
