"""The main path of a measurement on this computer: one .tflite file -> a Result."""

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from mobilenet_tf.contract.preprocessing import RULE, STRETCH_RULE, preprocess, stretch
from mobilenet_tf.data.boxes.measured import AnnotatedImages
from mobilenet_tf.data.digests import PhotoDigests
from mobilenet_tf.data.photos import bundled_photos, find_photos
from mobilenet_tf.data.tags.find import has_tags
from mobilenet_tf.progress import OnProgress, ignore_progress, part_of
from mobilenet_tf.results.records import OpTime, Result, Stages
from mobilenet_tf.tflite.child_process import kept_alive
from mobilenet_tf.tflite.detection_op import holds_detector
from mobilenet_tf.tflite.detector_model import DetectorModel
from mobilenet_tf.tflite.embedding_model import EmbeddingModel
from mobilenet_tf.tflite.ends import gives_vectors
from mobilenet_tf.tflite.image_model import ImageModel
from mobilenet_tf.tflite.interpreter import Session
from mobilenet_tf.tflite.model_file import read_model

from .accuracy import evaluate, open_on_every_core
from .accuracy_notes import notes_on
from .detector_accuracy import detection_accuracy, photos_with_boxes, refuse_options_of_classifiers
from .embedding_accuracy import embedding_accuracy, photos_with_classes
from .environment import host_environment
from .host_timing import load_timed, time_inferences, time_stages
from .measured_photos import photos_for
from .model_facts import Opened, model_facts
from .result import Measurement, result_of
from .settings import MeasurementSettings
from .tag_accuracy import photos_with_tags, tag_accuracy

__all__ = ["measure"]

CHEAP_OPS = {"L2_NORMALIZATION"}  # of one vector, in microseconds whatever computes it


def measure(
    path: Path,
    settings: MeasurementSettings,
    on_progress: OnProgress = ignore_progress,
    digests: PhotoDigests | None = None,
) -> Result:
    """Measure `path` in this process.

    digests: see photos_for.
    Raises ModelError, LabelsError, DataError, ImagesError and InputError for input that cannot be measured.
    """
    content = read_model(path)
    if holds_detector(content):
        refuse_options_of_classifiers(path, settings)
        return _measure(DetectorModel, path, settings, on_progress, digests or PhotoDigests())
    if gives_vectors(content, has_labels=settings.labels is not None):
        return _measure(EmbeddingModel, path, settings, on_progress, digests or PhotoDigests())
    return _measure(ImageModel, path, settings, on_progress, digests or PhotoDigests())


def _measure(
    model_type: Callable[..., Opened],
    path: Path,
    settings: MeasurementSettings,
    on_progress: OnProgress,
    digests: PhotoDigests,
) -> Result:
    on_latency, on_sustained, on_ops, on_accuracy = _parts(settings, on_progress)
    model, load_ms = load_timed(model_type, path, settings, on_latency)
    environment = host_environment()
    stages = _time_stages(model, load_ms, settings, on_latency)
    timed = time_inferences(model.session, settings, environment, stages, on_latency, on_sustained)
    ops = _op_times(path, settings, on_ops)
    measurement = replace(timed, ops=ops, peak_memory_bytes=peak_memory_bytes(), notes=[*model.notes])
    if settings.images is not None:
        measurement = _on_photos(measurement, model, settings, digests, on_accuracy)
    measurement.notes.extend(_xnnpack_notes(model.session))
    return result_of(model_facts(model), measurement, STRETCH_RULE if isinstance(model, DetectorModel) else RULE)


@dataclass(frozen=True)
class _OnPhotos:
    """How a kind of answers is measured on photos.

    field:    of Measurement, for what is measured.
    photos:   (a model, settings, on_progress, digests) -> the photos that it is measured on.
    measured: (models of one file, those photos, on_progress) -> what is measured.
    notes:    (the photos, what was measured) -> sentences.
    """

    field: str
    photos: Callable[..., Any]
    measured: Callable[..., Any]
    notes: Callable[[Any, Any], Sequence[str]]


def _about_training(score: str, photos: Any, _: Any) -> list[str]:
    return [f"{score}: {note}" for note in (photos if isinstance(photos, AnnotatedImages) else photos.files).notes]


CLASSES = _OnPhotos(
    "accuracy", photos_for, evaluate, lambda photos, found: [*photos.class_names.notes, *notes_on(found)]
)
TAGS = _OnPhotos("tags", photos_with_tags, tag_accuracy, partial(_about_training, "mean AP"))
BOXES = _OnPhotos("detection", photos_with_boxes, detection_accuracy, partial(_about_training, "AP50"))
VECTORS = _OnPhotos("embedding", photos_with_classes, embedding_accuracy, partial(_about_training, "recall@1"))


def _on_photos(
    measurement: Measurement,
    model: Opened,
    settings: MeasurementSettings,
    digests: PhotoDigests,
    on_progress: OnProgress,
) -> Measurement:
    """The measurement with what the model is right in on the photos of the settings."""
    kind = _kind(model, settings)
    with kept_alive(on_progress, "reading the photos"):
        photos = kind.photos(model, settings, part_of(on_progress, 0.0, 0.1), digests)
    models: list[Any] = open_on_every_core(type(model), model.path, settings, peak_memory_bytes())
    found = kind.measured(models, photos, part_of(on_progress, 0.1, 1.0))
    notes = [*measurement.notes, *kind.notes(photos, found)]
    return replace(measurement, **{kind.field: found}, notes=notes)


def _kind(model: Opened, settings: MeasurementSettings) -> _OnPhotos:
    """By what a model gives, and what is known of the photos."""
    if isinstance(model, DetectorModel):
        return BOXES
    if isinstance(model, EmbeddingModel):
        return VECTORS
    assert settings.images is not None
    return TAGS if model.has_tags and has_tags(settings.images, settings.ground_truth) else CLASSES


def _parts(settings: MeasurementSettings, on_progress: OnProgress) -> list[OnProgress]:
    """Latency, sustained load, ops and accuracy take equal parts of the progress, if they are to be measured."""
    measured = (True, bool(settings.sustained), settings.profile, settings.images is not None)
    ends = [sum(measured[:number]) / sum(measured) for number in range(len(measured) + 1)]
    return [part_of(on_progress, start, end) for start, end in pairwise(ends)]


def _op_times(path: Path, settings: MeasurementSettings, on_progress: OnProgress) -> list[OpTime]:
    if not settings.profile:
        return []
    # Imported here because it needs packages that tflite-runtime does not bring.
    from .op_profile import profile

    return profile(path, backend=settings.backend, threads=settings.threads, on_progress=on_progress)


def _xnnpack_notes(session: Session) -> list[str]:
    if ops := [op for op in session.left_by_xnnpack if op not in CHEAP_OPS]:
        return [f"XNNPACK left {', '.join(ops)} to the interpreter."]
    if session.xnnpack == "none" and session.backend.startswith("tflite-runtime"):
        return ["tflite-runtime ran this without XNNPACK: ai-edge-litert is many times faster."]
    return []


def peak_memory_bytes() -> int | None:
    """The most memory that this whole process has had; None if the system does not give it."""
    try:
        import resource
    except ImportError:
        return None
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


def _time_stages(model: Opened, load_ms: float, settings: MeasurementSettings, on_progress: OnProgress) -> Stages:
    """See time_stages; after the inference the five best classes are chosen, the vector gets its length of 1, or the
    detections are read.
    """
    detects = isinstance(model, DetectorModel)
    # The photos of a detector may be those of a file of annotations.
    folder = bundled_photos() if detects or settings.images is None else settings.images
    with kept_alive(on_progress, "reading the photos"):
        photos = find_photos(folder).paths
    return time_stages(
        model.session,
        photos,
        load_ms,
        prepare=lambda pixels: model.tensor((stretch if detects else preprocess)(pixels, model.res)),
        read=model.session.get_all if detects else model.session.get,
        finish=_finish(model),
        on_progress=on_progress,
    )


def _finish(model: Opened) -> Callable[[Any], object]:
    """What makes the answer of the outputs."""
    if isinstance(model, DetectorModel):
        return model.detections
    if isinstance(model, EmbeddingModel):
        return model.vector
    return lambda output: np.argsort(-model.scores(output))[:5]
