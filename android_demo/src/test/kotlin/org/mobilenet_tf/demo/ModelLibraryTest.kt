package org.mobilenet_tf.demo

import org.junit.Assert.assertEquals
import org.junit.Assert.assertNull
import org.junit.Assert.assertThrows
import org.junit.Assert.assertTrue
import org.junit.Assume.assumeTrue
import org.junit.Test
import org.junit.runner.RunWith
import org.mobilenet_tf.demo.core.DemoException
import org.robolectric.RobolectricTestRunner
import org.robolectric.RuntimeEnvironment
import org.robolectric.annotation.Config
import java.io.File

@RunWith(RobolectricTestRunner::class)
@Config(application = TestApp::class)
class ModelLibraryTest {
    private val app get() = RuntimeEnvironment.getApplication()
    private val models get() = File(app.getExternalFilesDir(null), "models")
    private val pushed get() = ModelLibrary(app).entries().filter { it.pushed }

    @Test
    fun entries_whenNothingWasPushed_thenOnlyTheAppsOwn() = assertEquals(emptyList<ModelEntry>(), pushed)

    @Test
    fun entries_whenOneFolderIsBroken_thenTheOthersAreThere() {
        writeModel(File(models, "a"), "fine")
        writeModel(File(models, "b"), "newer") { it.put("schema_version", 3) }
        File(models, "c").mkdirs()
        File(models, "stray.txt").writeText("no folder")
        val found = pushed
        assertEquals(listOf("files/a/fine_int8", "files/b", "files/c"), found.map { it.id })
        assertNull(found[0].problem)
        assertTrue(found[1].problem.orEmpty(), "version 3" in found[1].problem.orEmpty())
        assertTrue(found[2].problem.orEmpty(), "manifest.json" in found[2].problem.orEmpty())
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
    fun assets_whenThereAreModels_thenTheirFilesAreRead() {
        val name = app.assets.list("models").orEmpty().firstOrNull()
        assumeTrue("skipped: no export was there when the app was built", name != null)
        val source = AssetSource(app.assets, "models/$name")
        assertTrue("manifest.json" in source.names())
        assertEquals(name, source.id)
        val entries = entriesOf(source, pushed = false)
        val model = requireNotNull(entries.first().model) { entries.first().problem.orEmpty() }
        assertEquals("app/$name/${model.name}", entries.first().id)
        assertEquals(
            source.open("labels.txt").use {
                it.readBytes().size
            },
            source.text("labels.txt").toByteArray().size,
        )
        assertEquals(model.file.sizeBytes, model.bytes().capacity().toLong())
    }
}
