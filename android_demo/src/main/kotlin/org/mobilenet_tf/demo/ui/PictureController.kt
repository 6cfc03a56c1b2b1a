package org.mobilenet_tf.demo.ui

import android.content.ContentResolver
import android.graphics.Bitmap
import android.net.Uri
import android.os.Handler
import android.os.Looper
import org.mobilenet_tf.demo.camera.Recognizer
import org.mobilenet_tf.demo.camera.SecondModel
import org.mobilenet_tf.demo.core.DemoException
import kotlin.concurrent.thread

/**
 * The gallery's picture that is open in place of the camera. It is read and decoded once, on a thread of its own: the app
 * that has the picture may take as long as it likes, and the inference thread does not wait for it. `onChange` is called
 * on the main thread after `state` changed, and all functions are for the main thread.
 */
class PictureController(
    private val resolver: ContentResolver,
    private val thumbnailSide: Int,
    private val onChange: () -> Unit,
) {
    private class Decoded(
        val picture: DecodedPicture,
        val thumbnail: Bitmap,
    )

    private val main = Handler(Looper.getMainLooper())
    private var decoded: Decoded? = null
    private var recognizer: Recognizer? = null
    private var second: SecondModel? = null

    /** Counts the readings that were begun: what an earlier one brings is ignored. */
    private var readings = 0
    private var reading = false

    /** Null if no picture is open. */
    var state: PictureState? = null
        private set

    /** Null closes the picture. */
    var uri: Uri? = null
        set(value) {
            field = value
            forget()
            update(value?.let { PictureState() })
        }

    /** Removes the result and keeps the thumbnail, until the picture is classified again. Does not call `onChange`. */
    fun reset() {
        state = state?.let { PictureState(it.thumbnail) }
    }

    /** Frees the pixels. The picture is read anew when it is classified next; its file may have changed. */
    fun stop() = forget()

    /** Classifies it, as soon as it is read. second: another model that runs it too; null for none. */
    fun classify(
        recognizer: Recognizer,
        second: SecondModel?,
    ) {
        val chosen = uri ?: return
        this.recognizer = recognizer
        this.second = second
        val known = decoded
        update(PictureState(known?.thumbnail ?: state?.thumbnail, reduction = known?.picture?.reduction))
        when {
            known != null -> recognize(known)
            !reading -> read(chosen)
        }
    }

    private fun forget() {
        decoded = null
        recognizer = null
        reading = false
        readings++
    }

    private fun read(chosen: Uri) {
        val number = ++readings
        reading = true
        thread(name = "picture") {
            try {
                val bytes = PictureReader.bytes(resolver, chosen)
                val read = Decoded(PictureReader.decode(bytes), PictureReader.thumbnail(bytes, thumbnailSide))
                onMain(number) { onRead(read) }
            } catch (error: DemoException) {
                onMain(number) { update(PictureState(problem = error.message)) }
            }
        }
    }

    private fun onMain(
        number: Int,
        action: () -> Unit,
    ) = main.post {
        if (number == readings) {
            reading = false
            action()
        }
    }

    private fun onRead(read: Decoded) {
        decoded = read
        update(PictureState(read.thumbnail, reduction = read.picture.reduction))
        recognize(read)
    }

    private fun recognize(known: Decoded) {
        recognizer?.classify(
            picture = { known.picture.frame to known.picture.orientation },
            onFailed = { if (decoded === known) update(PictureState(problem = it)) },
            onDone = { if (decoded === known) update(state?.copy(reading = it)) },
        )
        val other = second ?: return recognizer?.closeSecond() ?: Unit
        recognizer?.compare(other, { known.picture.frame to known.picture.orientation }) {
            if (decoded === known && second === other) update(state?.copy(second = it))
        }
    }

    private fun update(state: PictureState?) {
        this.state = state
        onChange()
    }
}
