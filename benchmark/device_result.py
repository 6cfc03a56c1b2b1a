"""A Result from an attached Android device: what the file is, told by this host; how fast it is, by the device."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from .android import measure_on_device
from .device_run import Accelerator
from .isolated import measure_isolated
from .measurement import Measurement
from .results import Result

__all__ = ["measure_device"]


def measure_device(
    path: Path,
    wanted: Measurement,
    serial: str,
    accelerator: Accelerator,
    binary: Path | None,
    tell: Callable[[str, float], None] = lambda _, __: None,
) -> Result:
    """Measure `path` on the device; accuracy, where photos are given, on this host.

    binary: the benchmark_model for the device; None uses the demo app that is installed there.
    Raises DeviceError, and what measure_isolated raises.
    """
    here = measure_isolated(
        path, replace(wanted, runs=1, warmup=0, min_seconds=0.0, sustained=0.0, profile=False), tell
    )
    found = measure_on_device(
        path,
        serial,
        threads=wanted.threads,
        accelerator=accelerator,
        runs=wanted.runs,
        warmup=wanted.warmup,
        binary=binary,
        say=lambda what: tell(what, 0.5),
    )
    run, notes = found.run, list(found.run.notes)
    if here.accuracy is not None:
        notes.append(f"accuracy was measured on {here.environment.device}, by {here.backend}.")
    environment = replace(found.environment, versions=here.environment.versions, git_commit=here.environment.git_commit)
    return replace(
        here,
        target=f"adb:{serial}",
        backend=run.backend,
        accelerator=accelerator,
        xnnpack=run.xnnpack,
        threads=wanted.threads,
        latency_ms=run.latency_ms,
        stages_ms=run.stages_ms,
        ops=run.ops,
        peak_memory_bytes=run.peak_memory_bytes,
        environment=environment,
        notes=notes,
    )
