"""Measuring on devices: real adb and adbd; the model's runner is a script that prints what a real one printed."""

import json
from dataclasses import asdict

import pytest

from mobilenet_tf.benchmark.android.adb import Device
from mobilenet_tf.benchmark.android.device_result import result_from_device
from mobilenet_tf.benchmark.android.device_run import RunSettings
from mobilenet_tf.benchmark.android.measure import measure_on_device
from mobilenet_tf.benchmark.measure import measure
from mobilenet_tf.benchmark.settings import MeasurementSettings
from mobilenet_tf.data.digests import PhotoDigests
from mobilenet_tf.errors import DeviceError
from mobilenet_tf.json_records import parse_record
from mobilenet_tf.results.records import Environment, Latency, Result
from tests.support.commands import run_process


@pytest.fixture
def model(tmp_path):
    path = tmp_path / """it's "my" model.tflite"""
    path.write_text("model")
    return path


@pytest.fixture
def phone(adb_box):
    return Device(adb_box.PHONE)


def tool(tmp_path, script):
    path = tmp_path / "my benchmark_model"
    path.write_text(f"#!/bin/sh\n{script}\n")
    return path


def prints(tmp_path, name, profile="profile"):
    """A benchmark_model that prints a saved output, and another one if it is to profile."""
    return tool(
        tmp_path,
        f"""name={name}
for word in "$@"; do case $word in
--graph=*) [ "$(cat "${{word#--graph=}}")" = model ] || exit 9;;
--enable_op_profiling=true) name={profile};;
esac; done
cat /data/saved/benchmark_model_$name.txt""",
    )


def test_a_model_is_measured_and_nothing_is_left(phone, model, tmp_path):
    steps = []
    binary = prints(tmp_path, "android_cpu")
    settings = RunSettings(model, threads=4)
    run, _ = measure_on_device(phone.serial, settings, binary=binary, on_progress=lambda *step: steps.append(step))
    latency = run.latency_ms
    assert (latency.p50, latency.min, latency.mean, latency.std) == (576.856, 502.355, 699.438, 325.425)
    assert (latency.p90, latency.p99, latency.samples) == (None, None, [])
    assert (latency.runs, latency.warmup) == (50, 1)
    assert (run.xnnpack, len(run.ops), run.stages_ms.load, run.stages_ms.inference) == ("whole", 31, 102.32, 576.856)
    assert run.backend.startswith("benchmark_model ")
    assert [task for task, _ in steps] == ["copying the model", "measuring", "timing each op"]
    assert [share for _, share in steps] == sorted(share for _, share in steps)
    assert phone.shell("ls", "/data/local/tmp").text == ""


def test_what_is_measured_fits_the_result(phone, model, tmp_path):
    run, environment = measure_on_device(phone.serial, RunSettings(model, 1), binary=prints(tmp_path, "android_cpu"))
    for kind, value in ((Latency, run.latency_ms), (Environment, environment)):
        assert parse_record(kind, json.loads(json.dumps(asdict(value))), "result", DeviceError) == value
    android = environment.android
    assert (android["serial"], android["abi"], android["release"]) == (phone.serial, "arm64-v8a", "12")
    assert android["before"]["battery"]["percent"] == android["after"]["battery"]["percent"] == 80
    assert android["after"]["thermal"]["status"] == "none"


def test_the_gpu_must_have_taken_the_model(phone, model, tmp_path):
    gpu = prints(tmp_path, "gpu")
    run, _ = measure_on_device(phone.serial, RunSettings(model, 1, accelerator="gpu"), binary=gpu)
    assert (run.latency_ms.p50, run.notes) == (115.350, [])
    part = tool(tmp_path, "sed s/completely/partially/ /data/saved/benchmark_model_gpu.txt")
    run, _ = measure_on_device(phone.serial, RunSettings(model, 1, accelerator="gpu"), binary=part)
    assert run.notes == ["The GPU ran a part of the graph, the CPU the rest."]
    both = prints(tmp_path, "android_gpu_nnapi")
    with pytest.raises(DeviceError, match="expected the NNAPI to run it's"):
        measure_on_device(phone.serial, RunSettings(model, 1, accelerator="nnapi"), binary=both)
    cpu = prints(tmp_path, "android_cpu")
    with pytest.raises(DeviceError, match="it took none of it"):
        measure_on_device(phone.serial, RunSettings(model, 1, accelerator="gpu"), binary=cpu)


@pytest.mark.parametrize(
    ("script", "reason"),
    [
        ("cat /data/saved/benchmark_model_profile.txt", "prints no median"),
        ("echo 'ERROR: Benchmarking failed.'; exit 1", "status 1: ERROR: Benchmarking failed"),
        ("exit 126", "expected a benchmark_model for arm64-v8a"),
        ("echo hello", "expected its timings"),
        ("echo 'write error: No space left on device'; exit 1", "no space is left"),
    ],
)
def test_a_runner_that_fails_is_an_error_and_nothing_is_left(phone, model, tmp_path, script, reason):
    with pytest.raises(DeviceError, match=reason):
        measure_on_device(phone.serial, RunSettings(model, 1), binary=tool(tmp_path, script))
    assert phone.shell("ls", "/data/local/tmp").text == ""


def test_a_program_for_another_processor_is_an_error(phone, model, tmp_path):
    binary = tmp_path / "benchmark_model"
    binary.write_bytes(b"\x7fELF" + bytes(200))
    with pytest.raises(DeviceError, match="expected a benchmark_model for arm64-v8a"):
        measure_on_device(phone.serial, RunSettings(model, 1), binary=binary)


def test_without_binary_and_app_the_error_names_both_ways(phone, model):
    with pytest.raises(
        DeviceError, match=r"--benchmark-binary FILE, or let the demo app measure: `make apk`, then --app"
    ):
        measure_on_device(phone.serial, RunSettings(model, 1))


def test_the_installed_app_measures_if_no_binary_is_given(phone, exported):
    phone.shell("touch", "/data/installed")
    try:
        settings = RunSettings(exported[0] / "mobilenet_v1_a0.25_r96_int8.tflite", threads=1)
        run, _ = measure_on_device(phone.serial, settings)
    finally:
        phone.shell("rm", "/data/installed")
    assert run.backend == "demo app, TensorFlow Lite 2.16.1"


def test_several_devices_are_measured_at_once(adb_box, exported, tmp_path):
    # Each waits for the other to have begun: one after the other would never end.
    binary = tool(
        tmp_path,
        """touch /data/here.$$
while [ "$(ls /data/here.* | wc -l)" -lt 2 ]; do sleep 0.05; done
cat /data/saved/benchmark_model_cpu_median.txt""",
    )
    targets = [word for serial in (adb_box.PHONE, adb_box.OTHER) for word in ("--target", f"adb:{serial}")]
    path = exported[0] / "mobilenet_v1_a0.25_r96_int8.tflite"
    options = ("--benchmark-binary", binary, "--output-dir", tmp_path / "out")
    done = run_process("mobilenet-benchmark", path, *targets, *options)
    Device(adb_box.PHONE).shell("sh", "-c", "rm /data/here.*")
    assert done.returncode == 0, done.stderr
    results = {result.target: result for result in map(Result.read, (tmp_path / "out").iterdir())}
    assert set(results) == {f"adb:{adb_box.PHONE}", f"adb:{adb_box.OTHER}"}
    for result in results.values():
        assert (result.latency_ms.p50, result.environment.os) == (105.718, "Android 12")
        assert (result.name, result.model.recipe, result.threads) == ("mobilenet_v1_a0.25_r96_int8", "int8", 1)


def test_what_was_assumed_about_the_file_is_noted_without_photos_too(phone, small_files, tmp_path):
    path = tmp_path / "bare.tflite"
    path.write_bytes(small_files["float32"])  # as the converter made it: without metadata
    binary = tool(tmp_path, "cat /data/saved/benchmark_model_cpu_median.txt")
    settings = MeasurementSettings()
    result = result_from_device(path, settings, phone.serial, "cpu", binary, PhotoDigests())
    assumed = "bare.tflite does not say how its input is normalized; (byte - 127.5) / 127.5, "
    assert any(note.startswith(assumed) for note in result.notes)
    assert {*result.notes} >= {*measure(path, settings).notes}


@pytest.mark.usefixtures("adb_box")
@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--target", "adb:missing"), "expected the device 'missing'"),
        (("--target", "adb"), "Choose with --target adb:SERIAL"),
        (("--target", "usb"), "got 'usb'"),
        (("--target", "adb", "--sustained", "5"), "--sustained is for this host"),
        (("--accelerator", "gpu"), "--accelerator is for an Android device"),
        (("--benchmark-binary", "x"), "--benchmark-binary is for an Android device"),
        (("--app",), "--app is for an Android device"),
        (("--target", "adb", "--app", "--benchmark-binary", "x"), "are two ways to measure"),
    ],
)
def test_a_target_that_cannot_be_is_named(exported, arguments, message):
    done = run_process("mobilenet-benchmark", exported[0], *arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert message in done.stderr
    assert "Traceback" not in done.stderr


def test_a_device_that_disappears_during_a_run_is_an_error(adb_box, model, tmp_path):
    """The last thing the runner does is to kill the adbd above it, as a phone that restarts does."""
    binary = tool(
        tmp_path,
        """p=$PPID
while [ "$(cat /proc/$p/comm)" != adbd ]; do p=$(cut -d' ' -f4 /proc/$p/stat); done
kill -9 $p
sleep 5""",
    )
    with pytest.raises(DeviceError, match="the connection broke while `benchmark_model` ran") as error:
        measure_on_device(adb_box.DOOMED, RunSettings(model, 1), binary=binary)
    assert adb_box.DOOMED in str(error.value)
    # What cannot be cleaned up on a device that has disappeared lies on the disk that the other one shares with it.
    Device(adb_box.PHONE).shell("sh", "-c", "rm -r /data/local/tmp/*")
