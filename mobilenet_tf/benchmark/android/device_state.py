"""What an Android device is, and how warm and how charged it is before and after a measurement.

What cannot be read (an older Android has no thermal service, a board has no battery) is None.
"""

import re
from dataclasses import dataclass

from mobilenet_tf.errors import DeviceError
from mobilenet_tf.terminal import printable

from .adb import Device

__all__ = ["Battery", "Phone", "State", "Thermal", "parse_battery", "parse_thermal", "read_phone", "read_state"]

# PowerManager.THERMAL_STATUS_*, by number: from "light" on the device slows itself down.
THERMAL_STATUS = ("none", "light", "moderate", "severe", "critical", "emergency", "shutdown")
DEGREES = r"-?[0-9]{1,6}(?:\.[0-9]{1,9})?"
MOST_SENSORS = 200
MOST_CHARACTERS = 100  # of a property


@dataclass(frozen=True)
class Phone:
    """What a measurement does not change. governor: of all the cores, such as "schedutil"."""

    abi: str
    model: str
    release: str
    cpu: str
    cores: int
    memory_bytes: int | None
    governor: str | None


@dataclass(frozen=True)
class Battery:
    """percent: of a full charge. plugged: whether a cable or a cradle powers the device, charging or not."""

    percent: float | None
    temperature_c: float | None
    plugged: bool | None


@dataclass(frozen=True)
class Thermal:
    """status: one of THERMAL_STATUS; cpu_c: of the hottest CPU sensor; temperatures_c: sensor -> degrees Celsius."""

    status: str | None
    cpu_c: float | None
    temperatures_c: dict[str, float]


@dataclass(frozen=True)
class State:
    """What changes during a measurement, and influences it."""

    battery: Battery
    thermal: Thermal


def read_phone(device: Device) -> Phone:
    """Read what the device is. Raises DeviceError if it cannot be reached, or does not name its ABI."""
    abi = device.shell("getprop", "ro.product.cpu.abi").text.strip()
    if not re.fullmatch(r"[\w.-]{1,40}", abi, re.ASCII):
        found = f"that is {printable(abi[:40])!r}" if abi else "that is empty"
        raise DeviceError(f"{device.serial}: expected an Android device; it has a ro.product.cpu.abi {found}.")
    names = ("ro.soc.model", "ro.board.platform", "ro.hardware")
    cpu = next((value for name in names if (value := _property(device, name))), "")
    cores = _text(device, "nproc")
    memory = re.search(r"MemTotal: +([0-9]{1,12}) kB", _text(device, "cat", "/proc/meminfo"))
    governors = _text(device, "sh", "-c", "cat /sys/devices/system/cpu/cpu[0-9]*/cpufreq/scaling_governor")
    return Phone(
        abi=abi,
        model=" ".join(filter(None, (_property(device, f"ro.product.{part}") for part in ("manufacturer", "model")))),
        release=_property(device, "ro.build.version.release"),
        cpu=cpu,
        cores=int(cores) if re.fullmatch(r"[0-9]{1,4}", cores) else 0,
        memory_bytes=int(memory[1]) * 1024 if memory else None,
        governor=", ".join(sorted(set(governors.split()))) or None,
    )


def read_state(device: Device) -> State:
    """Read the device's battery and temperatures. Raises DeviceError if it cannot be reached."""
    return State(
        parse_battery(_text(device, "dumpsys", "battery")),
        parse_thermal(_text(device, "dumpsys", "thermalservice")),
    )


def parse_battery(text: str) -> Battery:
    """Read `dumpsys battery`; its temperature is in tenths of a degree."""
    values = dict(re.findall(r"^ *([\w ]+): (\S+)$", text, re.MULTILINE))
    level, scale, tenths = (_number(values.get(name)) for name in ("level", "scale", "temperature"))
    powered = [value for name, value in values.items() if name.endswith(" powered")]
    return Battery(
        percent=None if level is None else 100 * level / (scale if scale is not None and scale > 0 else 100),
        temperature_c=None if tenths is None else tenths / 10,
        plugged="true" in powered if powered else None,
    )


def parse_thermal(text: str) -> Thermal:
    """Read `dumpsys thermalservice`: the current temperatures, not those of the last event, which it lists first."""
    status = re.search(r"^Thermal Status: ([0-9])", text, re.MULTILINE)
    now = text.partition("Current temperatures from HAL:")[2].partition("Current cooling devices")[0]
    sensors = re.findall(rf"Temperature\{{mValue=({DEGREES}), mType=(-?[0-9]+), mName=([^,}}]*)", now)[:MOST_SENSORS]
    cpu = [float(value) for value, kind, _ in sensors if kind == "0"]
    return Thermal(
        status=THERMAL_STATUS[int(status[1])] if status and int(status[1]) < len(THERMAL_STATUS) else None,
        cpu_c=max(cpu, default=None),
        temperatures_c={printable(name[:MOST_CHARACTERS]): float(value) for value, _, name in sensors},
    )


def _number(text: str | None) -> float | None:
    return float(text) if text is not None and re.fullmatch(r"-?[0-9]{1,9}", text) else None


def _property(device: Device, name: str) -> str:
    return printable(_text(device, "getprop", name)[:MOST_CHARACTERS])


def _text(device: Device, *words: str) -> str:
    output = device.shell(*words, check=False)
    return output.text.strip() if output.status == 0 else ""
