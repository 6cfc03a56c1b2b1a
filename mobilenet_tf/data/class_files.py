"""The files in a folder of class sub-folders: which are photos, of which class, and what else lies there."""

import os
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from mobilenet_tf.contract.labels import class_folder_problem
from mobilenet_tf.errors import ClassesError, DataError
from mobilenet_tf.terminal import printable, shortened_list

from .class_matching import normalized
from .class_order import labels_file_in
from .dataset import Int64
from .layout import sub_folders
from .photos import broken_links, is_photo_name, photo_suffixes, suffix_of, unread_kinds
from .walk import files_under, folder_identity, is_hidden, visited_above

__all__ = ["ClassFiles", "files_in_class_folders", "similar_names_note"]


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


def files_in_class_folders(root: Path) -> ClassFiles:
    """The files under `root`'s sub-folders, which are the classes, and what lies outside them."""
    folders = _by_class_name(root)
    if not folders:
        if not any(root.iterdir()):
            raise ClassesError(f"expected one sub-folder per class in {root}; it is empty.")
        raise ClassesError(
            f"expected one sub-folder per class in {root}; it has no sub-folder, and the names of its files do not say "
            "the classes clearly, as cat.0.jpg and dog_001.jpg do: each needs a number after its class, none may be as "
            "a camera gives it, and there must be two classes at least, of three photos each.\n"
            f"Sort the photos into sub-folders named after their classes, {root}/cat, {root}/dog, ..., or list them in "
            f"{root}/labels.csv, a line `file,label` for each."
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
    loose = [path for path in loose if path not in links and path != str(labels_file_in(root))]
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

    The names become lines of a labels file, with accents in one form, whichever system made the folder. Raises
    DataError if a name cannot become a line and be read there again, or if two are the same then.
    """
    folders: dict[str, Path] = {}
    for path in sub_folders(root):
        problem = class_folder_problem(path.name)
        if problem:
            raise DataError(
                f"the folder '{printable(path.name)}' in {printable(str(root))} {problem}: it cannot name a class.\n"
                "Rename it."
            )
        name = unicodedata.normalize("NFC", path.name)
        if name in folders:
            raise DataError(
                f"the folders {folders[name].name!r} and {path.name!r} in {root} name the same class, {name!r}.\n"
                "Put their photos into one of them."
            )
        folders[name] = path
    return dict(sorted(folders.items()))


def similar_names_note(classes: Sequence[str]) -> tuple[str, ...]:
    """A note if some classes' names are so similar that they may be meant to be one class."""
    similar: dict[str, list[str]] = {}
    for name in classes:
        similar.setdefault(normalized(name), []).append(name)
    pairs = [" and ".join(map(repr, names)) for names in similar.values() if len(names) > 1]
    return (f"Folders of similar names are classes of their own: {shortened_list(pairs)}.",) if pairs else ()
