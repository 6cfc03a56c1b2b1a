"""What mobilenet-benchmark is asked for -> the jobs of its sweeps, one sweep a target."""

import hashlib
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from mobilenet_tf.errors import InputError
from mobilenet_tf.results.records import Result
from mobilenet_tf.results.selection import Limits

from .isolated import measure_isolated
from .settings import Measurement
from .sweep import Job, find_models, result_path

__all__ = ["limits_of", "prepare_jobs"]

MEASURED = (
    "backend", "warmup", "runs", "min_seconds", "sustained", "profile",
    "images", "ground_truth", "labels", "background_offset",
)  # fmt: skip


def prepare_jobs(models: Sequence[Path], options: dict[str, Any]) -> list[list[Job]]:
    """For each target, a job for each model and number of threads.

    Raises InputError, ModelError and DeviceError for what cannot be measured.
    """
    if options["ground_truth"] is not None and options["images"] is None:
        raise InputError("--ground-truth tells the classes of --images DIR; give that too.")
    for threads in options["threads"]:
        if not 1 <= threads <= 64:
            raise InputError(f"expected --threads from 1 to 64; got {threads}.")
    found = find_models(models)
    return [_jobs_on(target, found, options) for target in _targets(options)]


def limits_of(options: dict[str, Any]) -> Limits:
    """The limits among the options, for selection.choose."""
    return {name: options[name] for name in ("max_latency_ms", "max_size", "min_accuracy")}  # type: ignore[return-value]


def _targets(options: dict[str, Any]) -> list[str]:
    """`host`, or `adb:SERIAL` for each device."""
    asked: Sequence[str] = options["target"]
    for target in asked:
        if target != "host" and target.partition(":")[0] != "adb":
            raise InputError(f"expected --target host, adb or adb:SERIAL; got {target!r}.")
    if set(asked) == {"host"}:
        _refuse(options, "cpu", "accelerator", "binary", "app")
        return ["host"]
    if "host" in asked:
        raise InputError("--target host and --target adb are two measurements; run the command twice.")
    _refuse(options, 0.0, "sustained")
    from mobilenet_tf.benchmark.android.adb import Device, choose_devices
    from mobilenet_tf.benchmark.android.demo_app import install

    if options["app"] and options["binary"] is not None:
        raise InputError("--app and --benchmark-binary are two ways to measure; choose one.")
    serials = choose_devices([serial for serial in (target.partition(":")[2] for target in asked) if serial])
    if options["app"]:
        for serial in serials:
            install(Device(serial), options["apk"])
    return [f"adb:{serial}" for serial in serials]


def _refuse(options: dict[str, Any], default: Any, *names: str) -> None:
    for name in names:
        if options[name] not in (default, None, False):
            other = "an Android device: --target adb" if name != "sustained" else "this host: --target host"
            raise InputError(f"--{'benchmark-binary' if name == 'binary' else name} is for {other}.")


def _jobs_on(target: str, models: Sequence[Path], options: dict[str, Any]) -> list[Job]:
    jobs = []
    for model in models:
        for threads in options["threads"]:
            wanted = Measurement(threads=threads, **{name: options[name] for name in MEASURED})
            settings = (wanted, options["accelerator"], options["binary"])
            variant = f"t{threads}-{hashlib.sha256(repr(settings).encode()).hexdigest()[:6]}"
            place = result_path(options["output_dir"], model, target, variant)
            jobs.append(Job(model, place, _measure_on(target, model, wanted, options)))
    return jobs


def _measure_on(
    target: str, model: Path, wanted: Measurement, options: dict[str, Any]
) -> Callable[[Callable[[str, float], None]], Result]:
    if target == "host":
        return partial(measure_isolated, model, wanted)
    from mobilenet_tf.benchmark.android.result import measure_device

    serial = target.partition(":")[2]
    return partial(measure_device, model, wanted, serial, options["accelerator"], options["binary"])
