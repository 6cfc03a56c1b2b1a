"""Labelled photos in files: in a sub-folder for each class, in a list, or named by class. TensorFlow-free."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from mobilenet_tf.errors import ClassesError, DataError
from mobilenet_tf.progress import OnProgress, part_of
from mobilenet_tf.terminal import shortened_list

from .class_files import ClassFiles, files_in_class_folders, similar_names_note
from .class_matching import ClassMatcher
from .class_order import labels_file_in, order_of_classes
from .class_source import find_class_source
from .dataset import Dataset, Int64, Subset, UInt64
from .file_looks import look_at_files
from .layout import ClassSource, NamedPhotos, PhotoList, folder_of
from .listed_files import files_in_list
from .named_photos import files_of_names
from .new_classes import NewClasses, held_out_classes, refuse_own_sides, with_classes_of
from .photo_files import PhotoFiles
from .photo_looks import PhotoLooks
from .photos import KINDS
from .sides import Sides, given_sides, held_out_sides

__all__ = ["FilePhotos", "FolderSource", "load_folder"]

SCANNED = 0.95  # share of the time after which all photos are read; the rest finds copies
TRAIN_SHARE = 0.8  # of the time that scanning both folders takes


@dataclass(frozen=True)
class FilePhotos(PhotoFiles):
    """Photos in files of their own, each with a label."""

    labels: Int64
    digests: UInt64


@dataclass(frozen=True)
class Scan:
    """What can be read of a folder's photos; skipped and left_out as in ClassFiles.

    broken: how many of those that are left out cannot be read.
    """

    classes: tuple[str, ...]
    photos: FilePhotos
    looks: PhotoLooks
    skipped: tuple[str, ...]
    left_out: int
    broken: int


@dataclass(frozen=True)
class FolderSource:
    """Photos in files, and what says of which class each is.

    photos:       a folder of photos, or a list of them; class_source.py says how their classes are found.
    validation:   the same, to validate with; None: what `photos` has for that, or else a part of them.
    ground_truth: the list with the classes of the photos in the folder `photos`.
    labels:       the file that fixes the order of the classes; None: labels.txt in `photos`, if it is there.
    new_classes:  whether classes may validate that are not trained on.
    """

    photos: Path
    validation: Path | None = None
    ground_truth: Path | None = None
    labels: Path | None = None
    new_classes: NewClasses = "refused"


def load_folder(source: FolderSource, share: float, seed: int, on_progress: OnProgress) -> Dataset:
    """The photos of `source`, each of the class that class_source.py finds for it; classes sorted by name.

    Of sub-folders to train on and to validate with, such as `train` and `val`, the photos of the one are trained on and
    those of the other validate, see layout.py. Otherwise `share` of each class is held out. Photos may lie deeper
    inside a class's sub-folder; linked folders are followed, and hidden files do not count. No photo is trained on if
    another one that shows the same picture validates, see sides.py. Classes that are not trained on come last.
    Raises DataError for what cannot be trained on, LabelsError for labels that are no text.
    """
    layout = find_class_source(source.photos, source.validation, source.ground_truth)
    scanned = SCANNED if layout.validation is None else TRAIN_SHARE * SCANNED
    train = _scan(layout.train, part_of(on_progress, 0, scanned))
    _check_training(train, layout.train)
    train, order_notes = _in_order(train, source, layout.train)
    held_out_last = source.new_classes == "held out"  # whatever the last of order_notes says of the order
    notes = layout.notes + similar_names_note(train.classes) + (order_notes[:-1] if held_out_last else order_notes)
    on_copies = part_of(on_progress, SCANNED, 1)
    if held_out_last:
        refuse_own_sides(layout)
        return _with_held_out_classes(train, share, seed, notes, on_copies)
    if layout.validation is None:
        sides = held_out_sides(train.classes, train.photos, train.looks, share, seed, on_copies)
        return _dataset([train], sides, notes)
    held_out = _scan(layout.validation, part_of(on_progress, scanned, SCANNED))
    if source.new_classes == "accepted":
        train = replace(train, classes=with_classes_of(train.classes, held_out.classes))
    photos, similar = _with_classes(held_out, train.classes, layout.validation)
    looks = (train.looks, held_out.looks)
    sides = given_sides(train.classes, (train.photos, photos), looks, share, seed, on_copies)
    return _dataset([train, held_out], sides, notes + similar)


def _with_held_out_classes(
    scan: Scan, share: float, seed: int, notes: tuple[str, ...], on_copies: OnProgress
) -> Dataset:
    """All photos of some classes validate; the others are trained on."""
    held_out = held_out_classes(scan.classes, share, seed)
    order = np.concatenate([np.setdiff1d(np.arange(len(scan.classes)), held_out), held_out])
    is_new = np.isin(scan.photos.labels, held_out)
    photos = replace(scan.photos, labels=np.argsort(order)[scan.photos.labels])
    trained, new = (np.flatnonzero(some) for some in (~is_new, is_new))
    classes = tuple(scan.classes[index] for index in order)
    parts, looks = (Subset(photos, trained), Subset(photos, new)), (scan.looks.at(trained), scan.looks.at(new))
    return _dataset([replace(scan, classes=classes)], given_sides(classes, parts, looks, share, seed, on_copies), notes)


def _in_order(scan: Scan, source: FolderSource, place: ClassSource) -> tuple[Scan, tuple[str, ...]]:
    """(the scan with its classes in the order that a labels file fixes, if there is one; notes)."""
    folders = [source.photos, folder_of(place)]
    file = source.labels or next(filter(None, map(labels_file_in, folders)), None)
    if file is None:
        return scan, ()
    classes, indices, notes = order_of_classes(scan.classes, file)
    photos = replace(scan.photos, labels=np.array(indices, np.int64)[scan.photos.labels])
    return replace(scan, classes=classes, photos=photos), notes


def _dataset(scans: Sequence[Scan], sides: Sides, notes: tuple[str, ...]) -> Dataset:
    skipped = tuple(line for scan in scans for line in scan.skipped)
    left_out, broken = (sum(getattr(scan, name) for scan in scans) for name in ("left_out", "broken"))
    return sides.dataset(scans[0].classes, skipped, left_out, broken, notes)


def _scan(place: ClassSource, on_progress: OnProgress) -> Scan:
    """Every photo of `place`, in order of class and path, each decoded once to find the broken."""
    files = _files(place)
    paths = files.paths
    looks, broken = look_at_files(paths, on_progress)
    skipped = (*broken.values(), *files.skipped)
    if len(broken) == len(paths):
        raise DataError(_no_photo_message(place, skipped))
    whole = np.array([index for index in range(len(paths)) if index not in broken])
    seen = looks.at(whole)
    photos = FilePhotos(tuple(paths[index] for index in whole), files.labels[whole], seen.digests)
    return Scan(files.classes, photos, seen, skipped, files.left_out + len(broken), len(broken))


def _files(place: ClassSource) -> ClassFiles:
    match place:
        case PhotoList():
            return files_in_list(place)
        case NamedPhotos():
            return files_of_names(place)
    return files_in_class_folders(place)


def _no_photo_message(place: ClassSource, skipped: Sequence[str]) -> str:
    where = f"the sub-folders of {place}" if isinstance(place, Path) else str(place)
    more = f", and {len(skipped) - 1} more" if len(skipped) > 1 else ""
    what = f"Left out: {skipped[0].rstrip('.')}{more}." if skipped else "They are empty."
    return f"expected photos ({KINDS}) in {where}; none can be read.\n{what}"


def _check_training(scan: Scan, place: ClassSource) -> None:
    if len(scan.classes) == 1:
        raise ClassesError(
            f"expected at least two classes in {place}; found only {scan.classes[0]}.\n"
            "Give the folder whose sub-folders are the classes, or add sub-folders or photos that are of another class."
        )
    counts = np.bincount(scan.photos.labels, minlength=len(scan.classes))
    scarce = [f"{name} ({count})" for name, count in zip(scan.classes, counts, strict=True) if count < 2]
    if scarce:
        broken = f".\nLeft out: {scan.skipped[0].rstrip('.')}" if scan.skipped else ""
        raise DataError(
            f"expected at least two readable photos a class in {place}; too few in {shortened_list(scarce)}{broken}.\n"
            "Add photos there, or remove these sub-folders or photos."
        )


def _with_classes(scan: Scan, classes: tuple[str, ...], folder: ClassSource) -> tuple[FilePhotos, tuple[str, ...]]:
    """(the scan's photos, each labelled with its class's index in `classes`; notes)."""
    matcher = ClassMatcher(classes)
    exact = [matcher.exact(name) for name in scan.classes]
    indices = [matcher.loose(name) if index is None else index for name, index in zip(scan.classes, exact, strict=True)]
    unknown = [scan.classes[label] for label in np.unique(scan.photos.labels) if indices[label] is None]
    if unknown:
        raise DataError(
            f"expected the training classes' names in {folder}; training has no {shortened_list(unknown)}.\n"
            "Rename or remove these sub-folders or photos, or add photos to train on."
        )
    loose = [
        f"{name!r} for {classes[index]!r}"
        for name, index, same in zip(scan.classes, indices, exact, strict=True)
        if index is not None and same is None
    ]
    notes = (f"{folder}: taken for training's classes of similar names: {shortened_list(loose)}.",) if loose else ()
    labels = np.array([-1 if index is None else index for index in indices], np.int64)
    return replace(scan.photos, labels=labels[scan.photos.labels]), notes
