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

    /**
     * The whole file that was chosen in the system's picker. Not more is read than may be kept, whatever the app that
     * has the picture says of its size, and whatever that app throws becomes a sentence.
     */
    @Suppress("TooGenericExceptionCaught") // Android throws here what the other app has thrown
    fun bytes(
        resolver: ContentResolver,
        uri: Uri,
        heapBytes: Long = Runtime.getRuntime().maxMemory(),
    ): ByteArray =
        try {
            resolver.openInputStream(uri)?.use { bytes(it, largestFile(heapBytes)) }
                ?: throw DemoException("The app that has the picture does not provide it. $CHOOSE_ANOTHER")
        } catch (error: DemoException) {
            throw error
        } catch (error: IOException) {
            throw DemoException("The picture cannot be read: ${reasonOf(error)}. $CHOOSE_ANOTHER", error)
        } catch (error: SecurityException) {
            throw DemoException("The picture may no longer be read. Choose it again.", error)
        } catch (error: RuntimeException) {
            throw DemoException("The app that has the picture failed: ${reasonOf(error)}. $CHOOSE_ANOTHER", error)
        } catch (error: OutOfMemoryError) {
            throw DemoException("The picture's file does not fit into memory. $CHOOSE_ANOTHER", error)
        }

    private fun reasonOf(error: Exception) = error.message?.trimEnd('.') ?: error.javaClass.simpleName

    /** While a file is read it is in memory twice; the picture decoded from it takes up to half of the heap. */
    private fun largestFile(heapBytes: Long): Int = minOf(LARGEST_FILE_BYTES.toLong(), heapBytes / 4).toInt()

    private fun bytes(
        input: InputStream,
        limit: Int,
    ): ByteArray {
        val parts = ArrayList<ByteArray>()
        var last = ByteArray(PART_BYTES)
        var filled = 0
        while (true) {
            val count = input.read(last, filled, last.size - filled)
            if (count < 0) break
            filled += count
            if (parts.size.toLong() * PART_BYTES + filled > limit) {
                val most = "${limit shr 20} MB"
                throw DemoException("Expected a picture of at most $most; the file has more. $CHOOSE_ANOTHER")
            }
            if (filled == last.size) {
                parts += last
                last = ByteArray(PART_BYTES)
                filled = 0
            }
        }
        val bytes = ByteArray(parts.size * PART_BYTES + filled)
        parts.forEachIndexed { index, part -> part.copyInto(bytes, index * PART_BYTES) }
        last.copyInto(bytes, parts.size * PART_BYTES, 0, filled)
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
        return guarded(pixels) {
            DecodedPicture(frameOf(bytes, factor), Orientation.ofExif(exif(bytes)), reduction)
        }
    }

    /** What `action` returns for a picture of so many pixels; whatever a decoder of the system throws is a sentence. */
    @Suppress("TooGenericExceptionCaught") // for a damaged file it throws any
    internal fun <T> guarded(
        pixels: Long,
        action: () -> T,
    ): T =
        try {
            action()
        } catch (error: OutOfMemoryError) { // the heap holds other things too
            throw DemoException(
                "The picture's ${pixels / 1_000_000} megapixels do not fit into memory. $CHOOSE_ANOTHER",
                error,
            )
        } catch (error: DemoException) {
            throw error
        } catch (error: RuntimeException) {
            throw DemoException("${notAPicture().message} (${reasonOf(error)})", error)
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
        return guarded(bounds.outWidth.toLong() * bounds.outHeight) {
            val bitmap = BitmapFactory.decodeByteArray(bytes, 0, bytes.size, options) ?: throw notAPicture()
            upright(bitmap, exif(bytes))
        }
    }

    private fun upright(
        bitmap: Bitmap,
        exif: Int,
    ): Bitmap {
        if (exif !in MIRRORED_OR_TURNED) return bitmap
        return Bitmap.createBitmap(bitmap, 0, 0, bitmap.width, bitmap.height, uprightMatrix(exif), true)
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
    private const val PART_BYTES = 1 shl 20
}
