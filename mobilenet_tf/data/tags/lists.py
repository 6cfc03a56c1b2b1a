"""The photos that a list names, each with its tags."""

import os
from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from mobilenet_tf.data.ground_truth_file import ListedPhoto, numbered_lines, read_ground_truth
from mobilenet_tf.data.layout import PhotoList
from mobilenet_tf.data.listed_files import in_order, unlisted
from mobilenet_tf.data.listed_photo import PhotosByName
from mobilenet_tf.data.photos import photo_suffixes, suffix_of
from mobilenet_tf.errors import DataError
from mobilenet_tf.tasks.tags import UNKNOWN
from mobilenet_tf.terminal import printable, shortened_list

from .columns import TagColumns, read_columns
from .tag_files import TagFiles, check_names
from .tag_text import separator, tags_in

__all__ = ["MOST_CONTRADICTIONS", "files_in_list", "list_has_tags"]

MOST_CONTRADICTIONS = 0.1  # of the photos may be of several classes before they are taken for photos with tags


def list_has_tags(of: PhotoList) -> bool:
    """Whether several tags are true of a photo of a list: of any in columns or in one field, or of more than a tenth in
    lines of their own. A list that gives exactly one to each photo is one of classes. Raises DataError.
    """
    columns = read_columns(of.file)
    if columns is not None:
        return any(marks.count(1) > 1 for _, marks in columns.rows)
    listed = read_ground_truth(of.file, of.folder, allow_none=True)
    if _separator(of, listed) is not None:
        return True
    labels: dict[str, set[str]] = {}
    for photo in listed:
        labels.setdefault(str(photo.path), set()).add(photo.label)
    return sum(len(one) > 1 for one in labels.values()) > MOST_CONTRADICTIONS * len(labels)


def files_in_list(of: PhotoList) -> TagFiles:
    """The photos that a list names, by path; tags sorted by name, or as its columns are.

    A photo on several lines has the tags of all. What is named and is no photo is left out and said. Raises DataError
    for a list that cannot be read, or that names no photo.
    """
    columns = read_columns(of.file)
    tags, marks, wrong = _of_lines(of) if columns is None else _of_columns(of, columns)
    photos = [path for path in marks if os.path.isfile(path)]
    reasons = {
        "line(s) cannot be read": wrong,
        "photo(s) listed and not there": [path for path in marks if not os.path.isfile(path)],
        "photo(s) of a kind that is not read": [path for path in photos if suffix_of(path) not in photo_suffixes()],
    }
    kept = sorted(path for path in photos if suffix_of(path) in photo_suffixes())
    skipped = [f"{of.file}: {len(names)} {why}: {_named(names)}" for why, names in reasons.items() if names]
    if not kept or not tags:
        raise DataError(
            f"expected a list of photos in {of.folder} with the tags of each, in {of.file}; it gives none.\n"
            + (skipped[0] if skipped else "It is empty.")
        )
    left_out = sum(map(len, reasons.values()))
    absent = 0 if columns is None else UNKNOWN
    rows = np.array([marks[path] for path in kept], np.int64)
    skipped += unlisted(of, len(kept) + left_out - len(wrong))
    ignored = () if columns is None else columns.ignored
    notes = (f"{of.file}: these columns hold no tags, and are not read: {_listed(ignored)}.",) if ignored else ()
    return TagFiles(tags, tuple(kept), rows, absent, tuple(skipped), left_out, notes)


Marks = Mapping[str, Sequence[int]]  # path of a photo -> its marks


def _of_columns(of: PhotoList, columns: TagColumns) -> tuple[tuple[str, ...], Marks, list[str]]:
    """(the tags, the marks of each photo, what is wrong)."""
    photos, marks = PhotosByName(of.folder), dict[str, Sequence[int]]()
    for name, row in columns.rows:
        path = str(photos.find(name) or of.folder / name)
        marks[path] = [*map(max, marks.get(path, row), row)]
    return columns.tags, marks, columns.wrong


def _of_lines(of: PhotoList) -> tuple[tuple[str, ...], Marks, list[str]]:
    """As _of_columns."""
    listed = read_ground_truth(of.file, of.folder, allow_none=True)
    sign = _separator(of, listed)
    tags_of: dict[str, set[str]] = {}
    for photo in listed:
        names = tags_in(photo.label, sign)
        check_names(names, f"{of.file}, line {photo.line}")
        tags_of.setdefault(str(photo.path), set()).update(names)
    tags = in_order({tag for names in tags_of.values() for tag in names})
    return tags, {path: [int(tag in names) for tag in tags] for path, names in tags_of.items()}, []


def _separator(of: PhotoList, listed: Iterable[ListedPhoto]) -> str | None:
    lines = numbered_lines(of.file)
    return separator([photo.label for photo in listed if photo.label], lines[0][1] if lines else "")


def _named(names: Sequence[str]) -> str:
    return shortened_list([printable(name) for name in names], 1)


def _listed(names: Sequence[str]) -> str:
    return shortened_list([printable(name) for name in names])
