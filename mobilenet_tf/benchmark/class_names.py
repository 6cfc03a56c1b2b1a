"""What each output of a model is called: by the labels that it carries, a file, or ImageNet's list."""

from dataclasses import dataclass

from mobilenet_tf.contract.labels import BACKGROUND, imagenet_labels
from mobilenet_tf.errors import LabelsError

__all__ = ["IMAGENET_CLASSES", "ClassNames", "background_note", "class_names"]

IMAGENET_CLASSES = 1000
# What lists of other projects call the background, in lower case: names that no class has, and names that one may have.
NO_CLASS_NAMES = frozenset({"__background__", "_background_", "???"})
MAYBE_CLASS_NAMES = frozenset({BACKGROUND, "dummy"})


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
    labels: list[str] | None,
    classes: int,
    background_offset: int | None,
    model: str,
    *,
    by_number: bool = False,
    may_be_vector: bool = False,
) -> ClassNames:
    """The names of a model's `classes` outputs.

    labels:            the model's own, or those given; None if there are none.
    background_offset: 1 if class 0 is the background, which `labels` may leave out; 0 if it is not; None if the labels
                       show it. `background` is the background of ImageNet's 1001 classes, and else a class.
    model:             its name, for errors.
    by_number:         whether the ground truth may be class numbers, for which no labels are needed.
    may_be_vector:     whether the outputs, by the model's last op, may be no classes: errors say what to do then.
    Raises LabelsError if labels and offset do not add up to the model's classes: nothing is guessed.
    """
    if labels is None and by_number:
        return ClassNames([f"class {index}" for index in range(classes)], background_offset or 0, only_numbers=True)
    notes: tuple[str, ...] = ()
    if labels is None:
        labels = _imagenet_labels(classes, background_offset, model, may_be_vector=may_be_vector)
        notes = (f"{model} carries no labels: its {classes} classes were taken for ImageNet's.",)
    missing = classes - len(labels)
    if missing == 0:
        return ClassNames(labels, _background_in(labels, background_offset, model), notes=notes)
    if missing == 1 and background_offset == 1:
        return ClassNames([BACKGROUND, *labels], 1, notes=notes)
    hint = "\nIf class 0 is the background, give --background-offset 1." if missing == 1 else ""
    raise LabelsError(f"expected a label for each of the {classes} classes of {model}; there are {len(labels)}.{hint}")


def _imagenet_labels(classes: int, background_offset: int | None, model: str, *, may_be_vector: bool) -> list[str]:
    if classes - (background_offset or 0) != IMAGENET_CLASSES:
        one_more = classes == IMAGENET_CLASSES + 1
        hint = " and, if class 0 is the background, --background-offset 1" if one_more else ""
        vector = "\nIf they are a vector, give it to mobilenet-export --task embedding first." if may_be_vector else ""
        raise LabelsError(
            f"{model} carries no labels for its {classes} classes.\nGive --labels FILE{hint}, or a ground-truth list "
            f"of class numbers.{vector}"
        )
    return imagenet_labels()


def _background_in(labels: list[str], background_offset: int | None, model: str) -> int:
    """1 if the first label is the background. Raises LabelsError if it cannot be, but --background-offset says so."""
    first = labels[0].strip().lower()
    if background_offset == 1 and first not in NO_CLASS_NAMES | MAYBE_CLASS_NAMES:
        raise LabelsError(
            f"--background-offset 1 does not fit {model}: of its {len(labels)} labels the first is {labels[0]!r}."
        )
    if background_offset is not None:
        return background_offset
    return int(first in NO_CLASS_NAMES or (first in MAYBE_CLASS_NAMES and len(labels) == IMAGENET_CLASSES + 1))


def background_note(names: ClassNames) -> str | None:
    """What was assumed about a first class that may be the background, for a ground truth of class numbers."""
    first = names.names[0]
    if first.strip().lower() not in NO_CLASS_NAMES | MAYBE_CLASS_NAMES or len(names.names) == IMAGENET_CLASSES + 1:
        return None
    if names.background:
        return (
            f"class number 0 was taken for the class after '{first}': if it is '{first}', give --background-offset 0."
        )
    return f"class number 0 was taken for '{first}': if it is the class after that, give --background-offset 1."
