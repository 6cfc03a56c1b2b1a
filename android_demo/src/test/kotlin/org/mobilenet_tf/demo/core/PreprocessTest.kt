package org.mobilenet_tf.demo.core

import org.json.JSONArray
import org.json.JSONObject
import org.junit.Assert.assertEquals
import org.junit.Assert.assertTrue
import org.junit.Test
import java.io.File

/** Compares Kotlin's bytes with Python's, by the hashes that `android_demo.tools.vectors` wrote. */
class PreprocessTest {
    // One for all pictures of a res: no picture may influence the next.
    private val byRes = HashMap<Int, Preprocess>()

    @Test
    fun bytes_whenPicturesAreOfTheCommittedSizes_thenPythons() {
        check(JSONObject(File("src/test/resources/preprocess.json").readText()), atLeast = 10)
    }

    @Test
    fun bytes_whenPicturesAreOfAllSizesAndOrientations_thenPythons() {
        val file = VECTORS.resolve("preprocess.json")
        assumeThere(file)
        check(JSONObject(file.readText()), atLeast = 100)
    }

    @Test
    fun bytes_whenPicturesAreTheBundledPhotos_thenPythons() {
        val folder = VECTORS.resolve("photos")
        assumeThere(folder)
        val photos = JSONArray(folder.resolve("photos.json").readText())
        assertTrue(photos.length() >= 50)
        for (photo in photos.objects()) {
            val frame = readPng(folder.resolve(photo.getString("file")))
            val preprocess = preprocess(photo.getInt("res"))
            checkOrientations(photo) { preprocess.also { p -> p.run(frame, it) } }
        }
    }

    private fun check(
        document: JSONObject,
        atLeast: Int,
    ) {
        assertEquals(document.getString("rule_sha256"), Preprocess.RULE_SHA256)
        val cases = document.getJSONArray("cases").objects()
        assertTrue(cases.size >= atLeast)
        for (case in cases) {
            val preprocess = preprocess(case.getInt("res"))
            if (case.getString("kind") == "argb") {
                val frame = argbNoise(case.getInt("width"), case.getInt("height"), case.getInt("seed"))
                checkOrientations(case) { preprocess.also { p -> p.run(frame, it) } }
            } else {
                val frame = yuvOf(case)
                checkOrientations(case) { preprocess.also { p -> p.run(frame, it) } }
            }
        }
        println("${cases.size} pictures in 8 orientations equal Python's")
    }

    private fun yuvOf(case: JSONObject) =
        yuvNoise(
            case.getInt("width"),
            case.getInt("height"),
            case.getInt("seed"),
            case.getInt("y_pixel_stride"),
            case.getInt("y_row_stride"),
            case.getInt("uv_pixel_stride"),
            case.getInt("uv_row_stride"),
        )

    private fun checkOrientations(
        case: JSONObject,
        run: (Orientation) -> Preprocess,
    ) {
        for (orientation in Orientation.values()) {
            val expected = case.getJSONArray("sha256").getString(orientation.exif - 1)
            assertEquals("$orientation of $case", expected, sha256(run(orientation).rgb))
        }
    }

    private fun preprocess(res: Int) = byRes.getOrPut(res) { Preprocess(res) }

    private fun JSONArray.objects() = (0 until length()).map { getJSONObject(it) }
}
