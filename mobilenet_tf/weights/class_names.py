"""The class names that belong to some weights: always as many as the classifier has rows."""

from pathlib import Path

from mobilenet_tf.contract.labels import BACKGROUND, CIFAR10_CLASSES, LABELS_FILE, imagenet_labels, read_labels
from mobilenet_tf.errors import LabelsError

from .load import Weights

__all__ = ["labels_beside", "labels_for"]


def labels_beside(weights: Weights, source: str) -> Path | None:
    """The labels.txt that mobilenet-train writes beside the file of these weights; None if there is none."""
    path = Path(source).with_name(LABELS_FILE)
    return path if weights.source == "file" and path.is_file() else None


def labels_for(weights: Weights, file: Path | None) -> tuple[list[str], str | None]:
    """The labels of these weights' classes, and a note if they are only numbers.

    From `file` if it is given, else the names of ImageNet or CIFAR-10 if the classes are theirs, else `class 0`, ...
    Raises LabelsError if `file` does not hold exactly one label per class.
    """
    classes = weights.spec.classes
    if file is not None:
        labels = read_labels(file)
        if len(labels) != classes:
            raise LabelsError(_mismatch(file, len(labels), classes))
        return labels, None
    if weights.source == "cifar10":
        return list(CIFAR10_CLASSES), None
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
