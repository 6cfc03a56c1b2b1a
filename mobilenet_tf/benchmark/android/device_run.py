"""What is asked of a runner on an Android device, and what it gives back: benchmark_model and the demo app alike."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from mobilenet_tf.results.records import Latency, OpTime, Stages
from mobilenet_tf.tflite.interpreter import Delegation

__all__ = ["Accelerator", "DeviceRun", "Prediction", "Predictions", "Setting"]

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
class Prediction:
    """The best classes of one picture with their scores, best first; both empty where `error` says why."""

    file: str
    classes: list[int]
    scores: list[float]
    error: str | None


@dataclass(frozen=True)
class Predictions:
    """What the demo app saw in the photos: one entry each, in their order, and the seconds that all of them took."""

    run: str
    seconds: float
    images: list[Prediction]


@dataclass(frozen=True)
class DeviceRun:
    """What a runner measured; the fields are those of results.Result.

    notes:       what a reader of the result should know, a sentence each.
    predictions: of the photos, where the runner was given some.
    """

    backend: str
    xnnpack: Delegation
    latency_ms: Latency
    stages_ms: Stages
    ops: list[OpTime]
    peak_memory_bytes: int | None
    notes: list[str] = field(default_factory=list)
    predictions: Predictions | None = None
