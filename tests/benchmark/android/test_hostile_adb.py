"""What adb and a phone must never do to a measurement: crash it, hang it, or fill the memory. Each answer that
experiments/fuzz_adb.py knows is given by shell scripts that stand for adb and for the phone.
"""

import dataclasses
import json
import time

import pytest

from experiments.fuzz_adb import DEVICES, ENDS, PHONES, PULLS, REPORTS, SHELLS, inputs
from experiments.fuzz_phone import REPORT, SERIAL, write_phone
from mobilenet_tf.benchmark.android import adb, adb_process, benchmark_model
from mobilenet_tf.benchmark.android.adb import Device, choose_devices
from mobilenet_tf.benchmark.android.demo_app import read_result
from mobilenet_tf.benchmark.android.device_run import RunSettings
from mobilenet_tf.benchmark.android.device_state import read_phone, read_state
from mobilenet_tf.errors import DeviceError

REMOTE = "/data/local/tmp/result.json"


@pytest.fixture
def phone(monkeypatch, tmp_path):
    """A function that writes the stand-ins, with these changes, and gives the device."""
    monkeypatch.setattr(adb, "COMMAND_LIMIT_S", 5.0)
    monkeypatch.setattr(adb_process, "MOST_PULLED_BYTES", 10**6)
    monkeypatch.setattr(adb, "MOST_PULLED_BYTES", 10**6)
    monkeypatch.delenv("ANDROID_SERIAL", raising=False)

    def write(**changes):
        path = write_phone(tmp_path, changes, {})
        monkeypatch.setenv("PATH", f"{path}:/usr/bin:/bin")
        return Device(SERIAL)

    return write


def result_or_error(function):
    """What a function gives, or the DeviceError that it raises."""
    try:
        return function()
    except DeviceError as error:
        return error


def test_the_stand_ins_answer_as_adb_and_a_phone(phone, tmp_path):
    device = phone()
    assert choose_devices() == [SERIAL]
    assert device.shell("sh", "-c", "echo out; exit 7", check=False) == adb.CommandOutput(7, "out\n")
    assert (read_phone(device).abi, read_phone(device).cores) == ("arm64-v8a", 8)
    assert (read_state(device).battery.percent, read_state(device).thermal.cpu_c) == (80, 31.5)
    (tmp_path / "local").write_text("text")
    device.push(tmp_path / "local", REMOTE)
    assert device.read_text(REMOTE) == "text"
    assert benchmark_model.parse(REPORT).inference.median == 0.904


def test_there_are_at_least_40_hostile_answers():
    assert len([*inputs(None)]) >= 40


@pytest.mark.parametrize("script", DEVICES.values(), ids=DEVICES)
def test_any_answer_of_adb_devices_is_a_list_or_an_error(phone, script):
    phone(devices=script)
    start = time.monotonic()
    found = result_or_error(choose_devices)
    assert len(str(found)) < 5000
    assert isinstance(found, DeviceError) or found == [SERIAL]
    assert time.monotonic() - start < 25


@pytest.mark.parametrize("end", ENDS.values(), ids=ENDS)
def test_whatever_follows_the_end_mark_is_an_exit_status_or_an_error(phone, end):
    device = phone(shell=f"printf '\\nmobilenet-tf-end:{end}'")
    with pytest.raises(DeviceError, match="expected the exit status of `true`; got"):
        device.shell("true")


@pytest.mark.parametrize("script", SHELLS.values(), ids=SHELLS)
def test_any_answer_of_adb_shell_is_an_output_or_an_error_within_the_time(phone, script):
    device = phone(shell=script)
    start = time.monotonic()
    found = result_or_error(lambda: device.shell("echo", "out", timeout_s=5).text)
    assert found == "out\n" or SERIAL in str(found)
    assert time.monotonic() - start < 25


def test_a_flood_is_not_read_whole(phone):
    device = phone(shell="yes flood")
    with pytest.raises(DeviceError, match=r"`adb shell` gave more than 16 MB, which is no answer"):
        device.shell("true")


@pytest.mark.parametrize("script", PULLS.values(), ids=PULLS)
def test_any_file_that_is_pulled_is_text_or_an_error(phone, script):
    device = phone(pull=script)
    if script == PULLS["an empty file"]:
        assert device.read_text(REMOTE) == ""
    else:
        with pytest.raises(DeviceError, match=SERIAL):
            device.read_text(REMOTE)


@pytest.mark.parametrize(("command", "script"), PHONES.values(), ids=PHONES)
def test_whatever_a_phone_says_of_itself_is_known_unknown_or_an_error(phone, command, script):
    device = phone(**{command: script})
    found = result_or_error(lambda: (read_phone(device), read_state(device)))
    if isinstance(found, DeviceError):
        assert SERIAL in str(found)
    else:
        assert len(json.dumps([dataclasses.asdict(one) for one in found], allow_nan=False)) < 50_000


@pytest.mark.parametrize("report", REPORTS.values(), ids=REPORTS)
def test_any_report_of_benchmark_model_is_finite_numbers_or_an_error(report):
    found = result_or_error(lambda: benchmark_model.parse(report))
    if isinstance(found, DeviceError):
        assert "expected its timings" in str(found)
    else:
        assert "\x1b" not in json.dumps(dataclasses.asdict(found), allow_nan=False, ensure_ascii=False)


@pytest.mark.parametrize("text", ["[" * 100_000, '{"error": NaN}', '{"error": "\\ud800"}', "[]", "{}", "null", "1e999"])
def test_any_result_of_the_app_is_read_or_an_error(tmp_path, text):
    with pytest.raises(DeviceError, match="the demo app's result"):
        read_result(text, RunSettings(tmp_path / "m.tflite", threads=1, accelerator="cpu"))
