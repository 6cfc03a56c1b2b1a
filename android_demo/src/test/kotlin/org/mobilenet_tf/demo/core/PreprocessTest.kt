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
    private val byRes = HashMap<Pair<Int, Fit>, Preprocess>()

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
            checkOrientations(photo, "sha256", frame, Fit.CROP)
        }
    }

    private fun check(
        document: JSONObject,
        atLeast: Int,
    ) {
        assertEquals(document.getString("rule_sha256"), Preprocess.ruleSha256(Fit.CROP))
        assertEquals(document.getString("stretch_rule_sha256"), Preprocess.ruleSha256(Fit.STRETCH))
        assertEquals(document.getString("letterbox_rule_sha256"), Preprocess.ruleSha256(Fit.LETTERBOX))
        val cases = document.getJSONArray("cases").objects()
        assertTrue(cases.size >= atLeast)
        for (case in cases) {
            val frame = if (case.getString("kind") == "argb") argbOf(case) else yuvOf(case)
            checkOrientations(case, "sha256", frame, Fit.CROP)
            checkOrientations(case, "stretched_sha256", frame, Fit.STRETCH)
            checkOrientations(case, "letterboxed_sha256", frame, Fit.LETTERBOX)
        }
        println("${cases.size} pictures in 8 orientations equal Python's")
    }

    private fun argbOf(case: JSONObject) = argbNoise(case.getInt("width"), case.getInt("height"), case.getInt("seed"))

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

    /** key: of the hashes of the eight orientations. */
    private fun checkOrientations(
        case: JSONObject,
        key: String,
        frame: Frame,
        fit: Fit,
    ) {
        val res = case.getInt("res")
        val preprocess = byRes.getOrPut(res to fit) { Preprocess(res, fit) }
        for (orientation in Orientation.entries) {
            preprocess.run(frame, orientation)
            val expected = case.getJSONArray(key).getString(orientation.exif - 1)
            assertEquals("$fit $orientation of $case", expected, sha256(preprocess.rgb))
        }
    }

    private fun JSONArray.objects() = (0 until length()).map { getJSONObject(it) }
}
