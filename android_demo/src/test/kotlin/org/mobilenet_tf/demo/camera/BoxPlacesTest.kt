package org.mobilenet_tf.demo.camera

import android.graphics.RectF
import org.junit.Assert.assertEquals
import org.junit.Test
import org.junit.runner.RunWith
import org.mobilenet_tf.demo.core.ArgbFrame
import org.mobilenet_tf.demo.core.BoxesHead
import org.mobilenet_tf.demo.core.DType
import org.mobilenet_tf.demo.core.Engine
import org.mobilenet_tf.demo.core.Fit
import org.mobilenet_tf.demo.core.Head
import org.mobilenet_tf.demo.core.Normalization
import org.mobilenet_tf.demo.core.Orientation
import org.mobilenet_tf.demo.core.Pipeline
import org.mobilenet_tf.demo.core.Preprocess
import org.mobilenet_tf.demo.core.Readings
import org.mobilenet_tf.demo.core.ScoredBox
import org.mobilenet_tf.demo.core.TensorSpec
import org.robolectric.RobolectricTestRunner
import java.nio.ByteBuffer

/** A white patch on black goes through the app's whole path, from stored pixels to the pixels of the view. */
@RunWith(RobolectricTestRunner::class)
class BoxPlacesTest {
    private fun spec(vararg shape: Int) = TensorSpec(DType.FLOAT32, shape.toList(), 0f, 0)

    /** A detector of one object: the box around everything that is brighter than grey. */
    private inner class BrightEngine : Engine {
        override val runtime = "test"
        override val xnnpack = "none"
        override val threads = 1
        override val inputs = listOf(spec(1, RES, RES, 3))
        override val outputs = listOf(spec(1, 1, 4), spec(1, 1), spec(1, 1), spec(1))

        override fun run(
            inputs: List<ByteBuffer>,
            outputs: List<ByteBuffer>,
        ) {
            // The border of a letterbox is 127, which is next to 0.
            val bright = (0 until RES * RES).filter { inputs[0].getFloat(4 * 3 * it) > 0.1f }
            val sides =
                listOf(
                    bright.minOf { it / RES },
                    bright.minOf { it % RES },
                    bright.maxOf { it / RES } + 1,
                    bright.maxOf { it % RES } + 1,
                )
            sides.forEachIndexed { index, side -> outputs[0].putFloat(4 * index, side / RES.toFloat()) }
            listOf(0f, 1f, 1f).forEachIndexed { index, value -> outputs[index + 1].putFloat(0, value) }
        }

        override fun close() = Unit
    }

    private fun detect(
        frame: ArgbFrame,
        orientation: Orientation,
        fit: Fit,
    ): ScoredBox {
        val engine = BrightEngine()
        val head = BoxesHead(engine.outputs, Head.EVERYTHING)
        val pipeline = Pipeline(Preprocess(RES, fit), Normalization.FROM_MINUS_ONE_TO_ONE, engine, head)
        pipeline.run(frame, orientation)
        return Readings(listOf("patch"), head).apply { add(pipeline) }.reading().boxes.single()
    }

    /** A stored frame, white where the condition on column and row holds. */
    private fun stored(
        width: Int,
        height: Int,
        white: (Int, Int) -> Boolean,
    ) = ArgbFrame().apply {
        set(width, height, IntArray(width * height) { if (white(it % width, it / width)) 0xFFFFFF else 0 })
    }

    /** The stored form of an upright picture of 640 x 480, by EXIF's definition of row 0 and column 0. */
    private fun storedFrom(
        orientation: Orientation,
        patch: RectF,
    ): ArgbFrame {
        val (w, h) = 640 to 480
        val turned = orientation.exif >= 5
        val white = { x: Int, y: Int -> patch.contains((x + 0.5f) / w, (y + 0.5f) / h) }
        return stored(if (turned) h else w, if (turned) w else h) { column, row ->
            when (orientation.exif) {
                2 -> white(w - 1 - column, row)
                3 -> white(w - 1 - column, h - 1 - row)
                4 -> white(column, h - 1 - row)
                5 -> white(row, column)
                6 -> white(w - 1 - row, column)
                7 -> white(w - 1 - row, h - 1 - column)
                8 -> white(row, h - 1 - column)
                else -> white(column, row)
            }
        }
    }

    /** In the corners of the part that every rule sees; all four are different. */
    private val patches =
        listOf(
            RectF(0.2f, 0.1f, 0.35f, 0.3f),
            RectF(0.7f, 0.1f, 0.8f, 0.25f),
            RectF(0.2f, 0.6f, 0.3f, 0.9f),
            RectF(0.6f, 0.75f, 0.8f, 0.9f),
        )

    @Test
    fun box_whenInACorner_thenInThatCornerInAllOrientationsOnBothCameras() {
        for (fit in Fit.entries) {
            for (orientation in Orientation.entries) {
                for (patch in patches) {
                    val box = detect(storedFrom(orientation, patch), orientation, fit)
                    checkPlace("$fit $orientation $patch, back", box, patch, front = false)
                    val mirrored = RectF(1 - patch.right, patch.top, 1 - patch.left, patch.bottom)
                    checkPlace("$fit $orientation $patch, front", box, mirrored, front = true)
                }
            }
        }
    }

    /** expected: in shares of the picture as the view shows it. */
    private fun checkPlace(
        what: String,
        box: ScoredBox,
        expected: RectF,
        front: Boolean,
    ) {
        val drawn = RectF()
        ViewMap(top = 100f, left = 50f, height = 480f, width = 640f, mirrored = front).place(box, drawn)
        assertEquals(what, 50 + 640 * expected.left, drawn.left, ONE_OUTPUT)
        assertEquals(what, 50 + 640 * expected.right, drawn.right, ONE_OUTPUT)
        assertEquals(what, 100 + 480 * expected.top, drawn.top, ONE_OUTPUT)
        assertEquals(what, 100 + 480 * expected.bottom, drawn.bottom, ONE_OUTPUT)
    }

    @Test
    fun box_whenOnTheCamerasPicture_thenATouchOfItsMiddleFocusesOnTheObject() {
        val frame = stored(640, 480) { x, y -> x in 160 until 240 && y in 120 until 168 }
        for (sensor in 0 until 360 step 90) {
            for (display in 0 until 360 step 90) {
                for (front in listOf(false, true)) {
                    val camera = StartedCamera(FrameSize(640, 480), sensor, front)
                    val point = requireNotNull(touched(frame, camera, display))
                    val what = "$camera, display $display"
                    // The middle of columns 160 to 240 of 640, and of rows 120 to 168 of 480.
                    assertEquals(what, 0.3125f, point.x, 1f / RES)
                    assertEquals(what, 0.3f, point.y, 1f / RES)
                }
            }
        }
    }

    /** The point of the stored frame that a touch of the box's middle is at. */
    private fun touched(
        frame: ArgbFrame,
        camera: StartedCamera,
        display: Int,
    ): FramePoint? {
        val view = FrameSize(1080, 1600)
        val orientation = Orientation.ofRotation(frameRotation(camera.sensorDegrees, display, camera.front))
        val fit = fitPreview(view.width, view.height, camera.size, camera.sensorDegrees, display)
        val drawn = RectF()
        ViewMap.of(view.width, view.height, fit, camera.front).place(detect(frame, orientation, Fit.STRETCH), drawn)
        return framePoint(drawn.centerX(), drawn.centerY(), view, fit, camera, display)
    }

    private companion object {
        const val RES = 64

        /** An edge is grey in the output that it runs through: it is off by one output at most, 640 / 64 pixels or less. */
        const val ONE_OUTPUT = 10.01f
    }
}
