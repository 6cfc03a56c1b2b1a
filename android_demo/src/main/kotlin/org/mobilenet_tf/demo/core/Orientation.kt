package org.mobilenet_tf.demo.core

/**
 * EXIF's eight ways in which a picture may be stored. For the upright pixel (X, Y): the stored column runs with Y where
 * `transposed`, else with X, and backwards where `flipX`; the stored row with the other, backwards where `flipY`.
 */
enum class Orientation(
    val exif: Int,
    internal val transposed: Boolean,
    internal val flipX: Boolean,
    internal val flipY: Boolean,
) {
    UPRIGHT(1, false, false, false),
    MIRRORED(2, false, true, false),
    ROTATE_180(3, false, true, true),
    FLIPPED(4, false, false, true),
    TRANSPOSED(5, true, false, false),
    ROTATE_90(6, true, false, true),
    TRANSVERSED(7, true, true, true),
    ROTATE_270(8, true, true, false),
    ;

    companion object {
        private val all = values()

        /**
         * A picture that is upright once it is turned clockwise by `degrees`, a multiple of 90, and then, where
         * `mirrored`, swapped left and right.
         */
        fun ofRotation(
            degrees: Int,
            mirrored: Boolean = false,
        ): Orientation {
            require(degrees % 90 == 0) { "expected a multiple of 90 degrees; got $degrees" }
            return when (Math.floorMod(degrees, 360)) {
                0 -> if (mirrored) MIRRORED else UPRIGHT
                90 -> if (mirrored) TRANSPOSED else ROTATE_90
                180 -> if (mirrored) FLIPPED else ROTATE_180
                else -> if (mirrored) TRANSVERSED else ROTATE_270
            }
        }

        /** EXIF's number; upright for any that EXIF does not know, as everyone reads it. */
        fun ofExif(n: Int): Orientation = if (n in 1..all.size) all[n - 1] else UPRIGHT
    }
}
