package org.mobilenet_tf.demo.core

import com.sun.management.ThreadMXBean
import java.lang.management.ManagementFactory

private val threads = ManagementFactory.getThreadMXBean() as ThreadMXBean

/** Bytes that this thread allocates in `runs` runs, after as many to warm up. */
fun allocatedBytes(
    runs: Int,
    run: () -> Unit,
): Long {
    repeat(runs) { run() }
    val before = threads.currentThreadAllocatedBytes
    repeat(runs) { run() }
    return threads.currentThreadAllocatedBytes - before
}
