"""The manifest, a JSON file that describes an export: frozen dataclasses <-> JSON.

docs/manifest.md explains every field.
"""

import json
import re
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

from mobilenet_tf.errors import ManifestError
from mobilenet_tf.json_records import parse_versioned, read_text
from mobilenet_tf.terminal import printable

from .detection_record import BoxScore, DetectionRecord
from .file_names import is_plain_name
from .manifest_versions import upgrade_version_2, upgrade_version_3, upgrade_version_4
from .places import PlaceCell, cells_problem
from .tag_thresholds import thresholds_problem

__all__ = [
    "MANIFEST_FILE",
    "SCHEMA_VERSION",
    "SPLIT_FILE",
    "CalibrationRecord",
    "CosineError",
    "FileRecord",
    "Head",
    "Manifest",
    "ProbabilityChange",
    "SplitRecord",
    "Task",
    "TensorRecord",
    "VerificationRecord",
    "WeightsRecord",
]

SCHEMA_VERSION = 5
AGAIN = "Export the model again."
MANIFEST_FILE = "manifest.json"  # in the folder of an export
SPLIT_FILE = "split.json"  # in a run's folder, in each .keras file of a run, and in the folder of an export

# What outputs are: classes that exclude each other; tags, each by itself; or the parts of a vector of length 1.
Head = Literal["softmax", "sigmoid", "embedding"]
Task = Literal["classification", "detection", "embedding"]


@dataclass(frozen=True)
class TensorRecord:
    """An input or output tensor. real = scale * (q - zero_point); scale is 0 for floats."""

    dtype: str
    shape: list[int]
    scale: float
    zero_point: int


@dataclass(frozen=True)
class WeightsRecord:
    """Where the weights came from: imagenet, cifar10, keras, random or file."""

    source: str
    trained_res: int | None
    origin: dict[str, Any]


@dataclass(frozen=True)
class CalibrationRecord:
    """The representative dataset: the number of images and of different photos, the hash of their bytes, the seed."""

    folder: str
    count: int
    distinct: int
    sha256: str
    seed: int


@dataclass(frozen=True)
class SplitRecord:
    """The file that names the photos that the weights were trained on and validated with, by their content.

    dataset, epochs: the name of the data set; of how many epochs the weights are the best on the validation photos.
    train, validation: the numbers of different photos.
    """

    file: str
    sha256: str
    dataset: str
    epochs: int
    train: int
    validation: int

    def describe(self) -> str:
        """What a .tflite says of it in its own metadata, so that it is known without the manifest too."""
        return (
            f"trained on {self.train} photos of {self.dataset}, validated on {self.validation}; split sha256 "
            f"{self.sha256}"
        )

    @staticmethod
    def from_description(text: str, file: str) -> "SplitRecord | None":
        """The record that a text with a description ends with, None if it has none; the epochs are not known: 1.

        file: the name that the file of the split would have.
        """
        found = re.search(
            r"trained on (\d+) photos of (.*), validated on (\d+); split sha256 ([0-9a-f]{64})$", text, re.S
        )
        if found is None:
            return None
        return SplitRecord(file, found[4], found[2], 1, int(found[1]), int(found[3]))


@dataclass(frozen=True)
class VerificationRecord:
    """The photos that the files were verified on, none of which calibrated.

    photos:           different photos.
    accuracy_photos:  those among them that `accuracy`, or of a detector `box_score`, is measured on.
    accuracy_trained: those of the latter that the weights were trained on; null if the weights do not say it.
    """

    photos: int
    accuracy_photos: int
    accuracy_trained: int | None


@dataclass(frozen=True)
class ProbabilityChange:
    """By how much the probability of the float model's best class differs, as a share of 1: mean, 99th percentile and
    maximum over the images.
    """

    mean: float
    p99: float
    max: float


@dataclass(frozen=True)
class CosineError:
    """1 - the cosine of a file's vectors with those of the float model: mean, 99th percentile and maximum over the
    images.
    """

    mean: float
    p99: float
    max: float


@dataclass(frozen=True)
class FileRecord:
    """One exported file and the result of its verification.

    outputs: all outputs of a detector's file, of which `output` is the first; None for a classifier.
    tag_agreement: of tags, `agreement` of each; None for other networks.
    agreement, cosine_error: of embeddings, the share of photos whose nearest other photo is that of the float model,
                   and how far the vectors are from its. The latter is None for other networks.
    box_score:     of a detector that was verified on photos whose boxes are known; else None.
    """

    path: str
    recipe: str
    correction: str
    per_tensor: bool
    size_bytes: int
    sha256: str
    input: TensorRecord
    output: TensorRecord
    ops: dict[str, int]
    images: int
    agreement: float
    max_abs_error: float
    mean_step_error: float | None
    max_step_error: float | None
    probability_change: ProbabilityChange | None
    accuracy: float | None
    outputs: list[TensorRecord] | None = None
    tag_agreement: list[float] | None = None
    cosine_error: CosineError | None = None
    box_score: BoxScore | None = None


@dataclass(frozen=True)
class Manifest:
    """What one export folder holds and how it was made.

    arch, alpha:    of one of our networks; of any other the cleaned name of its file, and None.
    classes:        how many outputs there are: classes, tags, or the dimensions of an embedding.
    head:           softmax over classes; sigmoid: tags, each of which is present or not by itself; or embedding: a
                    vector of length 1.
    mean, std:      the input is (byte - mean) / std: one number each, or three for red, green and blue.
    converted_from: what the file of the weights is; None if the weights came from no file.
    labels, labels_sha256: the file of the names of the classes or tags; None for an embedding.
    task, detection: what the network is for; of a detector how detections are chosen.
    cells:          of the classes, if these are cells of the earth: where photos were taken.
    thresholds:     of tags, from which score on each is true, in the order of the labels; None if it is not known.
    """

    schema_version: int
    name: str
    arch: str
    alpha: float | None
    res: int
    classes: int
    background: bool
    head: Head
    mean: list[float]
    std: list[float]
    converted_from: str | None
    weights: WeightsRecord
    calibration: CalibrationRecord
    verification: VerificationRecord | None
    split: SplitRecord | None
    preprocessing: dict[str, Any]
    preprocessing_sha256: str
    labels: str | None
    labels_sha256: str | None
    files: list[FileRecord]
    golden: str
    notes: list[str]
    versions: dict[str, str]
    task: Task = "classification"
    detection: DetectionRecord | None = None
    cells: list[PlaceCell] | None = None
    thresholds: list[float] | None = None

    def to_json(self) -> str:
        """The JSON text that `from_json` reads. The same manifest gives the same text."""
        fields = asdict(self)
        if self.task == "classification":  # as before there were others
            del fields["task"]
        optional = ("outputs", "tag_agreement", "cosine_error", "box_score")
        of_files = [(file, name) for file in fields["files"] for name in optional]
        for record, name in [*((fields, name) for name in ("detection", "cells", "thresholds")), *of_files]:
            if record[name] is None:
                del record[name]
        return json.dumps(fields, indent=2, ensure_ascii=False) + "\n"

    @staticmethod
    def from_json(text: str) -> "Manifest":
        """The manifest in a JSON text; versions 2 to 4 are read too, what they did not say being None.

        Raises ManifestError for text that is no JSON or of another version, and for a field that is missing or wrong.
        """
        upgrades = {2: upgrade_version_2, 3: upgrade_version_3, 4: upgrade_version_4}
        manifest = parse_versioned(Manifest, text, SCHEMA_VERSION, "the manifest", ManifestError, AGAIN, upgrades)
        assert isinstance(manifest, Manifest)
        _check_fields(manifest)
        return manifest

    @staticmethod
    def read(path: Path) -> "Manifest":
        """Read `manifest.json`. Raises ManifestError."""
        return Manifest.from_json(read_text(path, ManifestError))


def _check_fields(manifest: Manifest) -> None:
    """Raise ManifestError for a field that has the right type and yet cannot be."""
    for field, values in (("mean", manifest.mean), ("std", manifest.std)):
        if len(values) not in (1, 3):
            raise ManifestError(
                f"the manifest.{field}: expected one number, or three for red, green and blue; got {len(values)}.\n"
                f"{AGAIN}"
            )
    if manifest.cells is not None and (problem := cells_problem(manifest.cells, manifest.classes)):
        raise ManifestError(f"the manifest.cells: {problem}.\n{AGAIN}")
    if manifest.thresholds is not None and (problem := thresholds_problem(manifest.thresholds, manifest.classes)):
        raise ManifestError(f"the manifest.thresholds: {problem}.\n{AGAIN}")
    has_labels = None not in (manifest.labels, manifest.labels_sha256)
    if has_labels != (manifest.task != "embedding"):
        raise ManifestError(
            f"the manifest.labels: expected {'a file' if not has_labels else 'null'} for the task {manifest.task}.\n"
            f"{AGAIN}"
        )
    names = (
        {"golden": manifest.golden}
        if manifest.labels is None
        else {
            "labels": manifest.labels,
            "golden": manifest.golden,
        }
    )
    names |= {f"files[{index}].path": file.path for index, file in enumerate(manifest.files)}
    if manifest.split is not None:
        names["split.file"] = manifest.split.file
    for field, name in names.items():
        if not is_plain_name(name):
            raise ManifestError(
                f"the manifest.{field}: expected the name of a file beside the manifest; got '{printable(name[:80])}'."
                f"\n{AGAIN}"
            )
