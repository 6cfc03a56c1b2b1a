"""Class names: those of ImageNet and CIFAR-10, and those in a text file."""

from importlib import resources
from pathlib import Path

from mobilenet_tf.errors import LabelsError

__all__ = [
    "BACKGROUND",
    "CIFAR10_CLASSES",
    "LABELS_FILE",
    "imagenet_labels",
    "imagenet_wnids",
    "read_labels",
]

BACKGROUND = "background"
CIFAR10_CLASSES = ("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck")
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
    """The labels in a text file, one per line; blank lines at the end are ignored. Raises LabelsError."""
    try:
        labels = path.read_text(encoding="utf-8-sig").rstrip().splitlines()
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is no UTF-8 text"
        raise LabelsError(
            f"cannot read the labels in {path}: {reason}.\nGive a text file, one label a line."
        ) from error
    return [label.strip() for label in labels]
