"""Build the manifest of an export from its input and its verified files."""

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from importlib import metadata as distributions
from typing import Any

from mobilenet_tf.contract import preprocessing
from mobilenet_tf.contract.labels import LABELS_FILE
from mobilenet_tf.contract.manifest import (
    SCHEMA_VERSION,
    CalibrationRecord,
    FileRecord,
    Manifest,
    TensorRecord,
    VerificationRecord,
    WeightsRecord,
)
from mobilenet_tf.tflite.interpreter import TensorInfo
from mobilenet_tf.version import __version__

from .calibration import ExportImages
from .job import Job
from .made_file import MadeFile
from .make_file import VerifiedFile
from .network import Network
from .split_record import split_record

__all__ = [
    "as_text",
    "build_manifest",
    "calibration_record",
    "file_record",
    "labels_text",
    "sha256",
    "tensor_record",
    "versions",
]


def build_manifest(job: Job, files: Sequence[VerifiedFile], notes: Sequence[str]) -> Manifest:
    """The manifest of an export."""
    network = job.network
    return Manifest(
        schema_version=SCHEMA_VERSION,
        name=job.name,
        arch=network.arch,
        alpha=network.alpha,
        res=network.res,
        classes=network.outputs,
        background=network.background,
        head=network.head,
        mean=[*network.normalization.mean],
        std=[*network.normalization.std],
        converted_from=network.converted_from,
        weights=WeightsRecord(network.source, network.trained_res, _origin(network)),
        calibration=calibration_record(job.images),
        verification=VerificationRecord(job.images.verification.distinct, job.accuracy.count, job.accuracy.trained),
        split=split_record(network.split),
        preprocessing=preprocessing.RULE | _normalization(network),
        preprocessing_sha256=preprocessing.rule_sha256(),
        labels=LABELS_FILE if network.labels else None,
        labels_sha256=sha256(labels_text(network.labels).encode()) if network.labels else None,
        files=[_file_record(file, job.settings.per_tensor) for file in files],
        golden="golden",
        notes=[as_text(note) for note in notes],
        versions=versions(),
        task="embedding" if network.head == "embedding" else "classification",
        cells=[*network.cells] or None,
        thresholds=None if network.thresholds is None else [*network.thresholds],
    )


def _normalization(network: Network) -> dict[str, Any]:
    """The normalization as the rule says it: numbers, or lists of one for each channel."""
    values = {"mean": network.normalization.mean, "std": network.normalization.std}
    return {name: each[0] if len(each) == 1 else [*each] for name, each in values.items()}


def _origin(network: Network) -> dict[str, Any]:
    return {name: as_text(value) if isinstance(value, str) else value for name, value in network.origin.items()}


def calibration_record(images: ExportImages) -> CalibrationRecord:
    """The record of the representative dataset."""
    folder = "bundled" if images.folder is None else as_text(str(images.folder))
    used = images.calibration
    return CalibrationRecord(folder, len(used.images), used.distinct, used.sha256, images.seed)


def _file_record(file: VerifiedFile, per_tensor: bool) -> FileRecord:
    check = file.check
    return replace(
        file_record(file, check.output, per_tensor=per_tensor),
        mean_step_error=check.mean_step_error,
        max_step_error=check.max_step_error,
        probability_change=check.probability_change,
        accuracy=check.accuracy,
        tag_agreement=check.tag_agreement,
        cosine_error=check.cosine_error,
    )


def file_record(file: MadeFile, output: TensorInfo, *, per_tensor: bool) -> FileRecord:
    """The record of a file of any export, without what is known of classifiers or of detectors alone.

    output: the first. per_tensor: whether the settings say so.
    """
    check = file.check
    return FileRecord(
        path=file.name,
        recipe=file.recipe.name,
        correction=file.correction,
        per_tensor=per_tensor and file.recipe.quantized,
        size_bytes=len(file.content),
        sha256=sha256(file.content),
        input=tensor_record(check.input),
        output=tensor_record(output),
        ops=check.ops,
        images=check.images,
        agreement=check.agreement,
        max_abs_error=check.max_abs_error,
        mean_step_error=None,
        max_step_error=None,
        probability_change=None,
        accuracy=None,
    )


def tensor_record(tensor: TensorInfo) -> TensorRecord:
    """The record of an input or output."""
    return TensorRecord(tensor.dtype.name, list(tensor.shape), tensor.scale, tensor.zero_point)


def labels_text(labels: Sequence[str]) -> str:
    """The labels file: one class name a line."""
    return "".join(f"{label}\n" for label in labels)


def versions() -> dict[str, str]:
    """The versions of the packages that an export depends on."""
    return (
        {"mobilenet-tf": __version__}
        | {name: distributions.version(name) for name in ("keras", "ai-edge-litert", "numpy", "pillow")}
        | {"tensorflow": _tensorflow_version()}
    )


def as_text(text: str) -> str:
    """`text` with escapes for bytes of file names that are not UTF-8, which no JSON file can hold."""
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


def sha256(data: bytes) -> str:
    """Hexadecimal sha256 of bytes."""
    return hashlib.sha256(data).hexdigest()


def _tensorflow_version() -> str:
    from mobilenet_tf.keras_loader import tf

    return str(tf.__version__)
