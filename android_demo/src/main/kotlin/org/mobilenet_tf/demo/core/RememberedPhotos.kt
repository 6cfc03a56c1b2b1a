package org.mobilenet_tf.demo.core

import kotlin.math.sqrt

/**
 * A photo that a person wants to find again. number: the first that a model has remembered is 1. res, rgb: what the
 * network saw of it, res x res pixels of three bytes. vector: what the network made of it.
 */
class RememberedPhoto(
    val number: Int,
    val res: Int,
    val rgb: ByteArray,
    val vector: FloatArray,
) {
    internal val length = lengthOf(vector)
}

/** A remembered photo and how similar another one is to it: the cosine of the angle between the two vectors, -1 to 1. */
data class SimilarPhoto(
    val photo: RememberedPhoto,
    val cosine: Float,
)

/**
 * The photos that were remembered with one model, in memory alone: one more than `capacity` takes the place of the
 * oldest. Several threads may use it.
 */
class RememberedPhotos(
    val capacity: Int = CAPACITY,
) {
    private val photos = ArrayList<RememberedPhoto>(capacity)
    private var last = 0

    /** Keeps copies of `rgb` and `vector`. */
    @Synchronized
    fun add(
        res: Int,
        rgb: ByteArray,
        vector: FloatArray,
    ) {
        if (photos.size == capacity) photos.removeAt(0)
        photos += RememberedPhoto(++last, res, rgb.copyOf(), vector.copyOf())
    }

    /** Forgets all of them, and counts from 1 again. */
    @Synchronized
    fun clear() {
        photos.clear()
        last = 0
    }

    /** Writes them into an array of `capacity`, the oldest first, and returns how many they are. Allocates nothing. */
    @Synchronized
    fun copyInto(array: Array<RememberedPhoto?>): Int {
        for (index in array.indices) array[index] = if (index < photos.size) photos[index] else null
        return photos.size
    }

    private companion object {
        const val CAPACITY = 12
    }
}

/** The remembered photos of each model: the vectors of two models cannot be compared. */
class RememberedByModel {
    private val byHash = HashMap<String, RememberedPhotos>()

    @Synchronized
    fun of(model: Model): RememberedPhotos = byHash.getOrPut(model.file.sha256) { RememberedPhotos() }
}

/** The cosine of the angle between a vector and a photo's; 0 if one of them has no direction. Allocates nothing. */
internal fun cosine(
    vector: FloatArray,
    length: Double,
    photo: RememberedPhoto,
): Float {
    val other = photo.vector
    if (length == 0.0 || photo.length == 0.0) return 0f
    var product = 0.0
    for (index in vector.indices) product += vector[index].toDouble() * other[index]
    return (product / (length * photo.length)).toFloat()
}

internal fun lengthOf(vector: FloatArray): Double {
    var squares = 0.0
    for (index in vector.indices) squares += vector[index].toDouble() * vector[index]
    return sqrt(squares)
}
