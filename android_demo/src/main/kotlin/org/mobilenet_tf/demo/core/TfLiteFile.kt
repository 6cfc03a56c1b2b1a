package org.mobilenet_tf.demo.core

import java.nio.ByteBuffer
import java.nio.ByteOrder

/**
 * Inputs, outputs and number of operators of a .tflite file, read from its FlatBuffers tables. They are checked before
 * an interpreter gets the file, because a damaged file may crash the interpreter, and the app with it.
 */
internal class TfLiteFile private constructor(
    val inputs: List<TensorInfo>,
    val outputs: List<TensorInfo>,
    /** Operators in the graph. */
    val ops: Int,
) {
    /** A tensor of the file; its type may be one that no export's input or output has. */
    class TensorInfo(
        val dtype: String,
        val shape: List<Int>,
        val scale: Float,
        val zeroPoint: Long,
    )

    /** A FlatBuffers table; positions are bytes from the file's start. */
    private class Table(
        private val bytes: ByteBuffer,
        private val start: Int,
    ) {
        private val fields = start - bytes.getInt(start)

        /** The position of field `id`; null if the table omits it. */
        private fun position(id: Int): Int? {
            val entry = 4 + 2 * id
            if (entry + 2 > bytes.getShort(fields)) return null
            val offset = bytes.getShort(fields + entry).toInt() and 0xffff
            return if (offset == 0) null else start + offset
        }

        fun byte(id: Int): Int = position(id)?.let { bytes.get(it).toInt() } ?: 0

        fun table(id: Int): Table? = position(id)?.let { Table(bytes, follow(it)) }

        fun tables(id: Int): List<Table> = vector(id, 4) { Table(bytes, follow(it)) }

        fun ints(id: Int): List<Int> = vector(id, 4) { bytes.getInt(it) }

        fun floats(id: Int): List<Float> = vector(id, 4) { bytes.getFloat(it) }

        fun longs(id: Int): List<Long> = vector(id, 8) { bytes.getLong(it) }

        private fun follow(position: Int) = position + bytes.getInt(position)

        private fun <T> vector(
            id: Int,
            size: Int,
            read: (Int) -> T,
        ): List<T> {
            val vector = follow(position(id) ?: return emptyList())
            val length = bytes.getInt(vector)
            if (length < 0 || length > bytes.capacity() / size) throw IndexOutOfBoundsException("a list of $length")
            return List(length) { read(vector + 4 + size * it) }
        }
    }

    companion object {
        private const val IDENTIFIER = 0x334c4654 // "TFL3"

        // Numbers of fields and types in TensorFlow's schema.fbs.
        private const val SUBGRAPHS = 2
        private const val TENSORS = 0
        private const val INPUTS = 1
        private const val OUTPUTS = 2
        private const val OPERATORS = 3
        private const val SHAPE = 0
        private const val TYPE = 1
        private const val QUANTIZATION = 4
        private const val SCALE = 2
        private const val ZERO_POINT = 3
        private val TYPES =
            "float32 float16 int32 uint8 int64 string bool int16 complex64 int8".split(" ")

        /** Throws DemoException for bytes that are not a .tflite file, or with tables that point outside of it. */
        @Suppress("TooGenericExceptionCaught") // buffers and lists throw these if the file is damaged
        fun read(
            file: ByteBuffer,
            name: String,
        ): TfLiteFile {
            val bytes = file.duplicate().order(ByteOrder.LITTLE_ENDIAN)
            try {
                if (bytes.getInt(4) != IDENTIFIER) throw damaged(name, null)
                return infoOf(Table(bytes, bytes.getInt(0)).tables(SUBGRAPHS).first())
            } catch (error: IndexOutOfBoundsException) {
                throw damaged(name, error)
            } catch (error: NoSuchElementException) {
                throw damaged(name, error)
            }
        }

        private fun infoOf(graph: Table): TfLiteFile {
            val tensors = graph.tables(TENSORS)
            return TfLiteFile(
                graph.ints(INPUTS).map { tensor(tensors[it]) },
                graph.ints(OUTPUTS).map { tensor(tensors[it]) },
                graph.tables(OPERATORS).size,
            )
        }

        private fun tensor(table: Table): TensorInfo {
            val quantization = table.table(QUANTIZATION)
            return TensorInfo(
                TYPES.getOrElse(table.byte(TYPE)) { "type ${table.byte(TYPE)}" },
                table.ints(SHAPE),
                quantization?.floats(SCALE)?.firstOrNull() ?: 0f,
                quantization?.longs(ZERO_POINT)?.firstOrNull() ?: 0L,
            )
        }

        private fun damaged(
            name: String,
            cause: Throwable?,
        ) = DemoException(
            "$name is not a .tflite file, or it is damaged. Push the folder again, or export it again.",
            cause,
        )
    }
}

/** Throws DemoException if the file's input and outputs are not those of the manifest. */
internal fun TfLiteFile.check(manifest: ModelFile) {
    if (inputs.size != 1 || outputs.size != manifest.outputs.size) {
        throw DemoException(
            "${manifest.path}: expected one input and ${counted(manifest.outputs.size)}; got ${inputs.size} and " +
                "${outputs.size}. This app runs models that mobilenet-export made.",
        )
    }
    checkTensor("${manifest.path}'s input", inputs[0], manifest.input)
    manifest.outputs.forEachIndexed { index, expected ->
        checkTensor("${manifest.path}'s ${outputName(manifest, index)}", outputs[index], expected)
    }
}

private fun counted(outputs: Int) = if (outputs == 1) "one output" else "$outputs outputs"

private fun checkTensor(
    what: String,
    tensor: TfLiteFile.TensorInfo,
    expected: TensorSpec,
) {
    checkShape(what, tensor.shape, expected.shape)
    val actual = "${tensor.dtype} of scale ${tensor.scale}, zero point ${tensor.zeroPoint}"
    val described = "${expected.dtype.label} of scale ${expected.scale}, zero point ${expected.zeroPoint}"
    if (actual != described) {
        throw DemoException(
            "$what: the manifest specifies $described; the file has $actual. " +
                "They come from two exports: push the whole folder that mobilenet-export wrote.",
        )
    }
}
