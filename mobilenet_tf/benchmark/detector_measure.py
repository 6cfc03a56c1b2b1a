"""The main path of a measurement of a detector on this computer: one .tflite file -> a Result."""

import time
from pathlib import Path

import numpy as np

from mobilenet_tf.contract.preprocessing import STRETCH_RULE, stretch
from mobilenet_tf.data.digests import PhotoDigests
from mobilenet_tf.data.photos import bundled_photos, find_photos, read_photo
from mobilenet_tf.errors import ImagesError, InputError, SpecError
from mobilenet_tf.networks.cost import totals
from mobilenet_tf.networks.detectors import DetectorSpec
from mobilenet_tf.networks.spec import parse_foreign
from mobilenet_tf.progress import OnProgress, part_of
from mobilenet_tf.results.detection_accuracy import DetectionAccuracy
from mobilenet_tf.results.records import Model, Result, Stages
from mobilenet_tf.tflite.child_process import kept_alive
from mobilenet_tf.tflite.detector_model import DetectorModel
from mobilenet_tf.tflite.process_limits import allow_more_memory

from .detector_accuracy import annotated_images, detection_accuracy
from .environment import host_environment
from .latency import summarize, sustain, time_runs
from .measured_photos import split_beside
from .result import Measurement, ModelFacts, result_of
from .settings import MeasurementSettings

__all__ = ["measure_detector"]

STAGE_PHOTOS = 20  # that preprocessing and postprocessing are timed on


def measure_detector(
    path: Path, settings: MeasurementSettings, on_progress: OnProgress, digests: PhotoDigests | None
) -> Result:
    """Measure a detector in this process; see measure.measure.

    Raises ModelError, LabelsError, DataError, ImagesError and InputError for input that cannot be measured.
    """
    _check_settings(path, settings)
    on_latency, on_accuracy = part_of(on_progress, 0.0, 0.4), part_of(on_progress, 0.4, 1.0)
    allow_more_memory(settings.threads - 1)
    start = time.perf_counter()
    model = DetectorModel(
        path, backend=settings.backend, threads=settings.threads, labels=settings.labels, given=settings.given
    )
    load_ms = (time.perf_counter() - start) * 1e3
    on_latency("loaded", 0.0)
    environment = host_environment()
    stages = _time_stages(model, load_ms, on_latency)
    times = time_runs(
        model.session,
        warmup=settings.warmup,
        runs=settings.runs,
        min_seconds=settings.min_seconds,
        on_progress=on_latency,
    )
    measurement = Measurement(
        target="host",
        backend=model.session.backend,
        accelerator="cpu",
        xnnpack=model.session.xnnpack,
        threads=settings.threads,
        latency_ms=summarize(times, settings.warmup),
        stages_ms=stages,
        environment=environment,
        sustained=sustain(model.session, settings.sustained, on_latency) if settings.sustained else [],
        detection=_detection(model, settings, digests, on_accuracy),
        notes=model.notes,
    )
    return result_of(_facts(model), measurement, STRETCH_RULE)


def _check_settings(path: Path, settings: MeasurementSettings) -> None:
    for name, given in (
        ("ground-truth", settings.ground_truth is not None),
        ("profile", settings.profile),
        ("background-offset", settings.background_offset is not None),
    ):
        if given:
            raise InputError(
                f"--{name} is for classifiers; {path} is an object detector. Leave it out: --images takes a folder of "
                "photos with annotations of boxes."
            )


def _detection(
    model: DetectorModel, settings: MeasurementSettings, digests: PhotoDigests | None, on_progress: OnProgress
) -> DetectionAccuracy | None:
    """The scores on the photos of the settings; None if there are none."""
    if settings.images is None:
        return None
    split = split_beside(model.path, model.sha256)
    with kept_alive(on_progress, "reading the photos"):
        images = annotated_images(settings.images, model.labels, split, digests, part_of(on_progress, 0.0, 0.2))
    return detection_accuracy(model.path, settings, images, part_of(on_progress, 0.2, 1.0))


def _time_stages(model: DetectorModel, load_ms: float, on_progress: OnProgress) -> Stages:
    """Medians over a few bundled photos, decoding not counted: a camera gives pixels. The last input stays set."""
    times: list[tuple[float, float, float]] = []
    for photo in find_photos(bundled_photos()).paths[:STAGE_PHOTOS]:
        on_progress("timing each stage", 0.0)
        try:
            pixels = read_photo(photo)
        except ImagesError:
            continue
        start = time.perf_counter()
        tensor = model.tensor(stretch(pixels, model.res))
        middle = time.perf_counter()
        model.session.run(tensor)
        inference = model.session.time_invoke()
        outputs = model.session.get_all()
        end = time.perf_counter()
        model.detections(outputs)
        times.append(((middle - start) * 1e3, inference, (time.perf_counter() - end) * 1e3))
    preprocess_ms, inference_ms, postprocess_ms = (float(x) for x in np.median(times, axis=0))
    return Stages(load_ms, preprocess_ms, inference_ms, postprocess_ms)


def _facts(model: DetectorModel) -> ModelFacts:
    tensor, classes = model.session.input, model.classes or len(model.labels)
    spec: DetectorSpec | None = None
    try:
        spec, recipe = DetectorSpec.parse(model.path.stem, max(1, classes))
        arch: str | None = spec.arch
    except SpecError:
        arch, _, recipe = parse_foreign(model.path.stem) or (None, None, None)
    if spec is not None and spec.res != model.res:
        spec = None
    mult_adds, parameters = totals(spec) if spec else (None, None)
    described = Model(
        arch=arch,
        alpha=spec.alpha if spec else None,
        res=model.res,
        recipe=recipe,
        classes=classes,
        dtype=tensor.dtype.name,
        scale=tensor.scale,
        zero_point=tensor.zero_point,
        mult_adds=mult_adds,
        parameters=parameters,
    )
    return ModelFacts(model.path.stem, str(model.path), model.size_bytes, model.sha256, described, [])
