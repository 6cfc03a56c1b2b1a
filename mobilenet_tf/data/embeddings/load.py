"""Photos to train an embedding on: those of classes as any other, and those of which nothing says a class."""

from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

import numpy as np

from mobilenet_tf.data.dataset import Int64
from mobilenet_tf.data.file_looks import look_at_files
from mobilenet_tf.data.folder import FilePhotos
from mobilenet_tf.data.layout import side_of, unwrapped, with_photos
from mobilenet_tf.data.load import load_dataset
from mobilenet_tf.data.new_classes import NewClasses
from mobilenet_tf.data.photo_looks import PhotoLooks
from mobilenet_tf.data.photos import find_photos
from mobilenet_tf.data.sides import given_sides, held_out_sides
from mobilenet_tf.errors import DataError
from mobilenet_tf.progress import OnProgress, ignore_progress, part_of

from .dataset import EmbeddingDataset

__all__ = ["ALL_PHOTOS", "NeededClasses", "load_embedding_photos"]

ALL_PHOTOS = "all photos"  # in place of a class, of which nothing is known
NeededClasses = Literal["unneeded", "needed", "held out"]
SCANNED = 0.95  # share of the time after which all photos are read; the rest finds copies


def load_embedding_photos(
    source: str,
    dimensions: int,
    *,
    classes: NeededClasses,
    validation: Path | None = None,
    validation_share: float = 0.2,
    seed: int = 0,
    lists: tuple[Path | None, Path | None] = (None, None),
    on_progress: OnProgress = ignore_progress,
) -> EmbeddingDataset:
    """Photos to train on and to validate with, as load_dataset reads them.

    classes:    whether they are trained on. If not (unneeded), a folder whose photos cannot be read as such of classes
                is read without: a note says why. held out: a share of the classes validates, in place of a share of
                each. Photos that are given to validate with may be of other classes than the trained ones in any case.
    dimensions: of the vectors that will be trained.
    lists:      ground_truth and labels of load_dataset.
    Raises DataError for what cannot be trained on, ImagesError for a folder without photos.
    """
    options: dict[str, Any] = {
        "validation": validation,
        "validation_share": validation_share,
        "seed": seed,
        "on_progress": on_progress,
    }
    ground_truth, labels = lists
    new_classes: NewClasses = "held out" if classes == "held out" else "accepted"
    may_have_none = classes == "unneeded" and not any(lists) and Path(source).is_dir()
    try:
        found = load_dataset(source, ground_truth=ground_truth, labels=labels, new_classes=new_classes, **options)
    except DataError as error:
        if not may_have_none:
            raise
        if validation is None:
            _refuse_sides(Path(source))
        return _without_classes(Path(source), dimensions, str(error).splitlines()[0], **options)
    if classes != "unneeded":
        _check_classes(found.validation.labels)
    return EmbeddingDataset(
        classes=found.classes,
        train=found.train,
        validation=found.validation,
        skipped=found.skipped,
        examination=found.examined(),
        dimensions=dimensions,
        left_out=found.left_out,
        notes=found.notes,
        train_groups=found.train_groups,
    )


def _check_classes(labels: Int64) -> None:
    """Raise DataError if no photo that validates has another one of its class, by which alone such a run is judged, or
    if all are of one class.
    """
    if len(np.unique(labels)) < 2:
        raise DataError(
            "expected photos of two classes to validate with; all are of one, so that every nearest photo is of it.\n"
            "Give photos of more classes to --validation, or leave it out."
        )
    if np.bincount(labels).max() < 2:
        raise DataError(
            "expected a class with two photos to validate with, of which one must find the other; each has one.\n"
            "Give --hold-out-classes, a higher --validation-share, such as 0.5, or a --validation folder."
        )


def _refuse_sides(folder: Path) -> None:
    """Raise DataError for a split of photos without classes, which would be undone if all were read together."""
    sides = [(path, side_of(path.name)) for path in with_photos(unwrapped(folder))]
    train = [path for path, side in sides if side == "train"]
    others = [path for path, side in sides if side not in ("train", None)]
    if train and others:
        raise DataError(
            f"expected classes in the sides of {folder}, or photos without sides; {train[0].name} and "
            f"{others[0].name} hold photos alone.\nGive {train[0]} --validation {others[0]}."
        )


def _without_classes(
    folder: Path,
    dimensions: int,
    reason: str,
    *,
    validation: Path | None,
    validation_share: float,
    seed: int,
    on_progress: OnProgress,
) -> EmbeddingDataset:
    """The photos under a folder, and under `validation` if it is given; they count as those of one class."""
    if not 0 < validation_share < 1:
        raise DataError(f"expected a validation share between 0 and 1, such as 0.2; got {validation_share:g}.")
    folders = [folder, *([] if validation is None else [validation])]
    scans = [
        _scan(one, part_of(on_progress, SCANNED * number / len(folders), SCANNED * (number + 1) / len(folders)))
        for number, one in enumerate(folders)
    ]
    photos, looks = [scan[0] for scan in scans], [scan[1] for scan in scans]
    on_copies = part_of(on_progress, SCANNED, 1)
    if validation is None:
        sides = held_out_sides((ALL_PHOTOS,), photos[0], looks[0], validation_share, seed, on_copies)
    else:
        both = (photos[0], photos[1]), (looks[0], looks[1])
        sides = given_sides((ALL_PHOTOS,), *both, validation_share, seed, on_copies)
    left_out = sum(scan[3] for scan in scans)
    why = f"The classes of the photos are not known, so that recall@1 is not measured: {reason.rstrip('.')}."
    return EmbeddingDataset(
        classes=(),
        train=sides.train,
        validation=sides.validation,
        skipped=tuple(line for scan in scans for line in scan[2]),
        examination=replace(sides.examination, broken=left_out),
        dimensions=dimensions,
        left_out=left_out,
        notes=(why, *sides.notes),
        train_groups=sides.train_groups,
    )


def _scan(folder: Path, on_progress: OnProgress) -> tuple[FilePhotos, PhotoLooks, tuple[str, ...], int]:
    """(the photos under a folder that can be read, how they look; a line for what cannot, and how many these are)."""
    found = find_photos(folder)
    paths = tuple(map(str, found.paths))
    looks, broken = look_at_files(paths, on_progress)
    skipped = (*broken.values(), *found.unread)
    whole = np.array([index for index in range(len(paths)) if index not in broken], np.int64)
    if not len(whole):
        raise DataError(f"expected photos that can be read in {folder}; none of {len(paths)} can.\n{skipped[0]}")
    seen = looks.at(whole)
    photos = FilePhotos(tuple(paths[index] for index in whole), np.zeros(len(whole), np.int64), seen.digests)
    return photos, seen, skipped, len(broken) + found.unread_count
