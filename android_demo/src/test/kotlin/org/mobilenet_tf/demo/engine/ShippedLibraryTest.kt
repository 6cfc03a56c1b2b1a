package org.mobilenet_tf.demo.engine

import org.junit.Assert.assertEquals
import org.junit.Assert.assertTrue
import org.junit.Before
import org.junit.Test
import org.mobilenet_tf.demo.core.Accelerator
import org.mobilenet_tf.demo.core.EXPORTS
import org.mobilenet_tf.demo.core.FolderSource
import org.mobilenet_tf.demo.core.Manifest
import org.mobilenet_tf.demo.core.Model
import org.mobilenet_tf.demo.core.Models
import org.mobilenet_tf.demo.core.TINY
import org.mobilenet_tf.demo.core.assumeThere
import org.mobilenet_tf.demo.core.bufferOf
import org.tensorflow.lite.Interpreter
import java.io.File

/** The library that is in the APK: its threads, and what opening and closing leaves behind. */
class ShippedLibraryTest {
    @Before
    fun load() = ShippedLibrary.load()

    private fun tiny() = Models.read(FolderSource(TINY)).first { it.file.recipe == "int8" }

    /** A float export, all of which XNNPACK runs. */
    private fun float(): Model {
        assumeThere(EXPORTS)
        val folders = EXPORTS.listFiles { folder -> folder.resolve(Manifest.FILE).exists() }!!.sorted()
        return folders.flatMap { Models.read(FolderSource(it)) }.first { it.file.recipe == "float32" }
    }

    private fun tasks() = File("/proc/self/task").list()!!.size

    private fun run(
        model: Model,
        threads: Int,
        times: Int = 1,
    ): Pair<String, ByteArray> =
        TfLiteEngine.open(model, Accelerator.CPU, threads).use { engine ->
            val inputs = engine.inputs.map(::bufferOf)
            val outputs = engine.outputs.map(::bufferOf)
            for (index in 0 until inputs[0].capacity() / 4) inputs[0].putFloat(4 * index, (index % 255) / 127.5f - 1)
            val before = tasks()
            repeat(times) { engine.run(inputs, outputs) }
            val bytes = ByteArray(outputs[0].capacity()) { outputs[0].get(it) }
            "${engine.xnnpack}, ${engine.threads} threads, ${tasks() - before} started by a run" to bytes
        }

    @Test
    fun library_whenLoaded_thenTheOneOfTheApk() {
        TfLiteEngine.open(tiny(), Accelerator.CPU, 1).use { assertEquals("TensorFlow Lite 2.16.1", it.runtime) }
    }

    @Test
    fun threads_whenTensorFlowLiteStartsXnnpackItself_thenThereIsOneWhateverIsAsked() {
        val model = float()
        val before = tasks()
        Interpreter(model.bytes(), Interpreter.Options().setNumThreads(4)).use {
            it.allocateTensors()
            val outputs = mapOf(0 to bufferOf(model.file.outputs.single()))
            it.runForMultipleInputsOutputs(arrayOf(bufferOf(model.file.input)), outputs)
            assertEquals("the reason for native/xnnpack_threads.c is gone", before, tasks())
        }
    }

    @Test
    fun threads_whenSeveralAreAsked_thenXnnpackRunsOnThem() {
        val model = float()
        run(model, 1) // what the JVM starts for the first run is there from now on
        for (threads in 1..4) {
            val before = tasks()
            TfLiteEngine.open(model, Accelerator.CPU, threads).use {
                assertEquals("whole", it.xnnpack)
                assertEquals(threads, it.threads)
                // The calling thread is one of them.
                assertEquals(before + threads - 1, tasks())
            }
            assertEquals("threads that are left", before, tasks())
        }
    }

    @Test
    fun outputs_whenOnSeveralThreads_thenTheSame() {
        val model = float()
        val (described, expected) = run(model, 1)
        assertTrue(described, described.startsWith("whole, 1 threads"))
        for (threads in 2..4) assertTrue(expected.contentEquals(run(model, threads).second))
    }

    @Test
    fun engine_whenClosedAndOpenedAgain_thenTheSameOutputs() {
        val model = float()
        val first = run(model, 2).second
        repeat(3) { assertTrue(first.contentEquals(run(model, 2).second)) }
    }

    @Test
    fun engines_whenTwoAreOpenAtOnce_thenEachAnswersAsAlone() {
        val model = float()
        val alone = run(model, 1).second
        TfLiteEngine.open(tiny(), Accelerator.CPU, 2).use { assertTrue(alone.contentEquals(run(model, 1).second)) }
    }

    @Test
    fun memory_whenAModelIsLoadedAThousandTimes_thenNothingIsLeftBehind() {
        val model = tiny()
        val load = { threads: Int ->
            TfLiteEngine.open(model, Accelerator.CPU, threads).use { engine ->
                engine.run(engine.inputs.map(::bufferOf), engine.outputs.map(::bufferOf))
            }
        }
        repeat(WARM_UP) { load(1 + it % 2) }
        val (memory, threads, files) = Triple(residentBytes(), tasks(), File("/proc/self/fd").list()!!.size)
        repeat(LOADS) { load(1 + it % 2) }
        val grown = residentBytes() - memory
        println("$LOADS loads: $grown bytes more in memory")
        // An interpreter of this model has about 30 KB. The JVM's heap is resident from the start (pom.xml), and what its
        // compiler adds is far less than a tenth of what leaking interpreters would.
        assertTrue("$grown bytes more after $LOADS loads", grown < LOADS * 3_000L)
        assertTrue("threads that are left: ${tasks() - threads}", tasks() <= threads)
        assertTrue("files that are left open", File("/proc/self/fd").list()!!.size <= files)
    }

    @Suppress("ExplicitGarbageCollectionCall")
    private fun residentBytes(): Long {
        System.gc() // direct buffers are freed with their objects
        Thread.sleep(GC_MS)
        val line = File("/proc/self/status").readLines().first { it.startsWith("VmRSS:") }
        return line.filter { it.isDigit() }.toLong() * 1024
    }

    private companion object {
        const val WARM_UP = 500
        const val LOADS = 1000
        const val GC_MS = 200L
    }
}
