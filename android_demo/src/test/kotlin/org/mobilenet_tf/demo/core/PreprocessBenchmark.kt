package org.mobilenet_tf.demo.core

/** `make bench-android`: preprocessing of camera frames compared with a naive version, on this computer's JVM. */
object PreprocessBenchmark {
    private class Case(
        val width: Int,
        val height: Int,
        val res: Int,
        val turns: Int,
    )

    private val cases =
        listOf(Case(1280, 720, 160, 0), Case(1280, 720, 160, 1), Case(640, 480, 224, 1), Case(1920, 1080, 96, 1))
    private const val WARM_UP = 150
    private const val RUNS = 300

    @JvmStatic
    fun main(arguments: Array<String>) {
        println("YUV_420_888 to RGB, median of $RUNS frames after $WARM_UP on one thread")
        println(
            "%-30s %10s %10s %7s %16s %16s".format(
                "frame",
                "ours, ms",
                "naive, ms",
                "ratio",
                "ours, B/frame",
                "naive, B/frame",
            ),
        )
        cases.forEach(::measure)
    }

    private fun measure(case: Case) {
        val frame = cameraLike(case.width, case.height)
        val preprocess = Preprocess(case.res)
        val orientation = Orientation.ofRotation(90 * case.turns)
        val ours = { preprocess.run(frame, orientation) }
        val naive = { lastResult = NaivePreprocess.run(frame, case.turns, case.res) }
        val oursMs = medianMs(ours)
        val naiveMs = medianMs(naive)
        val name = "${case.width} x ${case.height} to ${case.res}, rotated ${90 * case.turns}"
        val bytes = listOf(allocatedBytes(RUNS, ours), allocatedBytes(20, naive) * RUNS / 20).map { it / RUNS }
        println(
            "%-30s %10.3f %10.3f %7.1f %16d %16d".format(name, oursMs, naiveMs, naiveMs / oursMs, bytes[0], bytes[1]),
        )
    }

    /** Gradients with some noise; chroma interleaved, as on most phones. */
    private fun cameraLike(
        width: Int,
        height: Int,
    ): YuvFrame {
        val frame = yuvNoise(width, height, 1, 1, width, 2, width)
        for (plane in listOf(frame.y, frame.u, frame.v)) {
            for (index in 0 until plane.limit()) {
                val gradient = 40 + 80 * (index % width) / width + 80 * (index / width) / height
                plane.put(index, (gradient + (plane.get(index).toInt() and 15)).toByte())
            }
        }
        return frame
    }

    private fun medianMs(run: () -> Unit): Double {
        repeat(WARM_UP) { run() }
        val stats = LatencyStats(RUNS)
        repeat(RUNS) {
            val start = System.nanoTime()
            run()
            stats.add(System.nanoTime() - start)
        }
        return stats.percentileMs(50.0)
    }

    // So that the compiler cannot omit a run.
    private var lastResult = ByteArray(0)
}
