"""Folders that are tags: a photo that stands in several, by its content, has the tags of all of them."""

import hashlib
import os
from contextlib import suppress
from pathlib import Path

import numpy as np

from mobilenet_tf.contract.photo_file import open_regular
from mobilenet_tf.data.class_files import files_in_class_folders
from mobilenet_tf.data.layout import with_photos
from mobilenet_tf.data.photos import find_photos, is_photo_name
from mobilenet_tf.data.walk import files_under
from mobilenet_tf.tasks.tags import UNKNOWN

from .lists import MOST_CONTRADICTIONS
from .tag_files import TagFiles

__all__ = ["files_in_folders", "folders_have_tags", "unlabelled_files"]

COMPARED = 4096  # bytes at the beginning and at the end of files of one size


def files_in_folders(root: Path) -> TagFiles:
    """The photos under `root`'s sub-folders, which are the tags. Raises DataError if there is no sub-folder."""
    found = files_in_class_folders(root)
    marks = (found.labels[:, None] == np.arange(len(found.classes))).astype(np.int64)
    return TagFiles(found.classes, tuple(found.paths), marks, 0, tuple(found.skipped), found.left_out, by_content=True)


def unlabelled_files(folder: Path, tags: tuple[str, ...]) -> TagFiles:
    """All photos under `folder`, of which nothing says the tags. Raises ImagesError if there is none."""
    found = find_photos(folder)
    marks = np.full((len(found.paths), len(tags)), UNKNOWN, np.int64)
    paths = tuple(map(str, found.paths))
    return TagFiles(tags, paths, marks, UNKNOWN, found.unread, found.unread_count, by_content=True)


def folders_have_tags(root: Path) -> bool:
    """Whether more than a tenth of the photos under `root` stand in several of its sub-folders.

    Fewer are mistakes in photos of classes; and if every photo stands in all of them, they say nothing. Photos are the
    same here if their sizes and their ends are.
    """
    folders_of: dict[tuple[int, bytes], set[str]] = {}
    by_size: dict[int, list[tuple[str, str]]] = {}
    folders = with_photos(root)
    for folder in folders:
        for path in filter(is_photo_name, files_under(folder).paths):
            with suppress(OSError):  # reading the photos names a file that cannot be read
                by_size.setdefault(os.path.getsize(path), []).append((folder.name, path))
    alone = 0
    for size, files in by_size.items():
        if len({name for name, _ in files}) == 1:
            alone += len(files)
            continue
        for name, path in files:
            with suppress(OSError):
                folders_of.setdefault((size, _ends(path, size)), set()).add(name)
    photos = alone + len(folders_of)
    several, in_all = (sum(len(names) >= least for names in folders_of.values()) for least in (2, len(folders)))
    return several > MOST_CONTRADICTIONS * photos and in_all < photos


def _ends(path: str, size: int) -> bytes:
    with open_regular(path) as file:
        start = file.read(COMPARED)
        file.seek(max(0, size - COMPARED))
        return hashlib.sha256(start + file.read(COMPARED)).digest()
