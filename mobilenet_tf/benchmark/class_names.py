"""What each output of a model is called: by the labels that it carries, a file, or ImageNet's list."""

from dataclasses import dataclass

from mobilenet_tf.contract.labels import BACKGROUND, imagenet_labels
from mobilenet_tf.errors import LabelsError

__all__ = ["IMAGENET_CLASSES", "ClassNames", "class_names"]

IMAGENET_CLASSES = 1000
# What lists of other projects call class 0, in lower case.
BACKGROUND_NAMES = frozenset({BACKGROUND, "__background__", "_background_", "dummy", "???"})


@dataclass(frozen=True)
class ClassNames:
    """What each output of a model is called.

    background:   1 if class 0 is the background, so that a list of classes without it begins at 1; else 0.
    only_numbers: whether the model has no labels, so that the names are numbers.
    notes:        what was assumed, a sentence each.
    """

    names: list[str]
    background: int = 0
    only_numbers: bool = False
    notes: tuple[str, ...] = ()


def class_names(
    labels: list[str] | None, classes: int, background_offset: int | None, model: str, *, by_number: bool = False
) -> ClassNames:
    """The names of a model's `classes` outputs.

    labels:            the model's own, or those given; None if there are none.
    background_offset: 1 if class 0 is the background and `labels` leaves it out; None if the labels show it.
    model:             its name, for errors.
    by_number:         whether the ground truth may be class numbers, for which no labels are needed.
    Raises LabelsError if labels and offset do not add up to the model's classes: nothing is guessed.
    """
    if labels is None and by_number:
        return ClassNames([f"class {index}" for index in range(classes)], background_offset or 0, only_numbers=True)
    notes: tuple[str, ...] = ()
    if labels is None:
        labels = _imagenet_labels(classes, background_offset, model)
        notes = (f"{model} carries no labels: its {classes} classes were taken for ImageNet's.",)
    missing = classes - len(labels)
    if missing == 0:
        return ClassNames(labels, _background_in(labels, background_offset, model), notes=notes)
    if missing == 1 and background_offset == 1:
        return ClassNames([BACKGROUND, *labels], 1, notes=notes)
    hint = "\nIf class 0 is the background, give --background-offset 1." if missing == 1 else ""
    raise LabelsError(f"expected a label for each of the {classes} classes of {model}; there are {len(labels)}.{hint}")


def _imagenet_labels(classes: int, background_offset: int | None, model: str) -> list[str]:
    if classes - (background_offset or 0) != IMAGENET_CLASSES:
        one_more = classes == IMAGENET_CLASSES + 1
        hint = " and, if class 0 is the background, --background-offset 1" if one_more else ""
        raise LabelsError(
            f"{model} carries no labels for its {classes} classes.\nGive --labels FILE{hint}, or a ground-truth list "
            "of class numbers."
        )
    return imagenet_labels()


def _background_in(labels: list[str], background_offset: int | None, model: str) -> int:
    """1 if the first label is the background. Raises LabelsError if --background-offset says otherwise."""
    background = int(labels[0].strip().lower() in BACKGROUND_NAMES)
    if background_offset not in (None, background):
        raise LabelsError(
            f"--background-offset {background_offset} does not fit {model}: of its {len(labels)} labels the first is "
            f"{labels[0]!r}."
        )
    return background
