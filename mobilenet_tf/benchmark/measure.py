"""The main path of a measurement on this computer: one .tflite file -> a Result."""

import sys
import time
from itertools import pairwise
from pathlib import Path

import numpy as np

from mobilenet_tf.contract.preprocessing import preprocess
from mobilenet_tf.data.digests import PhotoDigests
from mobilenet_tf.data.photos import bundled_photos, find_photos, read_photo
from mobilenet_tf.errors import ImagesError
from mobilenet_tf.progress import OnProgress, ignore_progress, part_of
from mobilenet_tf.results.records import Accuracy, OpTime, Result, Stages, SustainedPoint
from mobilenet_tf.tflite.child_process import kept_alive
from mobilenet_tf.tflite.detection_op import holds_detector
from mobilenet_tf.tflite.image_model import ImageModel
from mobilenet_tf.tflite.interpreter import Session
from mobilenet_tf.tflite.model_file import read_model
from mobilenet_tf.tflite.process_limits import allow_more_memory

from .accuracy import evaluate, open_on_every_core
from .accuracy_notes import notes_on
from .environment import host_environment
from .latency import summarize, sustain, time_runs
from .measured_photos import photos_for
from .model_facts import model_facts
from .result import Measurement, result_of
from .settings import MeasurementSettings

__all__ = ["measure"]

STAGE_PHOTOS = 20  # that preprocessing and postprocessing are timed on


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
    if holds_detector(read_model(path)):
        from .detector_measure import measure_detector

        return measure_detector(path, settings, on_progress, digests)
    return _measure_classifier(path, settings, on_progress, digests)


def _measure_classifier(
    path: Path, settings: MeasurementSettings, on_progress: OnProgress, digests: PhotoDigests | None
) -> Result:
    on_latency, on_sustained, on_ops, on_accuracy = _parts(settings, on_progress)
    allow_more_memory(settings.threads - 1)
    start = time.perf_counter()
    model = ImageModel(
        path, backend=settings.backend, threads=settings.threads, labels=settings.labels, given=settings.given
    )
    load_ms = (time.perf_counter() - start) * 1e3
    on_latency("loaded", 0.0)
    environment = host_environment()
    stages = _time_stages(model, load_ms, settings.images or bundled_photos(), on_latency)
    times = time_runs(
        model.session,
        warmup=settings.warmup,
        runs=settings.runs,
        min_seconds=settings.min_seconds,
        on_progress=on_latency,
    )
    sustained = _sustained(model.session, settings, on_sustained)
    ops = _op_times(path, settings, on_ops)
    accuracy, notes = _accuracy(model, settings, digests, on_accuracy)
    measurement = Measurement(
        target="host",
        backend=model.session.backend,
        accelerator="cpu",
        xnnpack=model.session.xnnpack,
        threads=settings.threads,
        latency_ms=summarize(times, settings.warmup),
        stages_ms=stages,
        environment=environment,
        ops=ops,
        peak_memory_bytes=peak_memory_bytes(),
        sustained=sustained,
        accuracy=accuracy,
        notes=[*model.notes, *notes, *_xnnpack_notes(model.session)],
    )
    return result_of(model_facts(model), measurement)


def _parts(settings: MeasurementSettings, on_progress: OnProgress) -> list[OnProgress]:
    """Latency, sustained load, ops and accuracy take equal parts of the progress, if they are to be measured."""
    measured = (True, bool(settings.sustained), settings.profile, settings.images is not None)
    ends = [sum(measured[:number]) / sum(measured) for number in range(len(measured) + 1)]
    return [part_of(on_progress, start, end) for start, end in pairwise(ends)]


def _sustained(session: Session, settings: MeasurementSettings, on_progress: OnProgress) -> list[SustainedPoint]:
    return sustain(session, settings.sustained, on_progress) if settings.sustained else []


def _op_times(path: Path, settings: MeasurementSettings, on_progress: OnProgress) -> list[OpTime]:
    if not settings.profile:
        return []
    # Imported here because it needs packages that tflite-runtime does not bring.
    from .op_profile import profile

    return profile(path, backend=settings.backend, threads=settings.threads, on_progress=on_progress)


def _accuracy(
    model: ImageModel, settings: MeasurementSettings, digests: PhotoDigests | None, on_progress: OnProgress
) -> tuple[Accuracy | None, list[str]]:
    """Accuracy on the photos of the settings, None if there are none; and notes."""
    if settings.images is None:
        return None, []
    with kept_alive(on_progress, "reading the photos"):
        photos = photos_for(model, settings, part_of(on_progress, 0.0, 0.1), digests)
    models = open_on_every_core(model.path, settings, peak_memory_bytes())
    accuracy = evaluate(models, photos, part_of(on_progress, 0.1, 1.0))
    return accuracy, [*photos.class_names.notes, *notes_on(accuracy)]


def _xnnpack_notes(session: Session) -> list[str]:
    if ops := session.left_by_xnnpack:
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


def _time_stages(model: ImageModel, load_ms: float, folder: Path, on_progress: OnProgress) -> Stages:
    """Medians over a few photos, decoding not counted: a camera gives pixels. The last input stays set."""
    times: list[tuple[float, float, float]] = []
    with kept_alive(on_progress, "reading the photos"):
        photos = find_photos(folder).paths[:STAGE_PHOTOS]
    for photo in photos:
        on_progress("timing each stage", 0.0)
        try:
            pixels = read_photo(photo)
        except ImagesError:  # the accuracy names the photo
            continue
        start = time.perf_counter()
        tensor = model.tensor(preprocess(pixels, model.res))
        middle = time.perf_counter()
        model.session.run(tensor)
        inference = model.session.time_invoke()
        output = model.session.get()
        end = time.perf_counter()
        np.argsort(-model.scores(output))[:5]
        times.append(((middle - start) * 1e3, inference, (time.perf_counter() - end) * 1e3))
    if not times:
        return Stages(load_ms, None, model.session.time_invoke(), None)
    preprocess_ms, inference_ms, postprocess_ms = (float(x) for x in np.median(times, axis=0))
    return Stages(load_ms, preprocess_ms, inference_ms, postprocess_ms)
