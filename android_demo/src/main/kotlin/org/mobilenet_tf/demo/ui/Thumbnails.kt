package org.mobilenet_tf.demo.ui

import android.graphics.Bitmap
import android.graphics.Color
import org.mobilenet_tf.demo.core.RememberedPhoto
import java.util.WeakHashMap

/** The bitmaps of remembered photos, each made once and kept as long as its photo is remembered. */
internal class Thumbnails {
    private val bitmaps = WeakHashMap<RememberedPhoto, Bitmap>()

    fun of(photo: RememberedPhoto): Bitmap = bitmaps.getOrPut(photo) { bitmapOf(photo) }

    private fun bitmapOf(photo: RememberedPhoto): Bitmap {
        val byte = { index: Int -> photo.rgb[index].toInt() and 255 }
        val pixels =
            IntArray(photo.res * photo.res) { Color.rgb(byte(3 * it), byte(3 * it + 1), byte(3 * it + 2)) }
        return Bitmap.createBitmap(pixels, photo.res, photo.res, Bitmap.Config.ARGB_8888)
    }
}
