"""What is asked of a runner on an Android device, and what it gives back: benchmark_model and the demo app alike."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from mobilenet_tf.interpreter import Delegation

from .results import Latency, OpTime, Stages

__all__ = ["Accelerator", "DeviceRun", "Setting"]

Accelerator = Literal["cpu", "gpu", "nnapi"]


@dataclass(frozen=True)
class Setting:
    """One model and how to run it: `runs` measured runs after at least `warmup` runs."""

    model: Path
    threads: int
    accelerator: Accelerator
    runs: int
    warmup: int


@dataclass(frozen=True)
class DeviceRun:
    """What a runner measured; the fields are those of results.Result.

    notes: what a reader of the result should know, a sentence each.
    """

    backend: str
    xnnpack: Delegation
    latency_ms: Latency
    stages_ms: Stages
    ops: list[OpTime]
    peak_memory_bytes: int | None
    notes: list[str] = field(default_factory=list)
