"""The photos that a list names, each with its class."""

import os
import unicodedata
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from mobilenet_tf.contract.labels import class_name_problem
from mobilenet_tf.errors import DataError
from mobilenet_tf.terminal import printable, shortened_list

from .class_files import ClassFiles
from .ground_truth_file import ListedPhoto, read_ground_truth
from .layout import PhotoList
from .one_hot_file import read_one_hot
from .photos import is_photo_name, photo_suffixes, suffix_of
from .walk import files_under

__all__ = ["files_in_list", "in_order", "unlisted"]


def files_in_list(of: PhotoList) -> ClassFiles:
    """The photos that a list names, in order of class and path; classes sorted by name, or as its columns are.

    What it names and what is no photo, or is of several classes, is left out and said. Raises DataError for a list that
    cannot be read, or that names no photo.
    """
    one_hot = read_one_hot(of.file, of.folder)
    listed = read_ground_truth(of.file, of.folder) if one_hot is None else one_hot.photos
    label_of, contradictory = _labels_by_path(listed, of.file)
    photos = {path: label for path, label in label_of.items() if os.path.isfile(path)}
    unread = [path for path in photos if suffix_of(path) not in photo_suffixes()]
    lost = [path for path in label_of if path not in photos]
    none, several = ([], []) if one_hot is None else (one_hot.none, one_hot.several)
    reasons = {
        "listed and not there": lost,
        "of a kind that is not read": unread,
        "listed with several classes, where one is trained": [*contradictory, *several],
        "listed without a class": none,
    }
    kept = {path: label for path, label in photos.items() if path not in unread}
    skipped = [f"{of.file}: {len(names)} photo(s) {why}: {_named(names)}" for why, names in reasons.items() if names]
    if not kept:
        raise DataError(
            f"expected a list of photos in {of.folder} with the class of each, in {of.file}; it gives none.\n"
            + (skipped[0] if skipped else "It is empty.")
        )
    classes = in_order({*kept.values()}, one_hot.classes if one_hot else ())
    index = {name: number for number, name in enumerate(classes)}
    paths = sorted(kept, key=lambda path: (index[kept[path]], path))
    labels = np.array([index[kept[path]] for path in paths], np.int64)
    left_out = sum(map(len, reasons.values()))
    return ClassFiles(classes, paths, labels, [*skipped, *unlisted(of, len(kept) + left_out)], left_out)


def _labels_by_path(listed: Sequence[ListedPhoto], file: Path) -> tuple[dict[str, str], list[str]]:
    """(path of a photo -> its class, the paths that are listed with several)."""
    label_of: dict[str, str] = {}
    contradictory: dict[str, None] = {}
    for photo in listed:
        name = unicodedata.normalize("NFC", photo.label).strip()
        problem = class_name_problem(name)
        if problem:
            raise DataError(f"{file}, line {photo.line}: '{printable(name[:60])}' {problem}: it cannot name a class.")
        path = str(photo.path)
        if label_of.setdefault(path, name) != name:
            contradictory[path] = None
    return {path: name for path, name in label_of.items() if path not in contradictory}, [*contradictory]


def in_order(names: set[str], columns: Sequence[str] = ()) -> tuple[str, ...]:
    """The classes or tags in the order of the columns; else by name, or by number if all are numbers."""
    if columns:
        return tuple(name for name in columns if name in names)
    if all(name.isascii() and name.isdecimal() for name in names):
        return tuple(sorted(names, key=lambda name: (int(name), name)))
    return tuple(sorted(names))


def unlisted(of: PhotoList, known: int) -> list[str]:
    """A line if the folder has more photos than the list knows: they have no class or tags, and are not counted as left
    out.
    """
    more = sum(map(is_photo_name, files_under(of.folder).paths)) - known
    return [f"{of.folder}: {more} photo(s) that {of.file.name} does not list"] if more > 0 else []


def _named(paths: Sequence[str]) -> str:
    return shortened_list([printable(path) for path in paths], 1)
