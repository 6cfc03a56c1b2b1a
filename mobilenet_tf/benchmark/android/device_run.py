"""What a runner on an Android device (benchmark_model or the demo app) is to do, and what it gives back."""

from dataclasses import dataclass, field
from pathlib import Path

from mobilenet_tf.benchmark.settings import Accelerator
from mobilenet_tf.results.records import Latency, OpTime, Stages
from mobilenet_tf.tflite.interpreter import Delegation

__all__ = ["DeviceRun", "PhotoPrediction", "PhotoPredictions", "RunSettings"]


@dataclass(frozen=True)
class RunSettings:
    """One model and how to run it: `runs` measured runs after at least `warmup` runs."""

    model: Path
    threads: int
    accelerator: Accelerator = "cpu"
    runs: int = 50
    warmup: int = 10


@dataclass(frozen=True)
class PhotoPrediction:
    """The best classes of one photo with their scores, best first; both are empty if `error` says why."""

    file: str
    classes: list[int]
    scores: list[float]
    error: str | None


@dataclass(frozen=True)
class PhotoPredictions:
    """What the demo app predicted: an entry for each photo, in their order, and the seconds that all of them took.

    The names of the fields are those of the app's JSON.
    """

    run: str
    seconds: float
    images: list[PhotoPrediction]


@dataclass(frozen=True)
class DeviceRun:
    """What a runner measured; the fields are those of results.Result.

    notes:       what a reader of the result should know, a sentence each.
    predictions: for the photos, if the runner was given any.
    """

    backend: str
    xnnpack: Delegation
    latency_ms: Latency
    stages_ms: Stages
    ops: list[OpTime]
    peak_memory_bytes: int | None
    notes: list[str] = field(default_factory=list)
    predictions: PhotoPredictions | None = None
