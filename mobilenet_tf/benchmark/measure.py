"""The main path of a measurement: one .tflite file, this host -> a Result."""

import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from mobilenet_tf.contract import preprocessing
from mobilenet_tf.contract.preprocessing import load_rgb, preprocess
from mobilenet_tf.data.photos import bundled_photos, list_photos
from mobilenet_tf.results.records import SCHEMA_VERSION, Accuracy, Result, Stages
from mobilenet_tf.tflite.image_model import ImageModel
from mobilenet_tf.tflite.interpreter import Session, time_invoke

from .accuracy import evaluate
from .environment import host_environment
from .labelled_photos import Labelled, class_names, labelled_photos
from .latency import summarize, sustain, time_runs
from .model_record import layer_errors, model_record
from .settings import Measurement

__all__ = ["measure", "photos_for"]

STAGED = 20  # photos that the stages are timed on
SLOW_RUNTIME = "tflite-runtime"


def measure(path: Path, wanted: Measurement, tell: Callable[[str, float], None] = lambda _, __: None) -> Result:
    """Measure `path` in this process. tell: told what is measured and the share of it that is done.

    Raises ModelError, LabelsError, DataError, ImagesError and InputError for input that cannot be measured.
    """
    start = time.perf_counter()
    model = ImageModel(path, backend=wanted.backend, threads=wanted.threads, labels=wanted.labels)
    load_ms = (time.perf_counter() - start) * 1e3
    environment, session = host_environment(), model.session
    stages = _stages(model, load_ms, wanted)
    runs = time_runs(
        session,
        warmup=wanted.warmup,
        runs=wanted.runs,
        min_seconds=wanted.min_seconds,
        tell=lambda share: tell("latency", share),
    )
    sustained = sustain(session, wanted.sustained, lambda share: tell("sustained", share)) if wanted.sustained else []
    ops = []
    if wanted.profile:
        # Here, since it needs packages that tflite-runtime does not bring.
        from .op_profile import profile

        ops = profile(path, backend=wanted.backend, threads=wanted.threads, tell=lambda share: tell("profile", share))
    accuracy = _accuracy(model, wanted, lambda share: tell("accuracy", share)) if wanted.images else None
    notes = [*model.notes, *_notes(session)]
    return Result(
        schema_version=SCHEMA_VERSION,
        name=path.stem,
        path=str(path),
        size_bytes=model.size_bytes,
        sha256=model.sha256,
        model=model_record(model),
        target="host",
        backend=session.backend,
        accelerator="cpu",
        xnnpack=session.xnnpack,
        threads=wanted.threads,
        latency_ms=summarize(runs, wanted.warmup),
        stages_ms=stages,
        ops=ops,
        peak_memory_bytes=peak_memory_bytes(),
        sustained=sustained,
        accuracy=accuracy,
        quantization=layer_errors(path),
        preprocessing=dict(preprocessing.RULE),
        preprocessing_sha256=preprocessing.rule_sha256(),
        environment=environment,
        notes=notes,
    )


def _notes(session: Session) -> list[str]:
    if session.xnnpack == "part":
        return [f"XNNPACK left {', '.join(sorted(set(session.own_ops or ())))} to the interpreter."]
    if session.xnnpack == "none" and session.backend.startswith(SLOW_RUNTIME):
        return ["tflite-runtime ran this without XNNPACK: ai-edge-litert is many times faster."]
    return []


def peak_memory_bytes() -> int | None:
    """The most memory this process has had, all of it; None where the system does not tell."""
    try:
        import resource
    except ImportError:
        return None
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


def _stages(model: ImageModel, load_ms: float, wanted: Measurement) -> Stages:
    """Medians over a few photos, decoding not counted: a camera gives pixels. The last input stays set."""
    photos = list_photos(wanted.images or bundled_photos())[:STAGED]
    taken: list[tuple[float, float, float]] = []
    for photo in photos:
        try:
            pixels = load_rgb(photo)
        except Exception:  # Pillow's decoders raise what suits them; the accuracy names the file
            continue
        start = time.perf_counter()
        tensor = model.tensor(preprocess(pixels, model.res))
        middle = time.perf_counter()
        model.session.run(tensor)
        inference = time_invoke(model.session)
        output = model.session.get()
        end = time.perf_counter()
        np.argsort(-model.scores(output))[:5]
        taken.append(((middle - start) * 1e3, inference, (time.perf_counter() - end) * 1e3))
    if not taken:
        return Stages(load_ms, None, time_invoke(model.session), None)
    preprocess_ms, inference_ms, postprocess_ms = (float(x) for x in np.median(taken, axis=0))
    return Stages(load_ms, preprocess_ms, inference_ms, postprocess_ms)


def _accuracy(model: ImageModel, wanted: Measurement, tell: Callable[[float], None]) -> Accuracy:
    photos, names, offset = photos_for(model, wanted)
    # One thread each: that many photos at a time are faster than threads that share one.
    models = [ImageModel(model.path, backend=wanted.backend, labels=wanted.labels) for _ in range(os.cpu_count() or 1)]
    return evaluate(models, photos, names, offset, tell)


def photos_for(model: ImageModel, wanted: Measurement) -> tuple[Labelled, list[str], int]:
    """The labelled photos of `wanted.images`, the names of the model's classes, and the background's offset."""
    assert wanted.images is not None
    names, offset, note = class_names(
        model.labels,
        model.classes,
        wanted.background_offset,
        model.path.name,
        numbered=wanted.ground_truth is not None,
    )
    model.notes.extend([note] if note else [])
    return labelled_photos(wanted.images, names, offset, wanted.ground_truth), names, offset
