"""Build the manifest of a detector's export from its input and its verified files."""

from collections.abc import Sequence
from dataclasses import replace

from export.manifest_builder import (
    as_text,
    calibration_record,
    file_record,
    labels_text,
    sha256,
    tensor_record,
    versions,
)
from export.source_kind import converted_from
from export.split_record import split_record
from mobilenet_tf.contract.detection_record import DetectionRecord
from mobilenet_tf.contract.labels import LABELS_FILE
from mobilenet_tf.contract.manifest import (
    SCHEMA_VERSION,
    FileRecord,
    Manifest,
    VerificationRecord,
    WeightsRecord,
)
from mobilenet_tf.contract.preprocessing import MEAN, STD, STRETCH_RULE, rule_sha256
from mobilenet_tf.tasks.boxes import BOX_SCALES
from mobilenet_tf.tflite.detector import THRESHOLD
from mobilenet_tf.weights.file_kinds import weights_file

from .file import DetectorFile
from .job import DetectorJob

__all__ = ["detector_manifest"]


def detector_manifest(job: DetectorJob, files: Sequence[DetectorFile], notes: Sequence[str]) -> Manifest:
    """The manifest of an export."""
    weights, spec = job.weights, job.weights.spec
    return Manifest(
        schema_version=SCHEMA_VERSION,
        name=job.name,
        arch=spec.arch,
        alpha=spec.alpha,
        res=spec.res,
        classes=spec.classes,
        background=False,
        head="sigmoid",
        mean=[MEAN],
        std=[STD],
        converted_from=converted_from(weights_file(job.settings.weights)) if weights.source == "file" else None,
        weights=WeightsRecord(weights.source, spec.res, {name: as_text(text) for name, text in weights.origin.items()}),
        calibration=calibration_record(job.images),
        verification=_verification_record(job),
        split=split_record(weights.split),
        preprocessing=dict(STRETCH_RULE),
        preprocessing_sha256=rule_sha256(STRETCH_RULE),
        labels=LABELS_FILE,
        labels_sha256=sha256(labels_text(job.labels).encode()),
        files=[_file_record(file, per_tensor=job.settings.per_tensor) for file in files],
        golden="golden",
        notes=[as_text(note) for note in notes],
        versions=versions(),
        task="detection",
        detection=_detection_record(job),
    )


def _verification_record(job: DetectorJob) -> VerificationRecord:
    photos, known = job.images.verification.distinct, job.known
    return VerificationRecord(photos, known.counted.count if known else 0, known.counted.trained if known else None)


def _detection_record(job: DetectorJob) -> DetectionRecord:
    chosen = job.chosen
    return DetectionRecord(
        outputs=job.outputs,
        score_threshold=chosen.score_threshold,
        iou_threshold=chosen.iou_threshold,
        most=chosen.most,
        per_class=chosen.per_class,
        shown_from=THRESHOLD,
        box_scales=[*BOX_SCALES],
        anchors=job.weights.spec.anchors().tolist() if job.outputs == "raw" else [],
    )


def _file_record(file: DetectorFile, *, per_tensor: bool) -> FileRecord:
    outputs = file.check.outputs
    record = file_record(file, outputs[0], per_tensor=per_tensor)
    return replace(record, outputs=[tensor_record(output) for output in outputs], box_score=file.check.box_score)
