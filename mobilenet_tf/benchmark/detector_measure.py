"""The main path of a measurement of a detector on this computer: one .tflite file -> a Result."""

from dataclasses import replace
from pathlib import Path

from mobilenet_tf.contract.preprocessing import STRETCH_RULE, stretch
from mobilenet_tf.data.digests import PhotoDigests
from mobilenet_tf.data.photos import bundled_photos, find_photos
from mobilenet_tf.errors import InputError, SpecError
from mobilenet_tf.networks.cost import totals
from mobilenet_tf.networks.detectors import DetectorSpec
from mobilenet_tf.networks.spec import parse_foreign
from mobilenet_tf.progress import OnProgress, part_of
from mobilenet_tf.results.detection_accuracy import DetectionAccuracy
from mobilenet_tf.results.records import Model, Result
from mobilenet_tf.tflite.child_process import kept_alive
from mobilenet_tf.tflite.detector_model import DetectorModel

from .detector_accuracy import annotated_images, detection_accuracy
from .environment import host_environment
from .host_timing import load_timed, time_inferences, time_stages
from .measured_photos import split_beside
from .result import ModelFacts, result_of
from .settings import MeasurementSettings

__all__ = ["measure_detector"]


def measure_detector(
    path: Path, settings: MeasurementSettings, on_progress: OnProgress, digests: PhotoDigests | None
) -> Result:
    """Measure a detector in this process; see measure.measure.

    Raises ModelError, LabelsError, DataError, ImagesError and InputError for input that cannot be measured.
    """
    _check_settings(path, settings)
    on_latency, on_accuracy = part_of(on_progress, 0.0, 0.4), part_of(on_progress, 0.4, 1.0)
    model, load_ms = load_timed(DetectorModel, path, settings, on_latency)
    environment = host_environment()
    stages = time_stages(
        model.session,
        find_photos(bundled_photos()).paths,
        load_ms,
        prepare=lambda pixels: model.tensor(stretch(pixels, model.res)),
        read=model.session.get_all,
        finish=model.detections,
        on_progress=on_latency,
    )
    timed = time_inferences(model.session, settings, environment, stages, on_latency, on_latency)
    measurement = replace(timed, detection=_detection(model, settings, digests, on_accuracy), notes=model.notes)
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
