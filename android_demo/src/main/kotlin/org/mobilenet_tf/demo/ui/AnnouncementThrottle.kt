package org.mobilenet_tf.demo.ui

/**
 * Decides whether a screen reader announces the result: only if it changed, and not more often than it can speak.
 */
class AnnouncementThrottle(
    private val minIntervalMs: Long,
) {
    private var announced: String? = null
    private var announcedAtMs = 0L

    /** Whether to announce `best`, the best class or the objects of this moment. */
    fun shouldAnnounce(
        best: String,
        nowMs: Long,
    ): Boolean {
        if (best == announced || (announced != null && nowMs - announcedAtMs < minIntervalMs)) return false
        announced = best
        announcedAtMs = nowMs
        return true
    }
}
