package org.mobilenet_tf.demo.benchmark

import android.app.ActivityManager
import android.content.Context
import android.content.Intent
import android.content.IntentFilter
import android.os.BatteryManager
import android.os.Build
import android.os.PowerManager
import org.mobilenet_tf.demo.NewerApi
import java.io.File
import java.io.IOException
import java.text.SimpleDateFormat
import java.util.Date
import java.util.Locale
import java.util.TimeZone

/** Reads what the phone is, and its present state. */
class Phone(
    private val context: Context,
) {
    fun info() =
        PhoneInfo(
            time = utc(Date()),
            hardware =
                Hardware(
                    model = Build.MODEL,
                    cpu = if (Build.VERSION.SDK_INT >= Build.VERSION_CODES.S) soc() else Build.HARDWARE,
                    cores = Runtime.getRuntime().availableProcessors(),
                    memoryBytes = memoryBytes(),
                    governor = firstLine("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor"),
                ),
            android =
                AndroidVersion(
                    release = Build.VERSION.RELEASE,
                    sdk = Build.VERSION.SDK_INT,
                    abi = Build.SUPPORTED_ABIS.firstOrNull().orEmpty(),
                ),
            appVersion =
                context.packageManager
                    .getPackageInfo(context.packageName, 0)
                    .versionName
                    .orEmpty(),
        )

    fun state(): PhoneState {
        val battery = context.registerReceiver(null, IntentFilter(Intent.ACTION_BATTERY_CHANGED))
        val level = battery.number(BatteryManager.EXTRA_LEVEL)
        val scale = battery.number(BatteryManager.EXTRA_SCALE)
        return PhoneState(
            batteryPercent = if (level == null || scale == null || scale == 0) null else 100.0 * level / scale,
            batteryTemperatureC = battery.number(BatteryManager.EXTRA_TEMPERATURE)?.let { it / 10.0 },
            plugged = battery.number(BatteryManager.EXTRA_PLUGGED)?.let { it != 0 },
            thermalStatus = if (Build.VERSION.SDK_INT >= Build.VERSION_CODES.Q) thermalStatus() else null,
        )
    }

    /** The most memory that this process has used so far. */
    fun peakMemoryBytes(): Long? = peakMemoryBytes(lines("/proc/self/status"))

    private fun memoryBytes(): Long {
        val memory = ActivityManager.MemoryInfo()
        context.getSystemService(ActivityManager::class.java).getMemoryInfo(memory)
        return memory.totalMem
    }

    @NewerApi
    private fun soc(): String = Build.SOC_MODEL

    @NewerApi
    private fun thermalStatus(): String? {
        val status = context.getSystemService(PowerManager::class.java).currentThermalStatus
        return THERMAL_STATUS.getOrNull(status)
    }

    private fun Intent?.number(key: String): Int? = this?.getIntExtra(key, -1)?.takeIf { it >= 0 }

    private fun firstLine(path: String): String? = lines(path).firstOrNull()?.trim()?.ifEmpty { null }

    private fun lines(path: String): List<String> =
        try {
            File(path).readLines()
        } catch (_: IOException) {
            emptyList() // newer versions of Android hide some of these files
        }

    private companion object {
        /** PowerManager.THERMAL_STATUS_*, by number. */
        val THERMAL_STATUS = listOf("none", "light", "moderate", "severe", "critical", "emergency", "shutdown")
    }
}

/** VmHWM of /proc/self/status; null if it is not there. */
internal fun peakMemoryBytes(status: List<String>): Long? {
    val kilobytes = status.firstOrNull { it.startsWith("VmHWM:") }?.filter { it.isDigit() }
    return kilobytes?.toLongOrNull()?.times(1024)
}

/** ISO 8601, to the second, as Python's datetime writes it. */
internal fun utc(time: Date): String {
    val format = SimpleDateFormat("yyyy-MM-dd'T'HH:mm:ss'+00:00'", Locale.ROOT)
    format.timeZone = TimeZone.getTimeZone("UTC")
    return format.format(time)
}
