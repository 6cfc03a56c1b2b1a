package org.mobilenet_tf.demo.core

/** What a float network takes for a byte: (byte - mean) / std, with one value each, or one for each of RGB. */
class Normalization(
    val mean: List<Float>,
    val std: List<Float>,
) {
    /** The value of each byte of red, then those of green and of blue. */
    fun valuesOfBytes(): FloatArray =
        FloatArray(CHANNELS * BYTES) { (it % BYTES - of(mean, it / BYTES)) / of(std, it / BYTES) }

    private fun of(
        values: List<Float>,
        channel: Int,
    ) = if (values.size == 1) values[0] else values[channel]

    companion object {
        const val CHANNELS = 3
        const val BYTES = 256

        /** Of the networks that the toolkit trains: from -1 to 1. */
        val FROM_MINUS_ONE_TO_ONE = Normalization(listOf(127.5f), listOf(127.5f))
    }
}
