"""Class names: the bundled ImageNet ones, a file's, or numbers; always as many as the classifier has rows."""

import io
import zipfile
from importlib import resources
from pathlib import Path

from .data_cifar10 import CLASSES
from .errors import LabelsError, ModelError
from .weights import Weights

__all__ = [
    "BACKGROUND",
    "LABELS_FILE",
    "embedded_labels",
    "imagenet_labels",
    "imagenet_wnids",
    "labels_beside",
    "labels_for",
    "read_labels",
]

BACKGROUND = "background"
LABELS_FILE = "labels.txt"  # beside an export, and inside each of its files


def _imagenet_table() -> list[list[str]]:
    text = (resources.files("mobilenet_tf") / "assets" / "imagenet_classes.tsv").read_text(encoding="utf-8")
    return [line.split("\t") for line in text.splitlines()[1:]]


def imagenet_labels() -> list[str]:
    """The 1000 ImageNet class names, in the usual order."""
    return [label for _, label in _imagenet_table()]


def imagenet_wnids() -> list[str]:
    """The WordNet ids of the 1000 ImageNet classes, in the same order: n01440764, ..."""
    return [wnid for wnid, _ in _imagenet_table()]


def read_labels(path: Path) -> list[str]:
    """One label a line; blank lines at the end do not count. Raises LabelsError."""
    try:
        labels = path.read_text(encoding="utf-8-sig").rstrip().splitlines()
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is no UTF-8 text"
        raise LabelsError(
            f"cannot read the labels in {path}: {reason}.\nGive a text file, one label a line."
        ) from error
    return [label.strip() for label in labels]


def embedded_labels(model: bytes) -> list[str]:
    """The labels in a .tflite's metadata, a zip archive at its end. Raises ModelError when there are none."""
    try:
        with zipfile.ZipFile(io.BytesIO(model)) as archive:
            return archive.read(LABELS_FILE).decode("utf-8").splitlines()
    except (zipfile.BadZipFile, KeyError, UnicodeDecodeError) as error:
        raise ModelError(
            f"the model carries no {LABELS_FILE} in its metadata. Export it with mobilenet-export."
        ) from error


def labels_beside(weights: Weights, source: str) -> Path | None:
    """The labels.txt in the folder of the weights' file, where mobilenet-train leaves one; None if there is none."""
    path = Path(source).with_name(LABELS_FILE)
    return path if weights.source == "file" and path.is_file() else None


def labels_for(weights: Weights, file: Path | None) -> tuple[list[str], str | None]:
    """The labels of these weights' classes, and a note where they are only numbers.

    From `file` if given, else ImageNet's or CIFAR-10's names where the classes are theirs, else `class 0`, ...
    Raises LabelsError when `file` does not hold exactly one label per class.
    """
    classes = weights.spec.classes
    if file is not None:
        labels = read_labels(file)
        if len(labels) != classes:
            raise LabelsError(_mismatch(file, len(labels), classes))
        return labels, None
    if weights.source == "cifar10":
        return list(CLASSES), None
    if weights.imagenet:
        return [BACKGROUND] * weights.background + imagenet_labels(), None
    note = f"no labels given: the {classes} classes are named by number; --labels FILE names them."
    return [f"class {index}" for index in range(classes)], note


def _mismatch(file: Path, found: int, classes: int) -> str:
    message = f"expected {classes} labels, one per class; {file} has {found}."
    if found == classes + 1:
        return message + "\nOne too many: Google's 1001-line lists begin with the background row; remove that line."
    if found == classes - 1:
        return (
            message + "\nOne too few: a 1001-class model has a background row; put `background` first in the list, "
            "or drop the row with --drop-background."
        )
    return message + "\nGive the list these weights were trained with."
