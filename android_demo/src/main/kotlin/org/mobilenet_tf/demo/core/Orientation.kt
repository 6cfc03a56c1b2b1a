package org.mobilenet_tf.demo.core

/**
 * EXIF's eight ways in which a picture may be stored. For the upright pixel (X, Y), the stored column is Y if
 * `transposed`, else X, counted from the right if `flipX`; the stored row is the other one, counted from below if
 * `flipY`.
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
         * The orientation of a picture that is upright after a clockwise rotation by `degrees`, a multiple of 90, and
         * then, if `mirrored`, an exchange of left and right.
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

        /** By EXIF's number; UPRIGHT for a number that EXIF does not define, as other readers do. */
        fun ofExif(n: Int): Orientation = if (n in 1..all.size) all[n - 1] else UPRIGHT
    }
}
