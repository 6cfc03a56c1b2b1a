"""Labelled folders: one sub-folder per class, or `train/` and `val/` with one each. TensorFlow-free."""

import os
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from mobilenet_tf.contract.preprocessing import load_rgb
from mobilenet_tf.errors import DataError

from .dataset import VALIDATION_NAMES, Dataset, Int64, UInt8, few, split_photos
from .photos import SUFFIXES
from .scan import Tell, find_broken, gone

__all__ = ["FilePhotos", "load_folder"]


@dataclass(frozen=True)
class FilePhotos:
    """Photos in files of their own. Paths are strings: a million of them as Path objects would take half a gigabyte."""

    paths: tuple[str, ...]
    labels: Int64

    def __len__(self) -> int:
        return len(self.paths)

    def read(self, index: int, short_side: int) -> UInt8:
        """As Photos.read."""
        path = self.paths[index]
        try:
            return load_rgb(path, short_side)
        except Exception as error:  # Pillow's decoders raise what suits them
            raise gone(error, path) from error


@dataclass(frozen=True)
class Scan:
    """What a folder of class sub-folders holds."""

    classes: tuple[str, ...]
    photos: FilePhotos
    skipped: tuple[str, ...]


def load_folder(folder: Path, validation: Path | None, share: float, seed: int, tell: Tell) -> Dataset:
    """The photos under `folder`, each of the class that its sub-folder is named after; classes sorted by name.

    Where `folder` has sub-folders `train` and one of `validation`, `val`, `valid`, `test` that hold the classes'
    sub-folders in their turn, these are the two sides, and the validation one gives way to `validation`. Otherwise
    `share` of each class is held out. Photos may lie deeper inside a class's sub-folder; hidden files do not count.
    Raises DataError for a folder that cannot serve.
    """
    train_folder, validation_folder = _layout(folder)
    train = _scan(train_folder, tell)
    _check_training(train, train_folder)
    validation_folder = validation or validation_folder
    if validation_folder is None:
        return Dataset(train.classes, *split_photos(train.photos, share, seed), train.skipped)
    held_out = _scan(validation_folder, tell)
    photos = _with_classes(held_out, train.classes, validation_folder)
    return Dataset(train.classes, train.photos, photos, train.skipped + held_out.skipped)


def _layout(folder: Path) -> tuple[Path, Path | None]:
    """(training folder, validation folder or None where the one is all there is)."""
    below = {path.name.lower(): path for path in _sub_folders(folder) if _sub_folders(path)}
    validation = next((below[name] for name in VALIDATION_NAMES if name in below), None)
    if "train" in below and validation is not None:
        return below["train"], validation
    return folder, None


def _sub_folders(folder: Path) -> list[Path]:
    return sorted(path for path in folder.iterdir() if path.is_dir() and not path.name.startswith("."))


def _scan(root: Path, tell: Tell) -> Scan:
    """Every photo under `root`'s sub-folders, in order of class and path, each decoded once to find the broken."""
    folders = _sub_folders(root)
    if not folders:
        raise DataError(
            f"expected one sub-folder per class in {root}; it has no sub-folder.\n"
            "Sort the photos into sub-folders named after their classes: photos/cat, photos/dog, ..."
        )
    skipped: list[str] = []
    files = [(path, label) for label, folder in enumerate(folders) for path in _files(folder, skipped)]
    candidates = [(path, label) for path, label in files if os.path.splitext(path)[1].lower() in SUFFIXES]
    paths = [path for path, _ in candidates]
    broken = find_broken(lambda index: load_rgb(paths[index], 1), len(paths), tell)
    skipped += [f"{paths[index]}: {why}" for index, why in broken.items()]
    skipped += _others(root, len(files) - len(paths))
    if len(broken) == len(paths):
        raise DataError(_nothing(root, skipped))
    whole = [candidate for index, candidate in enumerate(candidates) if index not in broken]
    photos = FilePhotos(tuple(path for path, _ in whole), np.array([label for _, label in whole], np.int64))
    return Scan(tuple(folder.name for folder in folders), photos, tuple(skipped))


def _files(folder: Path, skipped: list[str]) -> list[str]:
    """The files under `folder`, sorted, without hidden ones; a folder that cannot be listed goes into `skipped`."""

    def unlisted(error: OSError) -> None:
        skipped.append(f"{error.filename}: {error.strerror}")

    found: list[str] = []
    for root, folders, names in os.walk(folder, onerror=unlisted):
        folders[:] = [name for name in folders if not name.startswith(".")]
        found += [os.path.join(root, name) for name in names if not name.startswith(".")]
    return sorted(found)


def _others(root: Path, others: int) -> list[str]:
    """Lines that count what is neither photo nor hidden: files of other suffixes, and photos outside every class."""
    loose = [path for path in root.iterdir() if path.is_file() and not path.name.startswith(".")]
    photos = sum(path.suffix.lower() in SUFFIXES for path in loose)
    others += len(loose) - photos
    lines = [f"{root}: {photos} photo(s) outside the classes' sub-folders"] if photos else []
    return lines + ([f"{root}: {others} other file(s), by their suffix no photos"] if others else [])


def _nothing(root: Path, skipped: list[str]) -> str:
    kinds = ", ".join(sorted(suffix[1:] for suffix in SUFFIXES))
    what = f"Skipped {len(skipped)}, first {skipped[0]}." if skipped else "They are empty."
    return f"expected photos ({kinds}) in the sub-folders of {root}; none can be read.\n{what}"


def _check_training(scan: Scan, folder: Path) -> None:
    if len(scan.classes) == 1:
        raise DataError(
            f"expected at least two classes, a sub-folder each, in {folder}; found only {scan.classes[0]}.\n"
            "Give the folder whose sub-folders are the classes, or add photos of what is not of this one."
        )
    counts = np.bincount(scan.photos.labels, minlength=len(scan.classes))
    scarce = [f"{name} ({count})" for name, count in zip(scan.classes, counts, strict=True) if count < 2]
    if scarce:
        broken = f"; skipped {scan.skipped[0]}" if scan.skipped else ""
        raise DataError(
            f"expected at least two readable photos a class in {folder}; too few in {few(scarce)}{broken}.\n"
            "Add photos there, or take the sub-folder away."
        )


def _with_classes(scan: Scan, classes: tuple[str, ...], folder: Path) -> FilePhotos:
    """The scan's photos, labelled by their classes' places in `classes`."""
    place = {name: index for index, name in enumerate(classes)}
    unknown = [scan.classes[label] for label in np.unique(scan.photos.labels) if scan.classes[label] not in place]
    if unknown:
        raise DataError(
            f"expected the training classes' names in {folder}; training has no {few(unknown)}.\n"
            "Rename these sub-folders, take them away, or add photos to train on."
        )
    places = np.array([place.get(name, -1) for name in scan.classes], np.int64)
    return replace(scan.photos, labels=places[scan.photos.labels])
