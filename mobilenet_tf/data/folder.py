"""Labelled folders: one sub-folder per class, or `train/` and `val/` with one each. TensorFlow-free."""

import os
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from mobilenet_tf.errors import DataError, ImagesError
from mobilenet_tf.progress import OnProgress, part_of

from .dataset import VALIDATION_NAMES, Dataset, Int64, UInt8, UInt64, shortened_list, split_photos
from .photos import KINDS, photo_suffixes, read_photo, suffix_of
from .scan import changed_photo_error, find_broken
from .split import digest_number

__all__ = ["FilePhotos", "load_folder"]

TRAIN_SHARE = 0.8  # of the time that scanning both folders takes


@dataclass(frozen=True)
class FilePhotos:
    """Photos in files of their own. Paths are strings: a million of them as Path objects would take half a gigabyte."""

    paths: tuple[str, ...]
    labels: Int64
    digests: UInt64

    def __len__(self) -> int:
        return len(self.paths)

    def read(self, index: int, short_side: int) -> UInt8:
        """As Photos.read."""
        path = self.paths[index]
        try:
            return read_photo(path, short_side)
        except ImagesError as error:
            raise changed_photo_error(str(error)) from error


@dataclass(frozen=True)
class Scan:
    """What a folder of class sub-folders holds."""

    classes: tuple[str, ...]
    photos: FilePhotos
    skipped: tuple[str, ...]


def load_folder(folder: Path, validation: Path | None, share: float, seed: int, on_progress: OnProgress) -> Dataset:
    """The photos under `folder`, each of the class that its sub-folder is named after; classes sorted by name.

    If `folder` has a sub-folder `train` and one of `validation`, `val`, `valid`, `test`, and both hold the classes'
    sub-folders, the photos of the one are trained on and those of the other validate. `validation` is used in place of
    the latter if it is given. Otherwise `share` of each class is held out. Photos may lie deeper inside a class's
    sub-folder; hidden files do not count. Raises DataError for a folder that cannot be trained on.
    """
    train_folder, validation_folder = _layout(folder)
    validation_folder = validation or validation_folder
    if validation_folder is None:
        train = _scan(train_folder, on_progress)
        _check_training(train, train_folder)
        return Dataset(train.classes, *split_photos(train.photos, share, seed), train.skipped)
    train = _scan(train_folder, part_of(on_progress, 0, TRAIN_SHARE))
    _check_training(train, train_folder)
    held_out = _scan(validation_folder, part_of(on_progress, TRAIN_SHARE, 1))
    photos = _with_classes(held_out, train.classes, validation_folder)
    return Dataset(train.classes, train.photos, photos, train.skipped + held_out.skipped)


def _layout(folder: Path) -> tuple[Path, Path | None]:
    """(training folder, validation folder or None if there is only one folder)."""
    below = {path.name.lower(): path for path in _sub_folders(folder) if _sub_folders(path)}
    validation = next((below[name] for name in VALIDATION_NAMES if name in below), None)
    if "train" in below and validation is not None:
        return below["train"], validation
    return folder, None


def _sub_folders(folder: Path) -> list[Path]:
    return sorted(path for path in folder.iterdir() if path.is_dir() and not path.name.startswith("."))


def _scan(root: Path, on_progress: OnProgress) -> Scan:
    """Every photo under `root`'s sub-folders, in order of class and path, each decoded once to find the broken."""
    folders = _sub_folders(root)
    if not folders:
        raise DataError(
            f"expected one sub-folder per class in {root}; it has no sub-folder.\n"
            "Sort the photos into sub-folders named after their classes: photos/cat, photos/dog, ..."
        )
    skipped: list[str] = []
    files = [(path, label) for label, folder in enumerate(folders) for path in _files(folder, skipped)]
    candidates = [(path, label) for path, label in files if suffix_of(path) in photo_suffixes()]
    paths = [path for path, _ in candidates]
    digests = np.zeros(len(paths), np.uint64)

    def decode(index: int) -> None:
        read_photo(paths[index], 1)
        digests[index] = digest_number(Path(paths[index]).read_bytes())

    broken = find_broken(decode, len(paths), on_progress)
    skipped += broken.values()
    skipped += _count_others(root, len(files) - len(paths))
    if len(broken) == len(paths):
        raise DataError(_no_photo_message(root, skipped))
    whole = np.array([index for index in range(len(candidates)) if index not in broken])
    labels = np.array([label for _, label in candidates], np.int64)
    photos = FilePhotos(tuple(paths[index] for index in whole), labels[whole], digests[whole])
    return Scan(tuple(folder.name for folder in folders), photos, tuple(skipped))


def _files(folder: Path, skipped: list[str]) -> list[str]:
    """The files under `folder`, sorted, without hidden ones; a folder that cannot be listed goes into `skipped`."""

    def unlisted(error: OSError) -> None:
        skipped.append(f"{error.filename}: {error.strerror}")

    paths: list[str] = []
    for root, folders, names in os.walk(folder, onerror=unlisted):
        folders[:] = [name for name in folders if not name.startswith(".")]
        paths += [os.path.join(root, name) for name in names if not name.startswith(".")]
    return sorted(paths)


def _count_others(root: Path, others: int) -> list[str]:
    """Lines that count what is skipped though not hidden: files of other suffixes, and photos outside every class."""
    loose = [path for path in root.iterdir() if path.is_file() and not path.name.startswith(".")]
    photos = sum(suffix_of(path) in photo_suffixes() for path in loose)
    others += len(loose) - photos
    lines = [f"{root}: {photos} photo(s) outside the classes' sub-folders"] if photos else []
    return lines + ([f"{root}: {others} other file(s), by their suffix no photos"] if others else [])


def _no_photo_message(root: Path, skipped: list[str]) -> str:
    what = f"Skipped {len(skipped)}: {skipped[0]}" if skipped else "They are empty."
    return f"expected photos ({KINDS}) in the sub-folders of {root}; none can be read.\n{what}"


def _check_training(scan: Scan, folder: Path) -> None:
    if len(scan.classes) == 1:
        raise DataError(
            f"expected at least two classes, a sub-folder each, in {folder}; found only {scan.classes[0]}.\n"
            "Give the folder whose sub-folders are the classes, or add photos that are not of this class."
        )
    counts = np.bincount(scan.photos.labels, minlength=len(scan.classes))
    scarce = [f"{name} ({count})" for name, count in zip(scan.classes, counts, strict=True) if count < 2]
    if scarce:
        broken = f"; skipped {scan.skipped[0]}" if scan.skipped else ""
        raise DataError(
            f"expected at least two readable photos a class in {folder}; too few in {shortened_list(scarce)}{broken}.\n"
            "Add photos there, or remove the sub-folder."
        )


def _with_classes(scan: Scan, classes: tuple[str, ...], folder: Path) -> FilePhotos:
    """The scan's photos, each labelled with its class's index in `classes`."""
    index_of = {name: index for index, name in enumerate(classes)}
    unknown = [scan.classes[label] for label in np.unique(scan.photos.labels) if scan.classes[label] not in index_of]
    if unknown:
        raise DataError(
            f"expected the training classes' names in {folder}; training has no {shortened_list(unknown)}.\n"
            "Rename or remove these sub-folders, or add photos to train on."
        )
    labels = np.array([index_of.get(name, -1) for name in scan.classes], np.int64)
    return replace(scan.photos, labels=labels[scan.photos.labels])
