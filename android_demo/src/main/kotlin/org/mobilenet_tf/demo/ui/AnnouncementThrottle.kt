package org.mobilenet_tf.demo.ui

/** Lets a screen reader hear that the best class changed, and no more often than it can say. */
class AnnouncementThrottle(
    private val minIntervalMs: Long,
) {
    private var said: String? = null
    private var saidAtMs = 0L

    /** Whether `best`, what is best just now, should be said. */
    fun shouldSay(
        best: String,
        nowMs: Long,
    ): Boolean {
        if (best == said || (said != null && nowMs - saidAtMs < minIntervalMs)) return false
        said = best
        saidAtMs = nowMs
        return true
    }
}
