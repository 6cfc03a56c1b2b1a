"""The manifest, a JSON file that describes an export: frozen dataclasses <-> JSON.

docs/manifest.md explains every field.
"""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from mobilenet_tf.errors import ManifestError
from mobilenet_tf.json_records import parse_versioned, read_text

__all__ = ["SCHEMA_VERSION", "CalibrationRecord", "FileRecord", "Manifest", "TensorRecord", "WeightsRecord"]

SCHEMA_VERSION = 3


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
class FileRecord:
    """One exported file and the result of its verification."""

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
    accuracy: float | None


@dataclass(frozen=True)
class Manifest:
    """What one export folder holds and how it was made."""

    schema_version: int
    name: str
    arch: str
    alpha: float
    res: int
    classes: int
    background: bool
    weights: WeightsRecord
    calibration: CalibrationRecord
    preprocessing: dict[str, Any]
    preprocessing_sha256: str
    labels: str
    labels_sha256: str
    files: list[FileRecord]
    golden: str
    notes: list[str]
    versions: dict[str, str]

    def to_json(self) -> str:
        """The JSON text that `from_json` reads. The same manifest gives the same text."""
        return json.dumps(asdict(self), indent=2, ensure_ascii=False) + "\n"

    @staticmethod
    def from_json(text: str) -> "Manifest":
        """The manifest in a JSON text; version 2 is read too.

        Raises ManifestError for text that is no JSON or of another version, and for a field that is missing or wrong.
        """
        again, upgrades = "Export the model again.", {2: _upgrade_version_2}
        manifest = parse_versioned(Manifest, text, SCHEMA_VERSION, "the manifest", ManifestError, again, upgrades)
        assert isinstance(manifest, Manifest)
        return manifest

    @staticmethod
    def read(path: Path) -> "Manifest":
        """Read `manifest.json`. Raises ManifestError."""
        return Manifest.from_json(read_text(path, ManifestError))


def _upgrade_version_2(fields: dict[str, Any]) -> dict[str, Any]:
    """The fields of version 2 as those of version 3, in which the variant is part of the architecture's name."""
    variant = fields.get("variant", "separable")
    kept = {name: value for name, value in fields.items() if name != "variant"}
    return kept if variant == "separable" else kept | {"arch": f"{fields.get('arch')}_{variant}"}
