package org.mobilenet_tf.demo.benchmark

import org.json.JSONArray
import org.json.JSONObject
import org.mobilenet_tf.demo.core.Model

/** What a phone is, and when. null: it does not tell. */
data class PhoneFacts(
    val time: String,
    val device: String,
    val cpu: String,
    val cores: Int,
    val memoryBytes: Long?,
    val governor: String?,
    val release: String,
    val sdk: Int,
    val abi: String,
    val appVersion: String,
)

/** What a measurement changes, and is changed by. */
data class PhoneState(
    val batteryPercent: Double?,
    val batteryTemperatureC: Double?,
    val plugged: Boolean?,
    val thermalStatus: String?,
)

/** Everything that a result tells beside the measurement. */
class ResultContext(
    val model: Model,
    val request: BenchmarkRequest,
    val phone: PhoneFacts,
    val before: PhoneState,
    val after: PhoneState,
    val peakMemoryBytes: Long?,
)

/** The JSON of docs/results.md. */
object ResultJson {
    private const val SCHEMA_VERSION = 1
    private const val KEPT_SAMPLES = 1000

    fun of(
        found: Measurement,
        context: ResultContext,
    ): String {
        val model = context.model
        return JSONObject()
            .put("schema_version", SCHEMA_VERSION)
            .put("name", model.name)
            .put("path", "${model.source.id}/${model.file.path}")
            .put("size_bytes", model.file.sizeBytes)
            .put("sha256", model.file.sha256)
            .put("model", modelRecord(model))
            .put("target", "app")
            .put("backend", "demo app, ${found.runtime}")
            .put("accelerator", context.request.accelerator.name.lowercase())
            .put("xnnpack", found.xnnpack)
            .put("threads", context.request.threads)
            .put("latency_ms", latency(found.inference, context.request.warmup))
            .put("stages_ms", stages(found))
            .put("ops", JSONArray())
            .put("peak_memory_bytes", orNull(context.peakMemoryBytes))
            .put("sustained", JSONArray())
            .put("accuracy", JSONObject.NULL)
            .put("quantization", JSONArray())
            .put("preprocessing", JSONObject(model.manifest.preprocessing))
            .put("preprocessing_sha256", model.manifest.preprocessingSha256)
            .put("environment", environment(found, context))
            .put("notes", JSONArray(found.notes))
            .toString(1)
    }

    /** One sentence in place of a result. */
    fun ofError(sentence: String): String = JSONObject().put("error", sentence).toString(1)

    private fun modelRecord(model: Model): JSONObject {
        val input = model.file.input
        return JSONObject()
            .put("arch", model.manifest.arch)
            .put("alpha", model.manifest.alpha)
            .put("res", model.manifest.res)
            .put("recipe", model.file.recipe)
            .put("classes", model.manifest.classes)
            .put("dtype", input.dtype.label)
            .put("scale", input.scale.toDouble())
            .put("zero_point", input.zeroPoint)
            .put("mult_adds", JSONObject.NULL)
            .put("parameters", JSONObject.NULL)
    }

    private fun latency(
        inference: Samples,
        warmup: Int,
    ) = JSONObject()
        .put("p50", inference.percentile(50.0))
        .put("p90", inference.percentile(90.0))
        .put("p99", inference.percentile(99.0))
        .put("min", inference.min)
        .put("mean", inference.mean)
        .put("std", inference.std)
        .put("runs", inference.count)
        .put("warmup", warmup)
        .put("samples", JSONArray(inference.thinned(KEPT_SAMPLES)))

    private fun stages(found: Measurement) =
        JSONObject()
            .put("load", found.loadMs)
            .put("preprocess", found.preprocess.percentile(50.0))
            .put("inference", found.inference.percentile(50.0))
            .put("postprocess", found.postprocess.percentile(50.0))

    private fun environment(
        found: Measurement,
        context: ResultContext,
    ): JSONObject {
        val phone = context.phone
        return JSONObject()
            .put("time", phone.time)
            .put("device", phone.device)
            .put("cpu", phone.cpu)
            .put("cores", phone.cores)
            .put("memory_bytes", orNull(phone.memoryBytes))
            .put("governor", orNull(phone.governor))
            .put("temperature_c", JSONObject.NULL)
            .put("os", "Android ${phone.release}")
            .put("versions", JSONObject().put("demo app", phone.appVersion).put("runtime", found.runtime))
            .put("git_commit", JSONObject.NULL)
            .put("android", android(context))
    }

    private fun android(context: ResultContext) =
        JSONObject()
            .put("abi", context.phone.abi)
            .put("release", context.phone.release)
            .put("sdk", context.phone.sdk)
            .put("soc", context.phone.cpu)
            .put("battery", beforeAndAfter(context, ::battery))
            .put("thermal", beforeAndAfter(context) { JSONObject().put("status", orNull(it.thermalStatus)) })

    private fun beforeAndAfter(
        context: ResultContext,
        record: (PhoneState) -> JSONObject,
    ) = JSONObject().put("before", record(context.before)).put("after", record(context.after))

    private fun battery(state: PhoneState) =
        JSONObject()
            .put("percent", orNull(state.batteryPercent))
            .put("temperature_c", orNull(state.batteryTemperatureC))
            .put("plugged", orNull(state.plugged))

    private fun orNull(value: Any?): Any = value ?: JSONObject.NULL
}
