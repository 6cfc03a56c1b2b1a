"""Folders of photos without sub-folders, of which the names of the files say the classes."""

import os
from pathlib import Path

import numpy as np

from mobilenet_tf.terminal import printable, shortened_list

from .class_files import ClassFiles
from .class_in_name import LEAST_PHOTOS, classes_in_names
from .class_order import labels_file_in
from .layout import DEEPEST_WRAPPER, TEST, TRAIN, VALIDATION, Layout, NamedPhotos, side_of, split_note, with_photos
from .listed_files import in_order
from .photos import broken_links, is_photo_name, photo_suffixes, suffix_of, unread_kinds
from .walk import is_hidden

__all__ = ["files_of_names", "find_named_photos", "named_photos"]


def find_named_photos(folder: Path, validation: Path | None = None) -> Layout | None:
    """The photos in `folder`, or in its sub-folders that name the sides of a split, if their names say their classes.

    A side whose names do not, as those of an unlabelled test set, is not used; nor is any but that to train on if a
    folder is given as `validation`. None if there are no such photos.
    """
    root = _innermost(folder)
    below = with_photos(root)
    if not below or any(map(is_photo_name, _files_in(root))):
        train = named_photos(root)
        return None if train is None else Layout(train, notes=(_note(train),))
    to_train = [path for path in below if side_of(path.name) == TRAIN] or below
    train = named_photos(to_train[0]) if len(to_train) == 1 else None
    if train is None:
        return None
    held_out = [
        (path, named)
        for side in (VALIDATION, TEST)
        for path in below
        if side_of(path.name) == side and (named := named_photos(path, 1)) and {*named.classes} & {*train.classes}
    ]
    held_out_side, named = held_out[0] if held_out else (None, None)
    return Layout(train, named, (_note(train), split_note(root, to_train[0], validation or held_out_side, below)))


def named_photos(folder: Path, least: int = LEAST_PHOTOS) -> NamedPhotos | None:
    """The photos directly in `folder`, or in the only folder there, if their names say their classes; else None.

    least: the number of photos that each class has; those that validate may be fewer than those that are trained on.
    """
    folder = _innermost(folder)
    files = [name for name in _files_in(folder) if is_photo_name(name)]
    classes = None if with_photos(folder) else classes_in_names(files, least)
    return None if classes is None else NamedPhotos(folder, tuple(files), tuple(classes))


def files_of_names(of: NamedPhotos) -> ClassFiles:
    """The photos of a folder whose names say their classes, in order of class and path, and what else lies there."""
    classes = in_order({*of.classes})
    kept = sorted(
        (classes.index(name), str(of.folder / file))
        for file, name in zip(of.files, of.classes, strict=True)
        if suffix_of(file) in photo_suffixes() and (of.folder / file).exists()
    )
    links = [str(of.folder / file) for file in of.files if not (of.folder / file).exists()]
    kinds, _ = unread_kinds(of.files)
    labels_file = labels_file_in(of.folder)
    others = {*_files_in(of.folder)} - {*of.files, labels_file.name if labels_file else ""}
    skipped = [
        *(f"{of.folder}: {line}" for line in kinds),
        *broken_links(links),
        *([f"{of.folder}: {len(others)} other file(s), by their suffix no photos"] if others else ()),
    ]
    labels = np.array([label for label, _ in kept], np.int64)
    return ClassFiles(classes, [path for _, path in kept], labels, skipped, len(of.files) - len(kept))


def _innermost(folder: Path) -> Path:
    """The folder itself, or what it holds if that is nothing but one folder with photos."""
    for _ in range(DEEPEST_WRAPPER):
        below = with_photos(folder)
        if len(below) != 1 or any(map(is_photo_name, _files_in(folder))):
            break
        folder = below[0]
    return folder


def _files_in(folder: Path) -> list[str]:
    """The names of what is directly in a folder and is no folder, sorted, without hidden ones."""
    return sorted(entry.name for entry in os.scandir(folder) if not entry.is_dir() and not is_hidden(entry.name))


def _note(of: NamedPhotos) -> str:
    first = {name: file for file, name in reversed([*zip(of.files, of.classes, strict=True)])}
    examples = shortened_list([f"{name} ({printable(first[name])})" for name in in_order({*of.classes})])
    return (
        f"{of.folder} has no sub-folders with photos: the class of a photo is what its name has before its last number "
        f"or numbers: {examples}.\n"
        "If these are not the classes, sort the photos into sub-folders named after theirs, or list them in lines "
        "`file,label`, in labels.csv there or in --ground-truth FILE."
    )
