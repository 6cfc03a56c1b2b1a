package org.mobilenet_tf.demo.core

import org.junit.Assert.assertArrayEquals
import org.junit.Assert.assertEquals
import org.junit.Assert.assertThrows
import org.junit.Test

class OrientationTest {
    @Test
    fun exif_whenItIsKnown_thenTheOrientationOfThatNumber() {
        for (n in 1..8) assertEquals(n, Orientation.ofExif(n).exif)
    }

    @Test
    fun exif_whenItIsUnknown_thenUpright() {
        for (n in listOf(-1, 0, 9, 65535)) assertEquals(Orientation.UPRIGHT, Orientation.ofExif(n))
    }

    @Test
    fun rotation_whenItIsAFullTurnMore_thenTheSame() {
        for (degrees in listOf(0, 90, 180, 270)) {
            assertEquals(Orientation.ofRotation(degrees), Orientation.ofRotation(degrees - 360))
            assertEquals(Orientation.ofRotation(degrees, true), Orientation.ofRotation(degrees + 360, true))
        }
    }

    @Test
    fun rotation_whenItIsNoQuarterTurn_thenRefused() {
        assertThrows(IllegalArgumentException::class.java) { Orientation.ofRotation(45) }
    }

    @Test
    fun rotation_whenItIsApplied_thenThePictureIsRotatedClockwiseAndThenMirrored() {
        // A picture of 2 x 2 stays as it is if res is the side of its crop: 1 2 over 3 4.
        val expected =
            mapOf(
                (0 to false) to listOf(1, 2, 3, 4),
                (90 to false) to listOf(3, 1, 4, 2),
                (180 to false) to listOf(4, 3, 2, 1),
                (270 to false) to listOf(2, 4, 1, 3),
                (0 to true) to listOf(2, 1, 4, 3),
                (90 to true) to listOf(1, 3, 2, 4),
                (180 to true) to listOf(3, 4, 1, 2),
                (270 to true) to listOf(4, 2, 3, 1),
            )
        val preprocess = Preprocess(2)
        val frame = ArgbFrame().apply { set(2, 2, intArrayOf(1, 2, 3, 4)) }
        for ((turn, blues) in expected) {
            preprocess.run(frame, Orientation.ofRotation(turn.first, turn.second))
            val blue = IntArray(4) { preprocess.rgb[3 * it + 2].toInt() }
            assertArrayEquals("$turn", blues.toIntArray(), blue)
        }
    }
}
