"""The class that the name of a photo's file begins with: cat.0.jpg, dog_001.jpg, n01440764_10026.JPEG."""

import os
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

from mobilenet_tf.contract.labels import class_name_problem

from .layout import FILLER, names_a_side

__all__ = ["LEAST_PHOTOS", "classes_in_names", "classes_of_photos"]

LEAST_PHOTOS = 3  # of each class: fewer may have names of one beginning by chance
_NUMBERS = re.compile(r"([\s._()-]+\d+\)?)+$")  # the end of cat.0, cat_001, cat (1), cat-2024-05-01
_NUMBER = re.compile(r"\d+$")  # that of cat001
_WORD = re.compile(r"[^\W\d_]+")
# How cameras, phones and programs name the photos of anything.
_OF_ANYTHING = re.compile(
    f"({FILLER}|picture|pic|pict|file|frame|video|vid|mov|mvi|clip|shot|scan|sample|crop|copy|screenshot|screen|untitled|"
    "unnamed|download|camera|cam|dcim|dsc|dscn|dscf|dscf|dji|gopr|gp|imag|cimg|sdc|sam|pxl|wa|whatsapp|signal|telegram|"
    "snapchat|instagram|facebook|fb|received|at)"
)


def classes_in_names(names: Sequence[str], least: int) -> list[str] | None:
    """The class of each of these files in one folder, which is what its name has before the number at its end.

    None if the names do not clearly say classes: each must have a number after some letters, there must be two classes
    with at least `least` photos each, and none may be what a camera calls all its photos, or the side of a split.
    """
    found = [_before_number(name) for name in names]
    counts = Counter(found)
    if len(counts) < 2 or min(counts.values()) < least:
        return None
    if any(_says_nothing(name) for name in counts) or all(map(names_a_side, counts)):
        return None
    return found


def classes_of_photos(photos: Iterable[Path], least: int) -> dict[Path, str]:
    """The classes of those of the photos that are in a folder where classes_in_names finds them."""
    by_folder: dict[Path, list[Path]] = {}
    for photo in photos:
        by_folder.setdefault(photo.parent, []).append(photo)
    found: dict[Path, str] = {}
    for paths in by_folder.values():
        found.update(zip(paths, classes_in_names([path.name for path in paths], least) or (), strict=False))
    return found


def _before_number(name: str) -> str:
    """What the name of a file has before the numbers at its end; nothing if there are none."""
    stem = unicodedata.normalize("NFC", os.path.splitext(name)[0])
    before = _NUMBERS.sub("", stem)
    before = _NUMBER.sub("", stem) if before == stem else before
    return "" if before == stem else before.strip(" ._-(")


def _says_nothing(name: str) -> bool:
    """Whether it is no name of a class: it has no letter, is no text, or is that of any photo."""
    words = [word.lower() for word in _WORD.findall(name)]
    return all(map(_OF_ANYTHING.fullmatch, words)) or class_name_problem(name) is not None
