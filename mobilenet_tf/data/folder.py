"""Labelled folders: one sub-folder per class, or `train/` and `val/` with one each. TensorFlow-free."""

import os
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from mobilenet_tf.contract.labels import class_name_problem
from mobilenet_tf.errors import DataError, ImagesError
from mobilenet_tf.progress import OnProgress, part_of
from mobilenet_tf.terminal import printable, shortened_list

from .class_matching import ClassMatcher, normalized
from .dataset import Dataset, Int64, UInt8, UInt64, split_photos
from .digests import digest_number
from .layout import find_layout, find_validation, sub_folders
from .photos import KINDS, broken_links, is_photo_name, photo_suffixes, read_photo, suffix_of, unread_kinds
from .scan import changed_photo_error, find_broken
from .walk import files_under, folder_identity, is_hidden, visited_above

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

    def name(self, index: int) -> str:
        """Its path."""
        return self.paths[index]

    def read(self, index: int, short_side: int) -> UInt8:
        """As Photos.read."""
        path = self.paths[index]
        try:
            return read_photo(path, short_side)
        except ImagesError as error:
            raise changed_photo_error(str(error)) from error


@dataclass(frozen=True)
class ClassFiles:
    """The files in a folder of class sub-folders.

    paths, labels: of the photos, in order of class and path.
    skipped:       a line for each thing that is left out, or kind of thing.
    left_out:      the number of photos among these.
    """

    classes: tuple[str, ...]
    paths: list[str]
    labels: Int64
    skipped: list[str]
    left_out: int


@dataclass(frozen=True)
class Scan:
    """What can be read in a folder of class sub-folders; skipped and left_out as in ClassFiles."""

    classes: tuple[str, ...]
    photos: FilePhotos
    skipped: tuple[str, ...]
    left_out: int


def load_folder(folder: Path, validation: Path | None, share: float, seed: int, on_progress: OnProgress) -> Dataset:
    """The photos under `folder`, each of the class that its sub-folder is named after; classes sorted by name.

    If `folder` has sub-folders to train on and to validate with, such as `train` and `val`, and both hold the classes'
    sub-folders, the photos of the one are trained on and those of the other validate, see layout.py. `validation` is
    used in place of the latter if it is given. Otherwise `share` of each class is held out. Photos may lie deeper
    inside a class's sub-folder; linked folders are followed, and hidden files do not count.
    Raises DataError for a folder that cannot be trained on.
    """
    layout = find_layout(folder, validation)
    validation_folder = layout.validation if validation is None else find_validation(validation)
    if validation_folder is None:
        train = _scan(layout.train, on_progress)
        _check_training(train, layout.train)
        notes = layout.notes + _similar_names_note(train.classes)
        sides = split_photos(train.photos, share, seed)
        return Dataset(train.classes, *sides, train.skipped, train.left_out, notes)
    train = _scan(layout.train, part_of(on_progress, 0, TRAIN_SHARE))
    _check_training(train, layout.train)
    notes = layout.notes + _similar_names_note(train.classes)
    held_out = _scan(validation_folder, part_of(on_progress, TRAIN_SHARE, 1))
    photos, similar = _with_classes(held_out, train.classes, validation_folder)
    skipped, left_out = train.skipped + held_out.skipped, train.left_out + held_out.left_out
    return Dataset(train.classes, train.photos, photos, skipped, left_out, notes + similar)


def _scan(root: Path, on_progress: OnProgress) -> Scan:
    """Every photo under `root`'s sub-folders, in order of class and path, each decoded once to find the broken."""
    files = _class_files(root)
    paths = files.paths
    digests = np.zeros(len(paths), np.uint64)

    def decode(index: int) -> None:
        read_photo(paths[index], 1)
        digests[index] = digest_number(Path(paths[index]).read_bytes())

    broken = find_broken(decode, len(paths), on_progress)
    skipped = (*broken.values(), *files.skipped)
    if len(broken) == len(paths):
        raise DataError(_no_photo_message(root, skipped))
    whole = np.array([index for index in range(len(paths)) if index not in broken])
    photos = FilePhotos(tuple(paths[index] for index in whole), files.labels[whole], digests[whole])
    return Scan(files.classes, photos, skipped, files.left_out + len(broken))


def _class_files(root: Path) -> ClassFiles:
    """The files under `root`'s sub-folders, which are the classes, and what lies outside them."""
    folders = _by_class_name(root)
    if not folders:
        raise DataError(
            f"expected one sub-folder per class in {root}; it has no sub-folder.\n"
            "Sort the photos into sub-folders named after their classes: photos/cat, photos/dog, ..."
        )
    visited = visited_above(root) | {folder_identity(root)}
    # A folder that is linked too is read by its own path, whichever name comes first.
    order = sorted(folders, key=lambda name: folders[name].is_symlink())
    found = {name: files_under(folders[name], visited) for name in order}
    files = [(path, label) for label, name in enumerate(folders) for path in found[name].paths]
    photos = [(path, label) for path, label in files if suffix_of(path) in photo_suffixes()]
    loose = [entry.path for entry in os.scandir(root) if not os.path.isdir(entry.path) and not is_hidden(entry.name)]
    links = [path for name in folders for path in found[name].links]
    links += [path for path in loose if not os.path.exists(path)]
    loose = [path for path in loose if path not in links]
    kinds, unread = unread_kinds([*(path for path, _ in files), *loose])
    outside = sum(suffix_of(path) in photo_suffixes() for path in loose)
    others = len(files) + len(loose) - len(photos) - outside - unread
    skipped = [
        *(f"{root}: {line}" for line in kinds),
        *broken_links(links),
        *(note for name in folders for note in found[name].notes),
        *([f"{root}: {outside} photo(s) outside the classes' sub-folders"] if outside else ()),
        *([f"{root}: {others} other file(s), by their suffix no photos"] if others else ()),
    ]
    left_out = unread + outside + sum(map(is_photo_name, links))
    labels = np.array([label for _, label in photos], np.int64)
    return ClassFiles(tuple(folders), [path for path, _ in photos], labels, skipped, left_out)


def _by_class_name(root: Path) -> dict[str, Path]:
    """Name of a class -> its folder, sorted by the folder's name.

    The names become lines of a labels file, and are what is read there: without spaces around them, and with accents in
    one form, whichever system made the folder. Raises DataError if a name cannot become a line, or if two are the same
    then.
    """
    folders: dict[str, Path] = {}
    for path in sub_folders(root):
        problem = class_name_problem(path.name)
        if problem:
            raise DataError(
                f"the folder '{printable(path.name)}' in {printable(str(root))} {problem}: it cannot name a class.\n"
                "Rename it."
            )
        name = unicodedata.normalize("NFC", path.name).strip()
        if name in folders:
            raise DataError(
                f"the folders {folders[name].name!r} and {path.name!r} in {root} name the same class, {name!r}.\n"
                "Put their photos into one of them."
            )
        folders[name] = path
    return dict(sorted(folders.items()))


def _similar_names_note(classes: Sequence[str]) -> tuple[str, ...]:
    """A note if some classes' names are so similar that they may be meant to be one class."""
    similar: dict[str, list[str]] = {}
    for name in classes:
        similar.setdefault(normalized(name), []).append(name)
    pairs = [" and ".join(map(repr, names)) for names in similar.values() if len(names) > 1]
    return (f"Folders of similar names are classes of their own: {shortened_list(pairs)}.",) if pairs else ()


def _no_photo_message(root: Path, skipped: Sequence[str]) -> str:
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


def _with_classes(scan: Scan, classes: tuple[str, ...], folder: Path) -> tuple[FilePhotos, tuple[str, ...]]:
    """(the scan's photos, each labelled with its class's index in `classes`; notes)."""
    matcher = ClassMatcher(classes)
    exact = [matcher.exact(name) for name in scan.classes]
    indices = [matcher.loose(name) if index is None else index for name, index in zip(scan.classes, exact, strict=True)]
    unknown = [scan.classes[label] for label in np.unique(scan.photos.labels) if indices[label] is None]
    if unknown:
        raise DataError(
            f"expected the training classes' names in {folder}; training has no {shortened_list(unknown)}.\n"
            "Rename or remove these sub-folders, or add photos to train on."
        )
    loose = [
        f"{name!r} for {classes[index]!r}"
        for name, index, same in zip(scan.classes, indices, exact, strict=True)
        if index is not None and same is None
    ]
    notes = (f"{folder}: taken for training's classes of similar names: {shortened_list(loose)}.",) if loose else ()
    labels = np.array([-1 if index is None else index for index in indices], np.int64)
    return replace(scan.photos, labels=labels[scan.photos.labels]), notes
