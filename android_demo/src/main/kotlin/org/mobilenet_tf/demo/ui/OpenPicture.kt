package org.mobilenet_tf.demo.ui

import android.content.ContentResolver
import android.graphics.Bitmap
import android.net.Uri
import android.os.Handler
import android.os.Looper
import org.mobilenet_tf.demo.camera.Recognizer

/** The gallery's picture that is open in place of the camera. changed: on the main thread, with what is known of it. */
class OpenPicture(
    private val resolver: ContentResolver,
    private val thumbnailSide: Int,
    private val changed: (PictureFacts?, Bitmap?) -> Unit,
) {
    private val main = Handler(Looper.getMainLooper())
    private var thumbnail: Bitmap? = null
    private var facts: PictureFacts? = null

    /** null: the camera is on. */
    var uri: Uri? = null
        set(value) {
            field = value
            tell(value?.let { PictureFacts() }, null)
        }

    /** Reads and classifies it; its file may have changed since the last time. */
    fun classify(recognizer: Recognizer) {
        val wanted = uri ?: return
        tell(PictureFacts(), thumbnail)
        recognizer.classify(
            picture = {
                val bytes = PictureReader.bytes(resolver, wanted)
                val decoded = PictureReader.decode(bytes)
                val small = PictureReader.thumbnail(bytes, thumbnailSide)
                main.post { if (uri == wanted) tell(PictureFacts(note = decoded.note), small) }
                decoded.frame to decoded.orientation
            },
            failed = { if (uri == wanted) tell(PictureFacts(problem = it), null) },
            then = { if (uri == wanted) tell(facts?.copy(reading = it), thumbnail) },
        )
    }

    private fun tell(
        facts: PictureFacts?,
        thumbnail: Bitmap?,
    ) {
        this.facts = facts
        this.thumbnail = thumbnail
        changed(facts, thumbnail)
    }
}
