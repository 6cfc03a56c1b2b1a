"""Driving the demo app's benchmark activity, which measures as an app on the phone does.

What the app must do:

- Package `org.mobilenet_tf.demo`, exported activity `.BenchmarkActivity`.
- Started with the extra `prepare` (true), it makes `models/` and `results/` in its external files folder and finishes.
  (Made by adb's shell user, they would not be the app's to write to.)
- Started with the extras `model` (a file name), `threads`, `accelerator` ("cpu", "gpu" or "nnapi"), `runs`, `warmup`
  and `run` (letters and digits), it measures `models/<model>`, writes `results/<run>.json` and finishes. It writes
  under another name first and renames, so that who sees the file sees the whole of it.
- The JSON is {"error": "one sentence"} where it could not measure, else that of `AppResult`.
"""

import secrets
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from mobilenet_tf.errors import DeviceError
from mobilenet_tf.interpreter import Delegation
from mobilenet_tf.json_records import parse_json, parse_record

from .adb import Device
from .device_run import Accelerator, DeviceRun, Setting
from .latency import summarize
from .results import Stages

__all__ = ["PACKAGE", "AppResult", "AppStages", "installed", "read_result", "run_app"]

PACKAGE = "org.mobilenet_tf.demo"
FILES = f"/sdcard/Android/data/{PACKAGE}/files"
POLL_S, LIMIT_S = 0.5, 600.0
PREPARE_S = 20.0


@dataclass(frozen=True)
class AppStages:
    """In ms: loading the model once, and the median of the others; None where not measured."""

    load: float | None
    preprocess: float | None
    postprocess: float | None


@dataclass(frozen=True)
class AppResult:
    """The JSON that the app writes, field by field.

    run:          as it was given.
    runtime:      the interpreter with its version, such as "LiteRT 1.4.0".
    accelerator:  what really ran; where it is not what was asked for, that is an error.
    warmup:       runs before those measured.
    latencies_ms: of each inference measured, in order.
    """

    run: str
    error: None
    runtime: str
    accelerator: Accelerator
    xnnpack: Delegation
    warmup: int
    latencies_ms: list[float]
    stages_ms: AppStages
    peak_memory_bytes: int | None


def installed(device: Device) -> bool:
    """Whether the demo app is on the device."""
    return "package:" in device.shell("pm", "path", PACKAGE, check=False).text


def run_app(device: Device, setting: Setting, *, limit_s: float = LIMIT_S) -> DeviceRun:
    """Push the model, start the activity, wait for its result, and remove both. Raises DeviceError."""
    run = secrets.token_hex(6)
    # The run's own name: the same model may be there from a person's own hand.
    model = f"{run}.tflite"
    remote_model, result = f"{FILES}/models/{model}", f"{FILES}/results/{run}.json"
    _prepare(device)
    try:
        device.push(setting.model, remote_model)
        # The app is another user than the one that pushed; storage without file modes refuses, and needs none.
        device.shell("chmod", "644", remote_model, check=False)
        _start(device, *_extras(setting, model, run))
        _wait(device, result, limit_s)
        with tempfile.TemporaryDirectory() as folder:
            local = Path(folder) / "result.json"
            device.pull(result, local)
            return read_result(local.read_text(encoding="utf-8"), run, setting)
    finally:
        _clean(device, remote_model, result)


def _prepare(device: Device) -> None:
    _start(device, "--ez", "prepare", "true")
    end = time.monotonic() + PREPARE_S
    while device.shell("test", "-d", f"{FILES}/results", check=False).status != 0:
        if time.monotonic() > end:
            raise DeviceError(f"{device.serial}: the demo app did not make {FILES}/results. Install it anew.")
        time.sleep(POLL_S)


def _start(device: Device, *extras: str) -> None:
    output = device.shell("am", "start", "-W", "-S", "-n", f"{PACKAGE}/.BenchmarkActivity", *extras, timeout_s=60)
    # `am` ends with 0 also where it could not start.
    if error := next((line for line in output.text.splitlines() if line.startswith("Error")), None):
        raise DeviceError(f"{device.serial}: the demo app does not start: {error[:160]}. Install it anew.")


def _extras(setting: Setting, model: str, run: str) -> list[str]:
    texts = {"model": model, "accelerator": setting.accelerator, "run": run}
    numbers = {"threads": setting.threads, "runs": setting.runs, "warmup": setting.warmup}
    words = [word for name, text in texts.items() for word in ("--es", name, text)]
    return words + [word for name, number in numbers.items() for word in ("--ei", name, str(number))]


def _wait(device: Device, result: str, limit_s: float) -> None:
    end = time.monotonic() + limit_s
    while True:
        # Alive or not is asked first: the app may write its result and end between the two questions.
        alive = device.shell("pidof", PACKAGE, check=False).status == 0
        if device.shell("test", "-f", result, check=False).status == 0:
            return
        if not alive:
            raise DeviceError(
                f"{device.serial}: the demo app ended without a result. See `adb logcat -d` for the reason."
            )
        if time.monotonic() > end:
            raise DeviceError(f"{device.serial}: the demo app gave no result within {limit_s:g} s. Ask for fewer runs.")
        time.sleep(POLL_S)


def _clean(device: Device, *files: str) -> None:
    try:
        device.shell("am", "force-stop", PACKAGE, check=False)
        device.shell("rm", "-f", *files, check=False)
    except DeviceError:
        pass  # a device that is gone: the error that led here says so already


def read_result(text: str, run: str, setting: Setting) -> DeviceRun:
    """Read the app's JSON. Raises DeviceError for the app's own error, and for JSON that breaks the contract."""
    try:
        data = parse_json(text)
    except ValueError as error:
        raise DeviceError(f"the demo app's result is no JSON: {str(error)[:80]}. Install the app anew.") from error
    if isinstance(data, dict) and data.get("error") is not None:
        raise DeviceError(f"the demo app could not measure {setting.model.name}: {str(data['error'])[:200]}")
    result: AppResult = parse_record(AppResult, data, "the demo app's result", DeviceError)
    if (result.run, result.accelerator) != (run, setting.accelerator) or not result.latencies_ms:
        raise DeviceError(
            f"expected run {run} on {setting.accelerator}, with its latencies, of the demo app; it gave run "
            f"{result.run[:20]} on {result.accelerator}, {len(result.latencies_ms)} latencies."
        )
    return _device_run(result)


def _device_run(result: AppResult) -> DeviceRun:
    latency, stages = summarize(result.latencies_ms, result.warmup), result.stages_ms
    return DeviceRun(
        backend=f"demo app, {result.runtime}",
        xnnpack=result.xnnpack,
        latency_ms=latency,
        stages_ms=Stages(stages.load, stages.preprocess, latency.p50, stages.postprocess),
        ops=[],
        peak_memory_bytes=result.peak_memory_bytes,
    )
