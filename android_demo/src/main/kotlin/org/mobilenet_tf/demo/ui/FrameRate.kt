package org.mobilenet_tf.demo.ui

/** How many frames a second were classified in the last seconds, from counts that are read now and then. */
class FrameRate {
    private val times = ArrayDeque<Long>()
    private val counts = ArrayDeque<Long>()

    /**
     * The rate at this moment; null before it is known. A count below the last one begins anew: another model was opened.
     *
     * frames: classified until now. nowMs: of a clock that never goes back.
     */
    fun update(
        frames: Long,
        nowMs: Long,
    ): Double? {
        if (counts.isNotEmpty() && frames < counts.last()) forget()
        times += nowMs
        counts += frames
        while (nowMs - times.first() > WINDOW_MS) {
            times.removeFirst()
            counts.removeFirst()
        }
        val elapsed = nowMs - times.first()
        return if (elapsed < SHORTEST_MS) null else (frames - counts.first()) * 1000.0 / elapsed
    }

    fun forget() {
        times.clear()
        counts.clear()
    }

    private companion object {
        const val WINDOW_MS = 3000L
        const val SHORTEST_MS = 1000L
    }
}
