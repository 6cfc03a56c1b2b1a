"""What real devices print about their battery and temperatures (outputs/SOURCES.md)."""

import pytest

from mobilenet_tf.benchmark.android.adb import Device
from mobilenet_tf.benchmark.android.device_state import Battery, parse_battery, parse_thermal, read_phone, read_state
from mobilenet_tf.errors import DeviceError
from tests.support.commands import ROOT

DATA = ROOT / "tests" / "benchmark" / "android" / "outputs"


def test_the_battery_of_a_phone_at_a_charger():
    text = (DATA / "dumpsys_battery.txt").read_text()
    assert parse_battery(text) == Battery(percent=80, temperature_c=18.0, plugged=True)
    assert parse_battery(text.replace("scale: 100", "scale: 200")).percent == 40


def test_the_battery_of_a_phone_without_a_cable():
    text = (DATA / "dumpsys_battery_unplugged.txt").read_text()
    assert parse_battery(text) == Battery(percent=77, temperature_c=29.4, plugged=False)


def test_temperatures_are_those_of_now():
    text = (DATA / "dumpsys_thermalservice.txt").read_text()
    cached, now = text.split("HAL Ready")
    thermal = parse_thermal(cached.replace("25.6", "99.9") + "HAL Ready" + now.replace("25.6", "66.5"))
    assert thermal.status == "none"
    assert thermal.cpu_c == 66.5
    assert thermal.temperatures_c["BAT"] == 23.8
    assert len(thermal.temperatures_c) == 9


def test_a_device_that_slows_itself_down():
    text = (DATA / "dumpsys_thermalservice.txt").read_text()
    assert parse_thermal(text.replace("Thermal Status: 0", "Thermal Status: 3")).status == "severe"


def test_what_cannot_be_read_is_none():
    assert parse_battery("Can't find service: battery\n") == Battery(None, None, None)
    thermal = parse_thermal("Can't find service: thermalservice\n")
    assert (thermal.status, thermal.cpu_c, thermal.temperatures_c) == (None, None, {})


def test_a_phone_is_read_over_adb(adb_box):
    phone = read_phone(Device(adb_box.PHONE))
    assert (phone.abi, phone.model, phone.release, phone.cpu) == ("arm64-v8a", "samsung SM-A526B", "12", "lito")
    assert phone.cores >= 1
    assert phone.memory_bytes > 2**28
    state = read_state(Device(adb_box.PHONE))
    assert (state.battery.percent, state.thermal.cpu_c) == (80, 25.6)


@pytest.mark.usefixtures("adb_box")
def test_a_phone_that_cannot_be_reached_is_an_error_not_a_gap():
    with pytest.raises(DeviceError, match="no longer attached"):
        read_phone(Device("missing"))
    with pytest.raises(DeviceError, match="no longer attached"):
        read_state(Device("missing"))
