"""A Result from an attached Android device: what the file is, told by this host; how fast it is, by the device."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mobilenet_tf.benchmark.accuracy import accuracy_of
from mobilenet_tf.benchmark.isolated import measure_isolated
from mobilenet_tf.benchmark.labelled_photos import Labelled
from mobilenet_tf.benchmark.measure import photos_for
from mobilenet_tf.benchmark.settings import Measurement
from mobilenet_tf.errors import DeviceError
from mobilenet_tf.results.records import Accuracy, Result
from mobilenet_tf.tflite.image_model import ImageModel

from .device_run import Accelerator, Prediction, Predictions
from .measure import DeviceMeasurement, measure_on_device

__all__ = ["measure_device"]


def measure_device(
    path: Path,
    wanted: Measurement,
    serial: str,
    accelerator: Accelerator,
    binary: Path | None,
    tell: Callable[[str, float], None] = lambda _, __: None,
) -> Result:
    """Measure `path` on the device; accuracy, where photos are given, there by the demo app, on this host else.

    binary: the benchmark_model for the device; None uses the demo app that is installed there.
    Raises DeviceError, and what measure_isolated raises.
    """
    once = replace(wanted, runs=1, warmup=0, min_seconds=0.0, sustained=0.0, profile=False)
    by_app = wanted.images is not None and binary is None
    here = measure_isolated(path, replace(once, images=None) if by_app else once, tell)
    model = ImageModel(path, backend=wanted.backend, labels=wanted.labels) if by_app else None
    photos, names, offset = photos_for(model, wanted) if model else (Labelled(path, [], [], []), [], 0)
    found = measure_on_device(
        path,
        serial,
        threads=wanted.threads,
        accelerator=accelerator,
        runs=wanted.runs,
        warmup=wanted.warmup,
        binary=binary,
        photos=photos.paths,
        say=lambda what: tell(what, 0.5),
    )
    result = _on_device(here, found, f"adb:{serial}", wanted.threads, accelerator)
    if model and found.run.predictions:
        accuracy = _accuracy(found.run.predictions, photos, names, offset)
        return replace(result, accuracy=accuracy, notes=[*result.notes, *model.notes])
    if here.accuracy is not None:
        note = f"accuracy was measured on {here.environment.device}, by {here.backend}."
        return replace(result, notes=[*result.notes, note])
    return result


def _on_device(here: Result, found: DeviceMeasurement, target: str, threads: int, accelerator: Accelerator) -> Result:
    """What this host knows of the model, with what the device measured."""
    run = found.run
    environment = replace(found.environment, versions=here.environment.versions, git_commit=here.environment.git_commit)
    return replace(
        here,
        target=target,
        backend=run.backend,
        accelerator=accelerator,
        xnnpack=run.xnnpack,
        threads=threads,
        latency_ms=run.latency_ms,
        stages_ms=run.stages_ms,
        ops=run.ops,
        peak_memory_bytes=run.peak_memory_bytes,
        environment=environment,
        notes=run.notes,
    )


def _accuracy(found: Predictions, photos: Labelled, names: Sequence[str], offset: int) -> Accuracy:
    scores = [_scores(image, len(names)) for image in found.images]
    return accuracy_of(scores, photos, names, offset, found.seconds)


def _scores(image: Prediction, classes: int) -> NDArray[np.float32] | str:
    """Of the best classes, which are all that the app tells; the others lie below."""
    if image.error is not None:
        return image.error
    if len(image.classes) != len(image.scores) or not all(0 <= index < classes for index in image.classes):
        raise DeviceError(f"expected of the demo app scores of {classes} classes; got {image}. Install it anew.")
    scores = np.full(classes, -np.inf, np.float32)
    scores[image.classes] = image.scores
    return scores
