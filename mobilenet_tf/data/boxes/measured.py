"""The photos with boxes that a detector is measured on: of classes that it knows, without those it was trained on."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from mobilenet_tf.data.class_matching import normalized
from mobilenet_tf.data.digests import PhotoDigests
from mobilenet_tf.data.split import MeasuredPhotos, Split
from mobilenet_tf.data.training_text import best_epoch_notes
from mobilenet_tf.errors import DataError, LabelsError
from mobilenet_tf.progress import OnProgress, part_of
from mobilenet_tf.terminal import shortened_list

from .annotations import Annotations
from .boxed_photos import BoxedPhotos
from .find import find_boxes
from .read import read_photos

__all__ = ["AnnotatedImages", "annotated_images"]


@dataclass(frozen=True)
class AnnotatedImages:
    """Photos with boxes whose classes are those of a model.

    left_out: lines on what is not measured.
    training: what the training of the model did with them; None if nothing says it.
    notes:    why the model may have been trained on some of them, or was chosen by them, a sentence each.
    """

    folder: Path
    photos: BoxedPhotos
    left_out: tuple[str, ...]
    training: MeasuredPhotos | None = None
    notes: tuple[str, ...] = ()


def annotated_images(
    folder: Path,
    labels: Sequence[str],
    split: Split | None,
    digests: PhotoDigests | None,
    on_progress: OnProgress,
    *,
    among: Collection[Path] | None = None,
    doubt: str | None = None,
) -> AnnotatedImages:
    """The photos in a folder, or of a file of annotations, that a model with these labels is measured on.

    split: which photos the model was trained on; those are left out if enough others are there.
    among: of which photos they are to be; None for all of the folder.
    doubt: a sentence on why nothing says which they were, if something should.
    Raises DataError if there are no boxes, LabelsError if none is of a class of the model.
    """
    found = find_boxes(folder)
    number_of = {name: number for number, name in enumerate(_classes(folder, found, labels))}
    wanted = None if among is None else {path.resolve() for path in among}
    annotated = [photo for photo in found.photos if wanted is None or Path(photo.path).resolve() in wanted]
    if not annotated:
        raise DataError(
            f"none of the {len(among or ())} photos that are to be measured has an annotation in {folder}.\n"
            "Annotate more of its photos."
        )
    read = read_photos(annotated, number_of, part_of(on_progress, 0.0, 0.8))
    photos, left_out = read.photos, (*found.skipped, *read.skipped)
    if not len(photos):
        raise DataError(f"none of the {len(annotated)} photos in {folder} can be read.\n{read.skipped[0]}")
    if split is None:
        return AnnotatedImages(folder, photos, left_out, notes=(doubt,) if doubt else ())
    paths = [Path(path) for path in photos.paths]
    measured = split.sort_out(paths, digests, part_of(on_progress, 0.8, 1.0)).to_measure()
    kept = np.array([index for index, path in enumerate(paths) if path in measured.paths], np.int64)
    notes = best_epoch_notes(split.epochs, measured.validation, len(kept))
    return AnnotatedImages(folder, photos.at(kept), left_out, measured, notes)


def _classes(folder: Path, found: Annotations, labels: Sequence[str]) -> tuple[str, ...]:
    """The name in the annotations of each class of the model, by its letters; its own if they do not name it."""
    named = {box.label for photo in found.photos for box in photo.boxes if box.label is not None}
    spelled = {normalized(label): label for label in sorted(named)}
    classes = tuple(spelled.get(normalized(label), label) for label in labels)
    if not named & {*classes}:
        raise LabelsError(
            f"expected boxes of classes that the model knows in {folder}; its classes are "
            f"{shortened_list(list(labels))}, and those of the boxes {shortened_list(sorted(named))}.\n"
            "Give the names of the model's classes with --labels FILE, as the annotations have them."
        )
    return classes
