"""What an export's manifest says, gathered from what the export made and found."""

import hashlib
from collections.abc import Mapping
from dataclasses import asdict
from importlib import metadata as distributions

from mobilenet_tf.contract import preprocessing
from mobilenet_tf.contract.labels import LABELS_FILE
from mobilenet_tf.contract.manifest import (
    SCHEMA_VERSION,
    CalibrationRecord,
    FileRecord,
    Manifest,
    TensorRecord,
    WeightsRecord,
)
from mobilenet_tf.tflite.interpreter import TensorInfo
from mobilenet_tf.version import __version__

from .calibration import Split
from .job import Job
from .quantize import Outcome
from .recipes import Recipe
from .verify import Check

__all__ = ["labels_text", "manifest_of"]


def manifest_of(job: Job, outcomes: Mapping[str, Outcome], checks: Mapping[str, Check]) -> Manifest:
    """The manifest of a finished export; outcomes and checks by recipe."""
    spec, weights, split = job.weights.spec, job.weights, job.split
    return Manifest(
        schema_version=SCHEMA_VERSION,
        name=spec.name,
        arch=spec.arch,
        alpha=spec.alpha,
        res=spec.res,
        classes=spec.classes,
        background=weights.background,
        weights=WeightsRecord(weights.source, weights.trained_res, weights.origin),
        calibration=_calibration_record(split),
        preprocessing=dict(preprocessing.RULE),
        preprocessing_sha256=preprocessing.rule_sha256(),
        labels=LABELS_FILE,
        labels_sha256=_sha256(labels_text(job).encode()),
        files=[
            _file_record(
                spec.artefact(recipe.name) + ".tflite", recipe, job.options.per_tensor, outcomes[recipe.name], checks
            )
            for recipe in job.options.recipes
        ],
        golden="golden",
        notes=[*job.notes, *(note for outcome in outcomes.values() for note in outcome.notes)],
        versions={"mobilenet-tf": __version__}
        | {name: distributions.version(name) for name in ("keras", "ai-edge-litert", "numpy", "pillow")}
        | {"tensorflow": _tensorflow_version()},
    )


def _calibration_record(split: Split) -> CalibrationRecord:
    folder = "bundled" if split.folder is None else str(split.folder)
    images = split.calibration
    return CalibrationRecord(folder, len(images.images), images.distinct, images.sha256, split.seed)


def _file_record(
    path: str, recipe: Recipe, per_tensor: bool, outcome: Outcome, checks: Mapping[str, Check]
) -> FileRecord:
    found = checks[recipe.name]
    measured = {key: value for key, value in asdict(found).items() if key not in ("input", "output")}
    return FileRecord(
        path=path,
        recipe=recipe.name,
        correction=outcome.correction,
        per_tensor=per_tensor and recipe.quantized,
        size_bytes=len(outcome.model),
        sha256=_sha256(outcome.model),
        input=_tensor_record(found.input),
        output=_tensor_record(found.output),
        **measured,
    )


def _tensor_record(tensor: TensorInfo) -> TensorRecord:
    return TensorRecord(tensor.dtype.name, list(tensor.shape), tensor.scale, tensor.zero_point)


def labels_text(job: Job) -> str:
    """The labels file: one class name a line."""
    return "".join(f"{label}\n" for label in job.labels)


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _tensorflow_version() -> str:
    import tensorflow as tf

    return str(tf.__version__)
