"""Photos whose classes are known: by a folder for each class, a ground-truth list, or a wnid in the file's name."""

import hashlib
from dataclasses import dataclass, replace
from pathlib import Path

from mobilenet_tf.contract.labels import BACKGROUND, imagenet_labels
from mobilenet_tf.data.class_matching import ClassMatcher
from mobilenet_tf.data.ground_truth import true_classes
from mobilenet_tf.data.ground_truth_file import read_ground_truth
from mobilenet_tf.data.photos import find_photos
from mobilenet_tf.errors import DataError, LabelsError
from mobilenet_tf.tflite.image_model import ImageModel

from .settings import MeasurementSettings

__all__ = ["ClassNames", "LabelledPhotos", "class_names", "labelled_photos", "photos_for"]

IMAGENET_CLASSES = 1000


@dataclass(frozen=True)
class ClassNames:
    """What each output of a model is called.

    background: 1 if class 0 is the background, so that a list of classes without it begins at 1; else 0.
    notes:      what was assumed, a sentence each.
    """

    names: list[str]
    background: int = 0
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class LabelledPhotos:
    """Photos under `folder`, and for each the index of its class in the model's output.

    skipped: photos whose class is not known, each with the reason.
    """

    folder: Path
    paths: list[Path]
    classes: list[int]
    skipped: list[str]
    class_names: ClassNames

    def sha256(self) -> str:
        """Hash of the photos' names and classes, the background not counted: the same photos have the same hash."""
        pairs = zip(self.paths, self.classes, strict=True)
        background = self.class_names.background
        lines = sorted(f"{path.relative_to(self.folder).as_posix()} {index - background}\n" for path, index in pairs)
        return hashlib.sha256("".join(lines).encode("utf-8", "surrogateescape")).hexdigest()


def photos_for(model: ImageModel, settings: MeasurementSettings) -> LabelledPhotos:
    """The photos of `settings.images`, by the classes of a model that is open.

    Raises LabelsError, DataError and ImagesError if names or photos do not fit the model or cannot be read.
    """
    assert settings.images is not None
    names = class_names(
        model.labels,
        model.classes,
        settings.background_offset,
        model.path.name,
        by_number=settings.ground_truth is not None,
    )
    return labelled_photos(settings.images, names, settings.ground_truth)


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
        return ClassNames([f"class {index}" for index in range(classes)], background_offset or 0)
    notes: tuple[str, ...] = ()
    if labels is None:
        labels = _imagenet_labels(classes, background_offset, model)
        notes = (f"{model} carries no labels: its {classes} classes were taken for ImageNet's.",)
    missing = classes - len(labels)
    if missing == 0:
        return ClassNames(labels, _background_in(labels, background_offset, model), notes)
    if missing == 1 and background_offset == 1:
        return ClassNames([BACKGROUND, *labels], 1, notes)
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
    background = int(labels[0].lower() == BACKGROUND)
    if background_offset not in (None, background):
        raise LabelsError(
            f"--background-offset {background_offset} does not fit {model}: of its {len(labels)} labels the first is "
            f"{labels[0]!r}."
        )
    return background


def labelled_photos(folder: Path, names: ClassNames, ground_truth: Path | None = None) -> LabelledPhotos:
    """The photos under `folder` and their classes. Raises DataError if no photo's class is known.

    ground_truth: a list of `file,label` lines (or a tab or a space between them), files relative to `folder`; a label
    is one of `names`, or a class number not counting the background.
    """
    imagenet = len(names.names) - names.background == IMAGENET_CLASSES
    matcher = ClassMatcher(names.names, imagenet, bool(names.background))
    if ground_truth is not None:
        return _listed_photos(folder, names, matcher, ground_truth)
    found = find_photos(folder)
    photos, truth = found.paths, true_classes(found.paths, matcher, folder)
    names = replace(names, notes=(*names.notes, *truth.notes))
    known = [(path, index) for path, index in zip(photos, truth.classes, strict=True) if index is not None]
    if not known:
        raise DataError(
            f"expected photos of known class in {folder}: sub-folders named by class, or files named by wnid.\n"
            f"The model's first classes are {', '.join(names.names[:3])}. Or give --ground-truth FILE."
        )
    unknown = [path for path, index in zip(photos, truth.classes, strict=True) if index is None]
    skipped = [*(f"{path}: its class is not known" for path in unknown), *found.unread]
    return LabelledPhotos(folder, [path for path, _ in known], [index for _, index in known], skipped, names)


def _listed_photos(folder: Path, names: ClassNames, matcher: ClassMatcher, file: Path) -> LabelledPhotos:
    photos = LabelledPhotos(folder, [], [], [], names)
    for listed in read_ground_truth(file, folder):
        if not listed.path.is_file():
            photos.skipped.append(f"{listed.path}: does not exist")
            continue
        photos.paths.append(listed.path)
        photos.classes.append(_class_index(listed.label, matcher, names, f"{file}, line {listed.line}"))
    if not photos.paths:
        raise DataError(f"{file} names no photo that is in {folder}.")
    return photos


def _class_index(label: str, matcher: ClassMatcher, names: ClassNames, where: str) -> int:
    exact = matcher.exact(label)
    if exact is not None:
        return exact
    if label.isascii() and label.isdigit() and len(label) < 8:
        index = int(label) + names.background
        if index < len(names.names):
            return index
    for similar in (matcher.wnid(label), matcher.loose(label)):
        if similar is not None:
            return similar
    raise DataError(f"{where}: expected one of the model's labels or a class number; got {label[:60]!r}.")
