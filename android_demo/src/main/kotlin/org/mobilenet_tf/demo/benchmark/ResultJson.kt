package org.mobilenet_tf.demo.benchmark

import org.json.JSONArray
import org.json.JSONObject
import org.mobilenet_tf.demo.core.Model

/** Null: the phone does not report it. */
data class Hardware(
    val model: String,
    val cpu: String,
    val cores: Int,
    val memoryBytes: Long?,
    val governor: String?,
)

data class AndroidVersion(
    val release: String,
    val sdk: Int,
    val abi: String,
)

/** The phone and what runs on it. time: of the measurement, in UTC. */
data class PhoneInfo(
    val time: String,
    val hardware: Hardware,
    val android: AndroidVersion,
    val appVersion: String,
)

/** What affects a measurement and is affected by it. Null: the phone does not report it. */
data class PhoneState(
    val batteryPercent: Double?,
    val batteryTemperatureC: Double?,
    val plugged: Boolean?,
    val thermalStatus: String?,
)

/** Everything in a result except the measured times. */
class ResultContext(
    val model: Model,
    val request: BenchmarkRequest,
    val phone: PhoneInfo,
    val before: PhoneState,
    val after: PhoneState,
    val peakMemoryBytes: Long?,
)

/** The JSON of docs/results.md. */
object ResultJson {
    private const val SCHEMA_VERSION = 1
    private const val MAX_SAMPLES = 1000

    fun of(
        deviceRun: DeviceRun,
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
            .put("backend", "demo app, ${deviceRun.engine.runtime}")
            .put("accelerator", context.request.accelerator.name.lowercase())
            .put("xnnpack", deviceRun.engine.xnnpack)
            .put("threads", deviceRun.engine.threads)
            .put("latency_ms", latency(deviceRun.inference, context.request.warmup))
            .put("stages_ms", stages(deviceRun))
            .put("ops", JSONArray())
            .put("peak_memory_bytes", orNull(context.peakMemoryBytes))
            .put("sustained", JSONArray())
            .put("accuracy", JSONObject.NULL)
            .put("quantization", JSONArray())
            .put("preprocessing", JSONObject(model.manifest.preprocessing.description))
            .put("preprocessing_sha256", model.manifest.preprocessing.sha256)
            .put("environment", environment(deviceRun, context))
            .put("notes", JSONArray(deviceRun.notes))
            .toString(1)
    }

    /** One sentence in place of a result. */
    fun ofError(sentence: String): String = JSONObject().put("error", sentence).toString(1)

    private fun modelRecord(model: Model): JSONObject {
        val input = model.file.input
        val network = model.manifest.network
        return JSONObject()
            .put("arch", network.arch)
            .put("alpha", orNull(network.alpha))
            .put("res", network.res)
            .put("recipe", model.file.recipe)
            .put("classes", network.classes)
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
        .put("samples", JSONArray(inference.thinned(MAX_SAMPLES)))

    private fun stages(deviceRun: DeviceRun) =
        JSONObject()
            .put("load", deviceRun.loadMs)
            .put("preprocess", deviceRun.preprocess.percentile(50.0))
            .put("inference", deviceRun.inference.percentile(50.0))
            .put("postprocess", deviceRun.postprocess.percentile(50.0))

    private fun environment(
        deviceRun: DeviceRun,
        context: ResultContext,
    ): JSONObject {
        val phone = context.phone
        val hardware = phone.hardware
        return JSONObject()
            .put("time", phone.time)
            .put("device", hardware.model)
            .put("cpu", hardware.cpu)
            .put("cores", hardware.cores)
            .put("memory_bytes", orNull(hardware.memoryBytes))
            .put("governor", orNull(hardware.governor))
            .put("temperature_c", JSONObject.NULL)
            .put("os", "Android ${phone.android.release}")
            .put("versions", JSONObject().put("demo app", phone.appVersion).put("runtime", deviceRun.engine.runtime))
            .put("git_commit", JSONObject.NULL)
            .put("android", android(context))
    }

    private fun android(context: ResultContext) =
        JSONObject()
            .put("abi", context.phone.android.abi)
            .put("release", context.phone.android.release)
            .put("sdk", context.phone.android.sdk)
            .put("soc", context.phone.hardware.cpu)
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
