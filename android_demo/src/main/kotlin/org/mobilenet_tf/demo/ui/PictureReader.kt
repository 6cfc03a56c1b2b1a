package org.mobilenet_tf.demo.ui

import android.content.ContentResolver
import android.graphics.Bitmap
import android.graphics.BitmapFactory
import android.graphics.Matrix
import android.media.ExifInterface
import android.net.Uri
import android.os.Build
import org.mobilenet_tf.demo.core.ArgbFrame
import org.mobilenet_tf.demo.core.DemoException
import org.mobilenet_tf.demo.core.Orientation
import java.io.ByteArrayInputStream
import java.io.IOException
import java.io.InputStream

/** A picture's pixels as they are stored, and their orientation. reduction: null if the pixels are all there. */
class DecodedPicture(
    val frame: ArgbFrame,
    val orientation: Orientation,
    val reduction: Reduction?,
)

/** Reads picture files. Throws DemoException with a sentence for the screen if a file is not a picture. */
object PictureReader {
    private const val LARGEST_FILE_BYTES = 100 shl 20
    private const val CHOOSE_ANOTHER = "Choose another picture."

    /** The whole file that was chosen in the system's picker. */
    fun bytes(
        resolver: ContentResolver,
        uri: Uri,
    ): ByteArray =
        try {
            resolver.openInputStream(uri)?.use { bytes(it) }
                ?: throw DemoException("The app that has the picture does not provide it. $CHOOSE_ANOTHER")
        } catch (error: IOException) {
            throw DemoException("The picture cannot be read: ${error.message}. $CHOOSE_ANOTHER", error)
        } catch (error: SecurityException) {
            throw DemoException("The picture may no longer be read. Choose it again.", error)
        }

    private fun bytes(input: InputStream): ByteArray {
        val bytes = input.readBytes()
        if (bytes.isEmpty()) throw DemoException("Expected a picture; the file is empty (0 bytes). $CHOOSE_ANOTHER")
        if (bytes.size > LARGEST_FILE_BYTES) {
            throw DemoException(
                "Expected at most ${LARGEST_FILE_BYTES shr 20} MB; the file has ${bytes.size shr 20}. $CHOOSE_ANOTHER",
            )
        }
        return bytes
    }

    /**
     * All pixels of a picture, because the rule averages all of them, as far as they fit into memory. While a picture
     * is decoded it is in memory twice, as Android's bitmap and as our array, at 4 bytes a pixel. Together they may
     * take half of the app's heap; since Android 8, when bitmaps left the heap, the array alone may. A larger picture
     * is decoded at 1/2, 1/4 and so on of its width and height, and `reduction` reports that.
     */
    fun decode(
        bytes: ByteArray,
        heapBytes: Long = Runtime.getRuntime().maxMemory(),
    ): DecodedPicture {
        if (bytes.isEmpty()) throw DemoException("Expected a picture; the file is empty (0 bytes). $CHOOSE_ANOTHER")
        val bounds = BitmapFactory.Options().apply { inJustDecodeBounds = true }
        BitmapFactory.decodeByteArray(bytes, 0, bytes.size, bounds)
        if (bounds.outWidth <= 0 || bounds.outHeight <= 0) throw notAPicture()
        val pixels = bounds.outWidth.toLong() * bounds.outHeight
        val copies = if (Build.VERSION.SDK_INT >= Build.VERSION_CODES.O) 1 else 2
        var factor = 1
        while (pixels / factor / factor * BYTES_PER_PIXEL * copies > heapBytes / 2) factor *= 2
        val reduction = if (factor == 1) null else Reduction((pixels / 1_000_000).toInt(), factor)
        try {
            return DecodedPicture(frameOf(bytes, factor), Orientation.ofExif(exif(bytes)), reduction)
        } catch (error: OutOfMemoryError) { // the heap holds other things too
            throw DemoException(
                "The picture's ${pixels / 1_000_000} megapixels do not fit into memory. $CHOOSE_ANOTHER",
                error,
            )
        }
    }

    private fun frameOf(
        bytes: ByteArray,
        factor: Int,
    ): ArgbFrame {
        val options =
            BitmapFactory.Options().apply {
                inSampleSize = factor
                inPremultiplied = false // transparency is ignored: the colours as they are stored
            }
        val bitmap = BitmapFactory.decodeByteArray(bytes, 0, bytes.size, options) ?: throw notAPicture()
        val pixels = IntArray(bitmap.width * bitmap.height)
        bitmap.getPixels(pixels, 0, bitmap.width, 0, 0, bitmap.width, bitmap.height)
        val frame = ArgbFrame().apply { set(bitmap.width, bitmap.height, pixels) }
        bitmap.recycle()
        return frame
    }

    /** Upright and small, for the screen: its long side has between `side` and 2 * `side` pixels, or fewer. */
    fun thumbnail(
        bytes: ByteArray,
        side: Int,
    ): Bitmap {
        val bounds = BitmapFactory.Options().apply { inJustDecodeBounds = true }
        BitmapFactory.decodeByteArray(bytes, 0, bytes.size, bounds)
        var factor = 1
        while (maxOf(bounds.outWidth, bounds.outHeight) / (2 * factor) >= side) factor *= 2
        val options = BitmapFactory.Options().apply { inSampleSize = factor }
        val bitmap = BitmapFactory.decodeByteArray(bytes, 0, bytes.size, options) ?: throw notAPicture()
        val orientation = exif(bytes)
        if (orientation !in MIRRORED_OR_TURNED) return bitmap
        return Bitmap.createBitmap(bitmap, 0, 0, bitmap.width, bitmap.height, uprightMatrix(orientation), true)
    }

    private val MIRRORED_OR_TURNED = 2..8

    private fun uprightMatrix(exif: Int) =
        Matrix().apply {
            when (exif) {
                ExifInterface.ORIENTATION_ROTATE_180 -> setRotate(180f)
                ExifInterface.ORIENTATION_ROTATE_90, ExifInterface.ORIENTATION_TRANSPOSE -> setRotate(90f)
                ExifInterface.ORIENTATION_ROTATE_270, ExifInterface.ORIENTATION_TRANSVERSE -> setRotate(270f)
                ExifInterface.ORIENTATION_FLIP_VERTICAL -> setRotate(180f)
            }
            val mirrored =
                exif == ExifInterface.ORIENTATION_FLIP_HORIZONTAL || exif == ExifInterface.ORIENTATION_FLIP_VERTICAL ||
                    exif == ExifInterface.ORIENTATION_TRANSPOSE || exif == ExifInterface.ORIENTATION_TRANSVERSE
            if (mirrored) postScale(-1f, 1f)
        }

    private fun exif(bytes: ByteArray): Int =
        try {
            ExifInterface(ByteArrayInputStream(bytes))
                .getAttributeInt(ExifInterface.TAG_ORIENTATION, ExifInterface.ORIENTATION_NORMAL)
        } catch (_: IOException) {
            ExifInterface.ORIENTATION_NORMAL // a format without EXIF
        }

    private fun notAPicture() =
        DemoException(
            "Expected a JPEG, PNG, WebP or another picture that Android reads; the file is not one of these, " +
                "or it is damaged. $CHOOSE_ANOTHER",
        )

    private const val BYTES_PER_PIXEL = 4
}
