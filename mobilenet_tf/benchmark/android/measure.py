"""Running a model on an attached Android device: with TensorFlow's benchmark_model, or with the demo app."""

import datetime
import hashlib
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from mobilenet_tf.errors import DeviceError
from mobilenet_tf.progress import OnProgress, ignore_progress
from mobilenet_tf.results.records import Environment, Latency, Stages

from . import benchmark_model, demo_app
from .adb import Device
from .device_run import DeviceRun, RunSettings
from .device_state import Phone, State, read_phone, read_state

__all__ = ["measure_on_device"]


def measure_on_device(
    serial: str,
    settings: RunSettings,
    *,
    binary: Path | None = None,
    photos: Sequence[Path] = (),
    on_progress: OnProgress = ignore_progress,
) -> tuple[DeviceRun, Environment]:
    """Measure one model on one device, and leave nothing there.

    binary: the benchmark_model for the device's ABI; None uses the demo app that is installed.
    photos: for the demo app to classify too.
    Raises DeviceError, also if the accelerator did not take the model.
    """
    device = Device(serial)
    phone = read_phone(device)
    if binary is None and not demo_app.installed(device):
        raise DeviceError(
            f"{serial}: nothing to measure with. Give TensorFlow's benchmark_model for {phone.abi} with\n"
            f"--benchmark-binary FILE, or let the demo app measure: `make apk`, then --app."
        )
    before = read_state(device)
    if binary is None:
        on_progress("measuring", 0.0)
        run = demo_app.run_app(device, settings, photos)
    else:
        run = _run_binary(device, phone, settings, binary, on_progress)
    return run, _environment(serial, phone, before, read_state(device))


def _run_binary(
    device: Device, phone: Phone, settings: RunSettings, binary: Path, on_progress: OnProgress
) -> DeviceRun:
    with device.folder() as folder:
        tool, graph = f"{folder}/benchmark_model", f"{folder}/model.tflite"
        on_progress("copying the model", 0.0)
        device.push(settings.model, graph)
        device.push(binary, tool)
        device.shell("chmod", "755", tool)

        def run(profile: bool) -> tuple[str, benchmark_model.Report]:
            words = benchmark_model.command(tool, graph, settings, profile=profile)
            limit_s = 2 * benchmark_model.MAX_SECONDS + 60.0
            output = device.shell(*words, timeout_s=limit_s, check=False, pid_file=f"{folder}/tool.pid")
            if output.status in (126, 127):
                raise DeviceError(
                    f"{device.serial}: {binary} does not run there; expected a benchmark_model for {phone.abi}."
                )
            if output.status != 0:
                raise device.failed(words, output)
            return output.text, benchmark_model.parse(output.text)

        on_progress("measuring", 0.2)
        log, report = run(profile=False)
        notes = _delegation_notes(log, settings, device.serial)
        on_progress("timing each op", 0.7)
        _, profile = run(profile=True)
    return _device_run(report, profile, binary, notes)


def _delegation_notes(log: str, settings: RunSettings, serial: str) -> list[str]:
    """How much of the model the accelerator took. Raises DeviceError if it took none: the CPU was measured then."""
    if settings.accelerator == "cpu":
        return []
    name = "GPU" if settings.accelerator == "gpu" else "NNAPI"
    share = benchmark_model.delegated_share(log, name)  # type: ignore[arg-type]
    if share in ("none", "unknown"):
        raise DeviceError(
            f"{serial}: expected the {name} to run {settings.model.name}; by benchmark_model's log it took none of "
            "it.\nMeasure with --accelerator cpu, or with another build of benchmark_model."
        )
    return [f"The {name} ran a part of the graph, the CPU the rest."] if share == "part" else []


def _device_run(
    report: benchmark_model.Report, profile: benchmark_model.Report, binary: Path, notes: list[str]
) -> DeviceRun:
    figures = report.inference
    if figures.median is None:
        raise DeviceError(
            f"{binary} prints no median of its runs, so it is too old.\n"
            "Use benchmark_model of TensorFlow 2.20 or later, or of LiteRT."
        )
    return DeviceRun(
        # The tool does not print its version.
        backend=f"benchmark_model {hashlib.sha256(binary.read_bytes()).hexdigest()[:12]}",
        xnnpack=report.xnnpack,
        latency_ms=Latency(
            p50=figures.median,
            p90=None,
            p99=None,
            min=figures.min,
            mean=figures.mean,
            std=figures.std,
            runs=figures.runs,
            warmup=report.warmup.runs,
            samples=[],
        ),
        stages_ms=Stages(load=report.load_ms, preprocess=None, inference=figures.median, postprocess=None),
        ops=profile.ops,
        peak_memory_bytes=profile.peak_memory_bytes,
        notes=notes,
    )


def _environment(serial: str, phone: Phone, before: State, after: State) -> Environment:
    return Environment(
        time=datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        device=phone.model,
        cpu=phone.cpu,
        cores=phone.cores,
        memory_bytes=phone.memory_bytes,
        governor=phone.governor,
        temperature_c=before.thermal.cpu_c,
        os=f"Android {phone.release}",
        versions={},
        git_commit=None,
        android={
            "serial": serial,
            "abi": phone.abi,
            "release": phone.release,
            "before": asdict(before),
            "after": asdict(after),
        },
    )
