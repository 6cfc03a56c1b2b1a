"""The photos that vectors are measured on: those whose class is known, whatever it is called."""

from collections import defaultdict
from collections.abc import Set
from dataclasses import dataclass
from pathlib import Path

from mobilenet_tf.data.class_in_name import classes_of_photos
from mobilenet_tf.data.ground_truth_file import read_ground_truth
from mobilenet_tf.data.layout import names_a_side
from mobilenet_tf.data.photos import find_photos
from mobilenet_tf.errors import DataError

__all__ = ["PhotosOfClasses", "photos_of_classes"]


@dataclass(frozen=True)
class PhotosOfClasses:
    """Photos, the class of each, and a line for what is left out."""

    paths: list[Path]
    classes: list[str]
    left_out: list[str]


def photos_of_classes(folder: Path, ground_truth: Path | None) -> PhotosOfClasses:
    """The photos of a folder with a folder for each class or names of files that say it, or of a list `ground_truth`.

    Folders that are named as the sides of a split, such as train and test, are no classes if all beside them are named
    so too: what is inside counts.
    Raises DataError if no photo has a class, or no class has two photos; ImagesError for a folder without photos.
    """
    found = _listed(folder, ground_truth) if ground_truth is not None else _in_folders(folder)
    if len({*found.classes}) == len(found.classes):
        raise DataError(
            f"expected classes with several photos each in {ground_truth or folder}, which are compared with each "
            f"other; found {len(found.classes)} photos of as many classes.\n"
            "Give a folder with a sub-folder for each class or person, photos whose names begin with their classes "
            "(ann.0.jpg, ann.1.jpg, bob.0.jpg), or --ground-truth FILE."
        )
    return found


def _in_folders(folder: Path) -> PhotosOfClasses:
    found = find_photos(folder)
    below = [path.relative_to(folder) for path in found.paths]
    siblings = defaultdict(set)
    for path in below:
        for depth, name in enumerate(path.parts[:-1]):
            siblings[path.parts[:depth]].add(name)
    holding_sides = {above for above, names in siblings.items() if all(map(names_a_side, names))}
    classes = (_class_of(path, holding_sides) for path in below)
    named = dict(zip(found.paths, classes, strict=True))
    if not any(named.values()):
        named.update(classes_of_photos(named))
    known = {path: name for path, name in named.items() if name}
    loose = len(named) - len(known)
    left_out = [*found.unread, *([f"{folder}: {loose} photos are in no folder of a class"] if loose else [])]
    return PhotosOfClasses([*known], [*known.values()], left_out)


def _class_of(path: Path, holding_sides: Set[tuple[str, ...]]) -> str:
    """The folders that a photo is in, below the folder of all, without those that are the sides of a split.

    holding_sides: the folders whose sub-folders are sides: a folder `train` beside `car` and `bus` is a class.
    """
    parts = path.parts[:-1]
    return "/".join(part for depth, part in enumerate(parts) if parts[:depth] not in holding_sides)


def _listed(folder: Path, file: Path) -> PhotosOfClasses:
    listed = read_ground_truth(file, folder)
    there = {one.path: one.label for one in reversed(listed) if one.path.is_file()}  # the first class of a photo counts
    missing = [f"{one.path}: does not exist" for one in listed if one.path not in there]
    return PhotosOfClasses([*there], [*there.values()], missing)
