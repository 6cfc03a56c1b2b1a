"""The class names that belong to some weights: always as many as the classifier has rows."""

from collections.abc import Iterable
from pathlib import Path

from mobilenet_tf.contract.labels import (
    BACKGROUND,
    CIFAR10_CLASSES,
    LABELS_FILE,
    imagenet_labels,
    read_labels,
    without_numbers,
)
from mobilenet_tf.data.class_matching import normalized
from mobilenet_tf.errors import LabelsError
from mobilenet_tf.tflite.file_kind import RUN_FILE

from .load import Weights

__all__ = ["labels_beside", "labels_for", "run_with_classes"]


def labels_beside(weights: Weights, source: str) -> Path | None:
    """The labels.txt that mobilenet-train writes beside the file of these weights; None if there is none.

    source: the file, or the folder of a run.
    """
    if weights.source != "file":
        return None
    path = Path(source) / LABELS_FILE if Path(source).is_dir() else Path(source).with_name(LABELS_FILE)
    return path if path.is_file() else None


def labels_for(weights: Weights, file: Path | None) -> tuple[list[str], str | None]:
    """(the labels of these weights' classes; a note if they are only numbers, or stood in `file` with numbers).

    From `file` if it is given, else those that a run of ours wrote into the weights, else the names of ImageNet or
    CIFAR-10 if the classes are theirs, else `class 0`, ...
    Raises LabelsError if `file` does not hold exactly one label per class.
    """
    classes = weights.spec.classes
    if file is not None:
        labels, note = read_labels(file), None
        if weights.split is None:  # the list of a run of ours is as it is: a class may be called `1 person`
            labels, note = without_numbers(labels, str(file))
        if len(labels) != classes:
            raise LabelsError(_mismatch(file, len(labels), classes))
        return labels, note
    if weights.split is not None and len(weights.split.classes) == classes:
        return list(weights.split.classes), None
    if weights.source == "cifar10":
        return list(CIFAR10_CLASSES), None
    if weights.imagenet:
        return [BACKGROUND] * weights.background + imagenet_labels(), None
    note = f"no labels given: the {classes} classes are named by number; --labels FILE names them."
    return [f"class {index}" for index in range(classes)], note


def run_with_classes(runs: Path, names: Iterable[str]) -> Path | None:
    """The newest best.keras in the folders of training runs below `runs` whose classes are `names`, in any order; None
    if there is none.
    """
    wanted = {normalized(name) for name in names}
    models = [path for path in runs.glob(f"*/{RUN_FILE}") if path.with_name(LABELS_FILE).is_file()]
    fitting = [path for path in models if {normalized(name) for name in _labels_or_none(path)} == wanted]
    return max(fitting, key=lambda path: path.stat().st_mtime, default=None)


def _labels_or_none(model: Path) -> list[str]:
    try:
        return read_labels(model.with_name(LABELS_FILE))
    except LabelsError:
        return []


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
