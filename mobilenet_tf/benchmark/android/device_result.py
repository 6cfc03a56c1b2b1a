"""A Result from an attached Android device: this computer reads the facts of the file, the device measures."""

import platform
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

import numpy as np

from mobilenet_tf.benchmark.accuracy import Scores, accuracy_of, evaluate, open_on_every_core
from mobilenet_tf.benchmark.accuracy_notes import notes_on
from mobilenet_tf.benchmark.environment import host_environment
from mobilenet_tf.benchmark.labelled_photos import LabelledPhotos
from mobilenet_tf.benchmark.measured_photos import photos_for
from mobilenet_tf.benchmark.model_facts import model_facts
from mobilenet_tf.benchmark.result import Measurement, ModelFacts, result_of
from mobilenet_tf.benchmark.settings import Accelerator, MeasurementSettings
from mobilenet_tf.benchmark.shared_digests import run_with_digests
from mobilenet_tf.data.digests import PhotoDigests
from mobilenet_tf.data.tags.find import has_tags
from mobilenet_tf.errors import DeviceError, InputError
from mobilenet_tf.progress import OnProgress, ignore_progress, part_of
from mobilenet_tf.results.records import Accuracy, Environment, Result
from mobilenet_tf.tflite.child_process import kept_alive
from mobilenet_tf.tflite.detection_op import holds_detector
from mobilenet_tf.tflite.embedding_model import EmbeddingModel
from mobilenet_tf.tflite.ends import gives_vectors
from mobilenet_tf.tflite.image_model import ImageModel
from mobilenet_tf.tflite.model_file import read_model

from .device_run import PhotoPrediction, PhotoPredictions, RunSettings
from .measure import measure_on_device

__all__ = ["result_from_device"]


@dataclass(frozen=True)
class _HostPart:
    """What this computer finds out before the device measures.

    photos:   for the device to classify.
    accuracy: if it was measured here.
    notes:    on the model, the photos and the accuracy.
    """

    facts: ModelFacts
    photos: LabelledPhotos | None = None
    accuracy: Accuracy | None = None
    notes: list[str] = field(default_factory=list)


def result_from_device(
    path: Path,
    settings: MeasurementSettings,
    serial: str,
    accelerator: Accelerator,
    binary: Path | None,
    digests: PhotoDigests,
    on_progress: OnProgress = ignore_progress,
) -> Result:
    """Measure `path` on the device; accuracy, if there are photos, there by the demo app, else on this computer.

    binary: the benchmark_model for the device; None uses the demo app that is installed there.
    digests: see photos_for.
    Raises DeviceError, and what opening the model and reading its photos raises.
    """
    work = partial(_host_part, path, settings, binary is None)  # a damaged file may crash the interpreter
    host = run_with_digests(path, work, digests, part_of(on_progress, 0.0, 0.5))
    run, environment = measure_on_device(
        serial,
        RunSettings(path, settings.threads, accelerator, settings.runs, settings.warmup),
        binary=binary,
        photos=host.photos.paths if host.photos else (),
        on_progress=part_of(on_progress, 0.5, 1.0),
    )
    accuracy = host.accuracy
    if host.photos and run.predictions:
        accuracy = _accuracy_by_app(run.predictions, host.photos)
    measurement = Measurement(
        target=f"adb:{serial}",
        backend=run.backend,
        accelerator=accelerator,
        xnnpack=run.xnnpack,
        threads=settings.threads,
        latency_ms=run.latency_ms,
        stages_ms=run.stages_ms,
        environment=_with_versions_of_host(environment),
        ops=run.ops,
        peak_memory_bytes=run.peak_memory_bytes,
        accuracy=accuracy,
        notes=[*run.notes, *host.notes, *(notes_on(accuracy) if accuracy else [])],
    )
    return result_of(host.facts, measurement)


def _host_part(
    path: Path, settings: MeasurementSettings, by_app: bool, digests: PhotoDigests, on_progress: OnProgress
) -> _HostPart:
    content = read_model(path)
    if holds_detector(content):
        raise InputError(
            f"{path} is an object detector, which is measured on this computer only: leave out --target, or run it in "
            "the app."
        )
    if gives_vectors(content, has_labels=settings.labels is not None):
        return _of_vectors(path, settings)
    model = ImageModel(path, backend=settings.backend, labels=settings.labels)
    facts = model_facts(model)
    if settings.images is not None and model.has_tags and has_tags(settings.images, settings.ground_truth):
        raise InputError(
            f"{path} gives tags, whose mean average precision is measured on this computer only: leave --images out, "
            "or --target."
        )
    if settings.images is None:
        return _HostPart(facts, notes=[*model.notes])
    with kept_alive(on_progress, "reading the photos"):
        photos = photos_for(model, settings, part_of(on_progress, 0.0, 0.1), digests)
    notes = [*model.notes, *photos.class_names.notes]
    if by_app:
        return _HostPart(facts, photos, notes=notes)
    accuracy = evaluate(open_on_every_core(ImageModel, path, settings), photos, part_of(on_progress, 0.1, 1.0))
    notes.append(f"accuracy was measured on {platform.node()}, by {model.session.backend}.")
    return _HostPart(facts, accuracy=accuracy, notes=notes)


def _of_vectors(path: Path, settings: MeasurementSettings) -> _HostPart:
    if settings.images is not None:
        raise InputError(
            f"{path} gives vectors, whose recall@1 is measured on this computer only: leave --images out, or --target."
        )
    model = EmbeddingModel(path, backend=settings.backend, labels=settings.labels)
    return _HostPart(model_facts(model), notes=[*model.notes])


def _with_versions_of_host(environment: Environment) -> Environment:
    host = host_environment()
    return replace(environment, versions=host.versions, git_commit=host.git_commit)


def _accuracy_by_app(predictions: PhotoPredictions, photos: LabelledPhotos) -> Accuracy:
    classes = len(photos.class_names.names)
    scores = [_scores(prediction, classes) for prediction in predictions.images]
    return accuracy_of(scores, photos, predictions.seconds)


def _scores(prediction: PhotoPrediction, classes: int) -> Scores:
    """The score of every class: the app gives those of the best classes; the others get minus infinity."""
    if prediction.error is not None:
        return prediction.error
    fits = len(prediction.classes) == len(prediction.scores) and all(0 <= i < classes for i in prediction.classes)
    if not fits:
        raise DeviceError(
            f"expected scores of {classes} classes from the demo app; got {prediction}. Install it again."
        )
    scores = np.full(classes, -np.inf, np.float32)
    scores[prediction.classes] = prediction.scores
    return scores
