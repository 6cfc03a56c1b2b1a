package org.mobilenet_tf.demo

import android.content.res.AssetManager
import org.junit.Assert.assertEquals
import org.junit.Assert.assertNull
import org.junit.Assert.assertThrows
import org.junit.Assert.assertTrue
import org.junit.Test
import org.junit.runner.RunWith
import org.mobilenet_tf.demo.core.DemoException
import org.robolectric.RobolectricTestRunner
import org.robolectric.RuntimeEnvironment
import org.robolectric.annotation.Config
import java.io.File
import java.util.zip.CRC32
import java.util.zip.ZipEntry
import java.util.zip.ZipOutputStream

@RunWith(RobolectricTestRunner::class)
@Config(application = TestApp::class)
class ModelLibraryTest {
    private val app get() = RuntimeEnvironment.getApplication()
    private val models get() = File(app.getExternalFilesDir(null), "models")
    private val pushed get() = ModelLibrary(app).entries().filter { it.pushed }

    @Test
    fun entries_whenNothingWasPushed_thenNoneIsPushed() = assertEquals(emptyList<ModelEntry>(), pushed)

    @Test
    fun entries_whenOneFolderIsBroken_thenTheOthersAreThere() {
        writeModel(File(models, "a"), "fine")
        writeModel(File(models, "b"), "newer") { it.put("schema_version", 6) }
        File(models, "c").mkdirs()
        File(models, "stray.txt").writeText("no folder")
        val entries = pushed
        assertEquals(listOf("files/a/fine_int8", "files/b", "files/c"), entries.map { it.id })
        assertNull(entries[0].problem)
        assertTrue(entries[1].problem.orEmpty(), "version 6" in entries[1].problem.orEmpty())
        assertTrue(entries[2].problem.orEmpty(), "manifest.json" in entries[2].problem.orEmpty())
    }

    @Test
    fun findModel_whenNamed_thenByNameOrFolder() {
        writeModel(File(models, "a"), "one")
        writeModel(File(models, "b"), "two")
        assertEquals("one_int8", findModel(pushed, "one_int8").name)
        assertEquals("two_int8", findModel(pushed, "b/two_int8").name)
        assertThrows(DemoException::class.java) { findModel(pushed, "a/two_int8") }
        assertThrows(DemoException::class.java) { findModel(emptyList(), "one_int8") }
    }

    @Test
    fun assets_whenStoredUncompressed_thenReadAndMapped() {
        val folder = writeModel(File(app.cacheDir, "bundled"), "bundled")
        val source = AssetSource(assetsOf(folder), "models/bundled")
        assertEquals("bundled", source.id)
        assertEquals(File(folder, "labels.txt").readText(), source.read("labels.txt").toString(Charsets.UTF_8))
        val entry = entriesOf(source, pushed = false).single()
        assertEquals("app/bundled/bundled_int8", entry.id)
        val model = requireNotNull(entry.model) { entry.problem.orEmpty() }
        // Compared with the manifest's size and hash.
        assertTrue(model.bytes().isDirect)
    }

    /** The assets of an archive that has this folder in it, stored as the APK's build stores them. */
    private fun assetsOf(folder: File): AssetManager {
        val archive = File(app.cacheDir, "assets.apk")
        ZipOutputStream(archive.outputStream()).use { zip ->
            for (file in folder.listFiles()!!) {
                val bytes = file.readBytes()
                val entry = ZipEntry("assets/models/${folder.name}/${file.name}")
                entry.method = ZipEntry.STORED
                entry.size = bytes.size.toLong()
                entry.crc = CRC32().apply { update(bytes) }.value
                zip.putNextEntry(entry)
                zip.write(bytes)
            }
        }
        return AssetManager::class.java.newInstance().apply { addAssetPath(archive.path) }
    }
}
