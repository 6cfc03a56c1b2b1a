package org.mobilenet_tf.demo.core

import org.junit.Assert.assertEquals
import org.junit.Assert.assertTrue
import org.junit.Test

class AllocationTest {
    private fun pipeline(
        dtype: DType,
        res: Int = 96,
        classes: Int = 1000,
    ): Pipeline {
        val scale = if (dtype == DType.FLOAT32) 0f else 1 / 256f
        val input = TensorSpec(dtype, listOf(1, res, res, 3), scale, 0)
        val output = TensorSpec(dtype, listOf(1, classes), scale, 0)
        val file = ModelFile("a.tflite", "int8", 0, "", input, listOf(output))
        val manifest = manifestOf(res, classes, file)
        val model = Model(FolderSource(TINY), manifest, file, List(classes) { "" })
        return pipelineOf(model, FakeEngine(input, listOf(output)), 3, 0.1f)
    }

    private fun manifestOf(
        res: Int,
        classes: Int,
        file: ModelFile,
    ) = Manifest(
        name = "a",
        network = Network("a", 1.0, res, classes, background = false, Activation.SOFTMAX),
        normalization = Normalization.FROM_MINUS_ONE_TO_ONE,
        labels = HashedFile("labels.txt", ""),
        preprocessing = PreprocessingRule("{}", ""),
        golden = "golden",
        files = listOf(file),
    )

    @Test
    fun meter_whenARunAllocates_thenItIsSeen() {
        var last: Any = 0
        assertTrue(allocatedBytes(100) { last = ByteArray(16) } >= 1600)
        assertTrue(last is ByteArray)
    }

    @Test
    fun frame_whenAsTheOneBefore_thenNothingIsAllocated() {
        val yuv = yuvNoise(640, 480, 1)
        val argb = argbNoise(640, 480, 2)
        for (dtype in DType.values()) {
            val pipeline = pipeline(dtype)
            for (orientation in Orientation.values()) {
                assertEquals("$dtype YUV", 0, allocatedBytes(10) { pipeline.run(yuv, orientation) })
                assertEquals("$dtype ARGB", 0, allocatedBytes(10) { pipeline.run(argb, orientation) })
            }
        }
    }

    @Test
    fun frame_whenPointedAtTheNextPicture_thenNothingIsAllocated() {
        val pipeline = pipeline(DType.INT8)
        val frame = YuvFrame()
        val planes = List(2) { yuvNoise(1280, 720, it) }
        var next = 0
        val allocated =
            allocatedBytes(50) {
                val p = planes[next++ % 2]
                frame.set(1280, 720, p.y, p.u, p.v, p.strides)
                pipeline.run(frame, Orientation.ROTATE_90)
            }
        assertEquals(0, allocated)
    }

    @Test
    fun latency_whenAFrameIsAddedAndRead_thenNothingIsAllocated() {
        val stats = LatencyStats(100)
        var sum = 0.0
        val allocated =
            allocatedBytes(500) {
                stats.add(System.nanoTime())
                sum += stats.percentileMs(50.0) + stats.percentileMs(90.0) + stats.lastMs()
            }
        assertEquals(0, allocated)
        assertTrue(sum > 0)
    }
}
