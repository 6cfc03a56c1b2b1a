package org.mobilenet_tf.demo.ui

import android.content.Intent
import android.os.Build
import android.provider.MediaStore

/** The system's own picker, which needs no permission: since Android 13 for photos, before that for documents. */
object PicturePicker {
    const val REQUEST = 2

    fun intent(): Intent =
        if (Build.VERSION.SDK_INT >= Build.VERSION_CODES.TIRAMISU) {
            Intent(MediaStore.ACTION_PICK_IMAGES).setType("image/*")
        } else {
            Intent(Intent.ACTION_OPEN_DOCUMENT).addCategory(Intent.CATEGORY_OPENABLE).setType("image/*")
        }
}
