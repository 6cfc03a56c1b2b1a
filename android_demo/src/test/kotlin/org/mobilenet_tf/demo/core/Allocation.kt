package org.mobilenet_tf.demo.core

import com.sun.management.ThreadMXBean
import java.lang.management.ManagementFactory

private val threads = ManagementFactory.getThreadMXBean() as ThreadMXBean

/** Bytes that this thread allocates in `runs` runs, after as many to warm up: the least of several measurements. */
fun allocatedBytes(
    runs: Int,
    run: () -> Unit,
): Long {
    repeat(runs) { run() }
    return (1..TIMES).minOf {
        val before = threads.currentThreadAllocatedBytes
        repeat(runs) { run() }
        threads.currentThreadAllocatedBytes - before
    }
}

// What the code allocates is allocated every time; what the JVM does on the same thread, now and then, is not.
private const val TIMES = 3
