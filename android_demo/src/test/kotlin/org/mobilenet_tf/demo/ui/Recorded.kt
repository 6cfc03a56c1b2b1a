package org.mobilenet_tf.demo.ui

import android.graphics.Bitmap
import android.graphics.BitmapFactory
import android.graphics.Color
import java.io.File
import kotlin.math.abs

/**
 * The recorded screenshots: small pictures, of which each pixel is the mean of a square block of the screen.
 * `make android-screenshots` records them anew; look at target/screenshots/ before you commit them.
 */
object Recorded {
    private val FOLDER = File("src/test/resources/screenshots")
    private const val LONG_SIDE = 300

    /**
     * Robolectric brings its own graphics and fonts, so that the same code draws the same pixels. A mean is rounded to a
     * whole step of 255, by half a step at most, here and in the record: 1 step. Another processor may round each pixel of
     * a scaled photo differently, by 1 step, and so their mean: 2 steps in all. A line of text that moves by one pixel of
     * the screen changes blocks by 6 and more, as RecordedTest measures.
     */
    const val TOLERANCE = 2

    fun check(
        drawn: Bitmap,
        name: String,
    ) {
        val small = reduced(drawn)
        val file = File(FOLDER, "$name.png")
        if (System.getProperty("screenshots.record") == "true") return write(small, file)
        check(file.isFile) {
            "expected $file; there is none. Look at target/screenshots/$name.png, then run make android-screenshots"
        }
        val recorded = BitmapFactory.decodeFile(file.path)
        check(recorded.width == small.width && recorded.height == small.height) {
            "expected $name as recorded, ${recorded.width} x ${recorded.height}; got ${small.width} x ${small.height}"
        }
        val difference = largestDifference(recorded, small)
        check(difference.steps <= TOLERANCE) {
            "expected target/screenshots/$name.png as recorded, by $TOLERANCE of 255 at most; it differs by " +
                "${difference.steps} at ${difference.where}. If you want that, run make android-screenshots"
        }
    }

    /** where: in shares of the width and height. */
    class Difference(
        val steps: Int,
        val where: String,
    )

    fun largestDifference(
        first: Bitmap,
        second: Bitmap,
    ): Difference {
        var largest = Difference(0, "")
        for (y in 0 until first.height) {
            for (x in 0 until first.width) {
                val steps = difference(first.getPixel(x, y), second.getPixel(x, y))
                if (steps <= largest.steps) continue
                largest = Difference(steps, "${100 * x / first.width} %, ${100 * y / first.height} %")
            }
        }
        return largest
    }

    private fun difference(
        first: Int,
        second: Int,
    ) = maxOf(
        abs(Color.red(first) - Color.red(second)),
        abs(Color.green(first) - Color.green(second)),
        abs(Color.blue(first) - Color.blue(second)),
    )

    /** Each pixel is the mean of a block; blocks at the right and at the bottom may be smaller. */
    fun reduced(drawn: Bitmap): Bitmap {
        val side = (maxOf(drawn.width, drawn.height) + LONG_SIDE - 1) / LONG_SIDE
        val pixels = IntArray(drawn.width * drawn.height)
        drawn.getPixels(pixels, 0, drawn.width, 0, 0, drawn.width, drawn.height)
        val columns = (drawn.width + side - 1) / side
        val small = Bitmap.createBitmap(columns, (drawn.height + side - 1) / side, Bitmap.Config.ARGB_8888)
        for (y in 0 until small.height) {
            for (x in 0 until small.width) {
                val across = x * side until minOf((x + 1) * side, drawn.width)
                val down = y * side until minOf((y + 1) * side, drawn.height)
                small.setPixel(x, y, mean(pixels, drawn.width, across, down))
            }
        }
        return small
    }

    private fun mean(
        pixels: IntArray,
        width: Int,
        columns: IntRange,
        rows: IntRange,
    ): Int {
        val sums = IntArray(3)
        for (row in rows) {
            for (column in columns) {
                val pixel = pixels[row * width + column]
                sums[0] += Color.red(pixel)
                sums[1] += Color.green(pixel)
                sums[2] += Color.blue(pixel)
            }
        }
        val count = columns.count() * rows.count()
        val (red, green, blue) = sums.map { (it + count / 2) / count }
        return Color.rgb(red, green, blue)
    }

    private fun write(
        bitmap: Bitmap,
        file: File,
    ) {
        file.parentFile?.mkdirs()
        file.outputStream().use { bitmap.compress(Bitmap.CompressFormat.PNG, 100, it) }
    }
}
