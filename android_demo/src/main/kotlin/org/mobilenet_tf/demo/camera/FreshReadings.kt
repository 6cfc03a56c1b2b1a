package org.mobilenet_tf.demo.camera

import org.mobilenet_tf.demo.core.Reading

/**
 * Tells a reading of a frame that came after a moment from one of before: a frame that is under way at that moment is of
 * before, although it is counted later. All functions are for the main thread.
 */
class FreshReadings {
    private var seen = 0L
    private var latest: Any? = null

    /** What the recognizer has classified until now does not count, nor the frame that it is busy with. */
    fun forgetBefore(recognizer: Recognizer) {
        val request = Any()
        latest = request
        // The inference thread comes to this after the frame under way.
        recognizer.runInBackground({ recognizer.reading()?.frames ?: 0 }) { frames ->
            if (latest === request) {
                seen = frames
                latest = null
            }
        }
    }

    /** Another model was opened: it counts from 0, and has seen nothing. */
    fun restart() {
        seen = 0
        latest = null
    }

    fun shows(reading: Reading): Boolean = latest == null && reading.frames > seen
}
