"""What is timed of every model on this computer: loading, the stages of a photo, inferences, and sustained load."""

import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from mobilenet_tf.data.photos import read_photo
from mobilenet_tf.errors import ImagesError
from mobilenet_tf.progress import OnProgress
from mobilenet_tf.results.records import Environment, Stages
from mobilenet_tf.tflite.interpreter import Session
from mobilenet_tf.tflite.process_limits import allow_more_memory

from .latency import summarize, sustain, time_runs
from .result import Measurement
from .settings import MeasurementSettings

__all__ = ["load_timed", "time_inferences", "time_stages"]

STAGE_PHOTOS = 20  # that preprocessing and postprocessing are timed on

ModelT = TypeVar("ModelT")
OutputT = TypeVar("OutputT")


def load_timed(
    model_type: Callable[..., ModelT], path: Path, settings: MeasurementSettings, on_progress: OnProgress
) -> tuple[ModelT, float]:
    """(the model in an interpreter, ms that loading it took). model_type: ImageModel or DetectorModel, see there."""
    allow_more_memory(settings.threads - 1)
    start = time.perf_counter()
    model = model_type(
        path, backend=settings.backend, threads=settings.threads, labels=settings.labels, given=settings.given
    )
    load_ms = (time.perf_counter() - start) * 1e3
    on_progress("loaded", 0.0)
    return model, load_ms


def time_stages(
    session: Session,
    photos: Sequence[Path],
    load_ms: float,
    *,
    prepare: Callable[[NDArray[np.uint8]], NDArray[Any]],
    read: Callable[[], OutputT],
    finish: Callable[[OutputT], object],
    on_progress: OnProgress,
) -> Stages:
    """Medians over the first photos, decoding not counted: a camera gives pixels. The last input stays set.

    prepare: the pixels of a photo -> the input tensor; read: copies the outputs of the last inference, which is not
    counted; finish: these outputs -> the answer.
    """
    times: list[tuple[float, float, float]] = []
    for photo in photos[:STAGE_PHOTOS]:
        on_progress("timing each stage", 0.0)
        try:
            pixels = read_photo(photo)
        except ImagesError:  # the accuracy names the photo
            continue
        start = time.perf_counter()
        tensor = prepare(pixels)
        middle = time.perf_counter()
        session.run(tensor)
        inference = session.time_invoke()
        output = read()
        end = time.perf_counter()
        finish(output)
        times.append(((middle - start) * 1e3, inference, (time.perf_counter() - end) * 1e3))
    if not times:
        return Stages(load_ms, None, session.time_invoke(), None)
    preprocess_ms, inference_ms, postprocess_ms = (float(x) for x in np.median(times, axis=0))
    return Stages(load_ms, preprocess_ms, inference_ms, postprocess_ms)


def time_inferences(
    session: Session,
    settings: MeasurementSettings,
    environment: Environment,
    stages: Stages,
    on_latency: OnProgress,
    on_sustained: OnProgress,
) -> Measurement:
    """The measurement on this computer with its latency and sustained load, without ops, accuracy and notes."""
    times = time_runs(
        session,
        warmup=settings.warmup,
        runs=settings.runs,
        min_seconds=settings.min_seconds,
        on_progress=on_latency,
    )
    sustained = sustain(session, settings.sustained, on_sustained) if settings.sustained else []
    return Measurement(
        target="host",
        backend=session.backend,
        accelerator="cpu",
        xnnpack=session.xnnpack,
        threads=settings.threads,
        latency_ms=summarize(times, settings.warmup),
        stages_ms=stages,
        environment=environment,
        sustained=sustained,
    )
