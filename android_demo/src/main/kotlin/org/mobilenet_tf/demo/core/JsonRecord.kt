package org.mobilenet_tf.demo.core

import org.json.JSONArray
import org.json.JSONException
import org.json.JSONObject

internal const val EXPORT_AGAIN = "Export the model again."

/**
 * A JSON object whose fields must be there and of the type asked for; org.json by itself turns numbers into texts and
 * texts into numbers. `where` is what errors call it.
 */
internal class JsonRecord(
    private val json: JSONObject,
    private val where: String,
) {
    fun text(key: String): String = value(key, "a text")

    fun flag(key: String): Boolean = value(key, "true or false")

    fun number(key: String): Double = value<Number>(key, "a number").toDouble()

    fun whole(key: String): Int = wholeNumber(value<Any>(key, WHOLE), "$where.$key").toInt()

    fun size(key: String): Long = wholeNumber(value<Any>(key, WHOLE), "$where.$key")

    fun record(key: String): JsonRecord = JsonRecord(value(key, "an object"), "$where.$key")

    fun records(key: String): List<JsonRecord> =
        items(key).mapIndexed { index, item ->
            JsonRecord(
                item as? JSONObject ?: throw wrong("$where.$key[$index]", "an object", item),
                "$where.$key[$index]",
            )
        }

    fun wholes(key: String): List<Int> = items(key).map { wholeNumber(it, "$where.$key").toInt() }

    /** A name that can only be of a file beside the manifest, never one elsewhere on the phone. */
    fun fileName(key: String): String {
        val name = text(key)
        if (name.isEmpty() || '/' in name || '\\' in name || name.startsWith(".")) {
            throw DemoException(
                "$where.$key: expected the name of a file beside the manifest; got \"$name\". $EXPORT_AGAIN",
            )
        }
        return name
    }

    override fun toString(): String = json.toString()

    private fun items(key: String): List<Any> {
        val array = value<JSONArray>(key, "a list")
        return (0 until array.length()).map { array.get(it) }
    }

    private fun wholeNumber(
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
        val value = json.opt(key) ?: throw DemoException("$where has no \"$key\". $EXPORT_AGAIN")
        return value as? T ?: throw wrong("$where.$key", kind, value)
    }

    private fun wrong(
        what: String,
        kind: String,
        value: Any,
    ) = DemoException("$what: expected $kind; got ${value.toString().take(40)}. $EXPORT_AGAIN")

    companion object {
        private const val WHOLE = "a whole number"

        fun parse(
            text: String,
            where: String,
        ): JsonRecord = JsonRecord(readJson(where) { JSONObject(text) }, where)

        fun parseList(
            text: String,
            where: String,
        ): List<JsonRecord> =
            JsonRecord(readJson(where) { JSONObject().put("list", JSONArray(text)) }, where).records("list")

        private fun readJson(
            where: String,
            read: () -> JSONObject,
        ): JSONObject =
            try {
                read()
            } catch (error: JSONException) {
                throw DemoException("$where is no JSON: ${error.message.orEmpty().take(80)}. $EXPORT_AGAIN", error)
            } catch (error: StackOverflowError) {
                throw DemoException("$where is no JSON: it has too many levels. $EXPORT_AGAIN", error)
            }
    }
}
