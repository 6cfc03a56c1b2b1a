package org.mobilenet_tf.demo.core

import org.json.JSONArray
import org.json.JSONException
import org.json.JSONObject

internal const val EXPORT_AGAIN = "Export the model again."

/**
 * A JSON object whose fields must be there and of the expected type; org.json alone turns numbers into texts and texts
 * into numbers. `path` is what errors call it.
 */
internal class JsonRecord(
    private val json: JSONObject,
    private val path: String,
) {
    fun text(key: String): String = value(key, "a text")

    /** For a field that older files have and newer ones do not. */
    fun text(
        key: String,
        default: String,
    ): String = if (json.has(key)) text(key) else default

    fun has(key: String): Boolean = json.has(key)

    fun isNull(key: String): Boolean = json.isNull(key)

    fun boolean(key: String): Boolean = value(key, "true or false")

    fun number(key: String): Double = value<Number>(key, "a number").toDouble()

    fun numberOrNull(key: String): Double? = if (json.isNull(key) && json.has(key)) null else number(key)

    fun wholeNumber(key: String): Int = toLong(value<Any>(key, WHOLE), "$path.$key").toInt()

    fun longNumber(key: String): Long = toLong(value<Any>(key, WHOLE), "$path.$key")

    fun record(key: String): JsonRecord = JsonRecord(value(key, "an object"), "$path.$key")

    fun records(key: String): List<JsonRecord> =
        items(key).mapIndexed { index, item ->
            JsonRecord(
                item as? JSONObject ?: throw wrong("$path.$key[$index]", "an object", item),
                "$path.$key[$index]",
            )
        }

    fun wholeNumbers(key: String): List<Int> = items(key).map { toLong(it, "$path.$key").toInt() }

    fun numbers(key: String): List<Double> =
        items(key).map { (it as? Number ?: throw wrong("$path.$key", "numbers", it)).toDouble() }

    /** The name of a file beside the manifest; never a path that leads elsewhere on the phone. */
    fun fileName(key: String): String {
        val name = text(key)
        val leadsElsewhere = name.startsWith(".") || name.any { it in "/\\\u2028\u2029" || it.isISOControl() }
        if (leadsElsewhere || name.toByteArray().size !in 1..MAX_NAME_BYTES) {
            throw DemoException(
                "$path.$key: expected the name of a file beside the manifest; got \"$name\". $EXPORT_AGAIN",
            )
        }
        return name
    }

    override fun toString(): String = json.toString()

    private fun items(key: String): List<Any> {
        val array = value<JSONArray>(key, "a list")
        return (0 until array.length()).map { array.get(it) }
    }

    private fun toLong(
        value: Any,
        what: String,
    ): Long {
        val number = (value as? Number ?: throw wrong(what, WHOLE, value)).toDouble()
        if (number != Math.rint(number) || Math.abs(number) > Int.MAX_VALUE) throw wrong(what, WHOLE, value)
        return number.toLong()
    }

    private inline fun <reified T> value(
        key: String,
        kind: String,
    ): T {
        val value = json.opt(key) ?: throw DemoException("$path has no \"$key\". $EXPORT_AGAIN")
        return value as? T ?: throw wrong("$path.$key", kind, value)
    }

    private fun wrong(
        what: String,
        kind: String,
        value: Any,
    ) = DemoException("$what: expected $kind; got ${value.toString().take(40)}. $EXPORT_AGAIN")

    companion object {
        private const val WHOLE = "a whole number"
        private const val MAX_NAME_BYTES = 255

        fun parse(
            text: String,
            path: String,
        ): JsonRecord = JsonRecord(readJson(path) { JSONObject(text) }, path)

        fun parseList(
            text: String,
            path: String,
        ): List<JsonRecord> =
            JsonRecord(readJson(path) { JSONObject().put("list", JSONArray(text)) }, path).records("list")

        private fun readJson(
            path: String,
            read: () -> JSONObject,
        ): JSONObject =
            try {
                read()
            } catch (error: JSONException) {
                throw DemoException("$path is not JSON: ${error.message.orEmpty().take(80)}. $EXPORT_AGAIN", error)
            } catch (error: StackOverflowError) {
                throw DemoException("$path is not JSON: it has too many levels. $EXPORT_AGAIN", error)
            }
    }
}
