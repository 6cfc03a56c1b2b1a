package org.mobilenet_tf.demo.ui

import android.content.ContentResolver
import android.net.Uri
import android.os.Handler
import android.os.Looper
import org.mobilenet_tf.demo.camera.Recognizer

/**
 * The gallery's picture that is open in place of the camera. onChange: called on the main thread after `state` changed.
 */
class PictureController(
    private val resolver: ContentResolver,
    private val thumbnailSide: Int,
    private val onChange: () -> Unit,
) {
    private val main = Handler(Looper.getMainLooper())

    /** Null if no picture is open. */
    var state: PictureState? = null
        private set

    /** Null closes the picture. */
    var uri: Uri? = null
        set(value) {
            field = value
            update(value?.let { PictureState() })
        }

    /** Removes the result and keeps the thumbnail, until the picture is classified again. Does not call `onChange`. */
    fun reset() {
        state = state?.let { PictureState(it.thumbnail) }
    }

    /** Reads and classifies it; its file may have changed since the last time. */
    fun classify(recognizer: Recognizer) {
        val chosen = uri ?: return
        update(PictureState(state?.thumbnail))
        recognizer.classify(
            picture = {
                val bytes = PictureReader.bytes(resolver, chosen)
                val decoded = PictureReader.decode(bytes)
                val thumbnail = PictureReader.thumbnail(bytes, thumbnailSide)
                main.post { if (uri == chosen) update(PictureState(thumbnail, reduction = decoded.reduction)) }
                decoded.frame to decoded.orientation
            },
            onFailed = { if (uri == chosen) update(PictureState(problem = it)) },
            onDone = { if (uri == chosen) update(state?.copy(reading = it)) },
        )
    }

    private fun update(state: PictureState?) {
        this.state = state
        onChange()
    }
}
