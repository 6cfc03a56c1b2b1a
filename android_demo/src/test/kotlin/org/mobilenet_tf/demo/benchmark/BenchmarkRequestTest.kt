package org.mobilenet_tf.demo.benchmark

import org.junit.Assert.assertEquals
import org.junit.Assert.assertThrows
import org.junit.Assert.assertTrue
import org.junit.Test
import org.mobilenet_tf.demo.core.Accelerator
import org.mobilenet_tf.demo.core.DemoException

class BenchmarkRequestTest {
    private fun refusal(vararg extras: Pair<String, Any?>): String =
        assertThrows(DemoException::class.java) { BenchmarkRequest.of(mapOf(*extras)) }.message.orEmpty()

    @Test
    fun request_whenOnlyTheModelIsGiven_thenDefaults() {
        val request = BenchmarkRequest.of(mapOf("model" to "folder/name.tflite"))
        assertEquals(BenchmarkRequest("folder/name", 1, Accelerator.CPU, 50, 10, null), request)
    }

    @Test
    fun request_whenAnExtraIsWrong_thenSaysWhatWasExpected() {
        assertTrue(refusal(), "--es model NAME" in refusal())
        assertEquals("Expected a number from 1 to 8: --ei threads N; got 9.", refusal("model" to "m", "threads" to 9))
        assertEquals("Expected a number from 1 to 8: --ei threads N; got 4.", refusal("model" to "m", "threads" to "4"))
        assertTrue("cpu, gpu or nnapi; got tpu" in refusal("model" to "m", "accelerator" to "tpu"))
        assertTrue("--es model TEXT" in refusal("model" to 3))
    }

    @Test
    fun run_whenNotGiven_thenTheModelsName() {
        assertEquals("name", BenchmarkRequest.runOf(mapOf("model" to "folder/name.tflite")))
        assertEquals("a1", BenchmarkRequest.runOf(mapOf("model" to "name", "run" to "a1")))
    }

    @Test
    fun run_whenItWouldBeAPath_thenItBecomesAName() {
        assertEquals("_.._x", BenchmarkRequest.runOf(mapOf("run" to "/../x")))
        assertEquals("_x", BenchmarkRequest.runOf(mapOf("run" to "../x")))
        assertEquals("benchmark", BenchmarkRequest.runOf(mapOf("run" to "..")))
    }

    @Test
    fun peakMemory_whenTheKernelReportsIt_thenInBytes() {
        assertEquals(123L * 1024, peakMemoryBytes(listOf("Name: x", "VmHWM:\t     123 kB", "VmRSS: 1 kB")))
        assertEquals(null, peakMemoryBytes(listOf("Name: x")))
    }
}
