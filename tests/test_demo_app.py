"""The demo app's contract, and driving it: the box's `am` answers as the app must."""

import json
from pathlib import Path

import pytest

from benchmark.adb import Device
from benchmark.demo_app import installed, read_result, run_app
from benchmark.device_run import Setting
from benchmark.results import Stages
from mobilenet_tf.errors import DeviceError

SETTING = Setting(Path("m.tflite"), threads=2, accelerator="cpu", runs=4, warmup=10)


@pytest.fixture
def phone(adb_box):
    device = Device(adb_box.OTHER)
    yield device
    device.shell("rm", "-f", "/data/installed", "/data/broken", "/data/crashes", "/data/running")


@pytest.fixture
def setting(tmp_path):
    model = tmp_path / "it's a model.tflite"
    model.write_bytes(b"model")
    return Setting(model, threads=2, accelerator="cpu", runs=4, warmup=10)


def contract(**changes):
    result = {
        "run": "r1",
        "error": None,
        "runtime": "LiteRT 1.4.0",
        "accelerator": "cpu",
        "xnnpack": "whole",
        "warmup": 10,
        "latencies_ms": [4.0, 1.0, 2.0, 3.0],
        "stages_ms": {"load": 90.5, "preprocess": None, "postprocess": 0.1},
        "peak_memory_bytes": 81_000_000,
    }
    return json.dumps(result | changes)


def test_latencies_become_percentiles_and_samples():
    run = read_result(contract(), "r1", SETTING)
    latency = run.latency_ms
    assert (latency.p50, latency.min, latency.mean, latency.runs, latency.warmup) == (2.5, 1.0, 2.5, 4, 10)
    assert latency.p90 == pytest.approx(3.7)
    assert latency.samples == [4.0, 1.0, 2.0, 3.0]
    assert run.stages_ms == Stages(load=90.5, preprocess=None, inference=2.5, postprocess=0.1)
    assert (run.backend, run.xnnpack, run.peak_memory_bytes) == ("demo app, LiteRT 1.4.0", "whole", 81_000_000)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ('{"error": "the GPU took no part of it"}', "could not measure m.tflite: the GPU took no part of it"),
        ("{", "no JSON"),
        ("[]", "missing"),
        (contract(run="r2"), "expected run r1 on cpu"),
        (contract(accelerator="gpu"), "expected run r1 on cpu"),
        (contract(latencies_ms=[]), "0 latencies"),
        (contract(latencies_ms=["1"]), "expected float"),
        (contract(xnnpack="maybe"), "expected 'whole' or"),
        (contract(more=1), "unknown"),
    ],
)
def test_a_result_that_breaks_the_contract_is_refused(text, reason):
    with pytest.raises(DeviceError, match=reason):
        read_result(text, "r1", SETTING)


def test_whether_the_app_is_installed(phone):
    assert not installed(phone)
    phone.shell("touch", "/data/installed")
    assert installed(phone)


@pytest.mark.parametrize("accelerator", ["cpu", "nnapi"])
def test_a_run_leaves_neither_model_nor_result(phone, setting, accelerator):
    run = run_app(phone, Setting(setting.model, 2, accelerator, 4, 10))
    assert run.latency_ms.p50 == 2.5
    assert files(phone) == []


def test_an_app_that_does_not_start_or_ends_early_is_said(phone, setting):
    phone.shell("touch", "/data/crashes")
    with pytest.raises(DeviceError, match="ended without a result"):
        run_app(phone, setting)
    phone.shell("touch", "/data/running")
    with pytest.raises(DeviceError, match=r"no result within 0\.1 s"):
        run_app(phone, setting, limit_s=0.1)
    phone.shell("touch", "/data/broken")
    with pytest.raises(DeviceError, match="does not start: Error type 3"):
        run_app(phone, setting)
    assert files(phone) == []


def files(phone):
    return phone.shell("find", "/sdcard", "-type", "f").text.split()
