"""The class that the name of a photo's file begins with: cat.0.jpg, dog_001.jpg, n01440764_10026.JPEG."""

import os
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

from mobilenet_tf.contract.labels import class_name_problem

from .layout import FILLER, names_a_side, sides_of

__all__ = ["LEAST_PHOTOS", "classes_in_names", "classes_of_photos", "possible_classes"]

LEAST_PHOTOS = 3  # of each class: fewer may have names of one beginning by chance
_DATE = r"(19|20)\d\d[-_.]?[01]\d[-_.]?[0-3]\d"
_DATES = re.compile(rf"([\s._()-]+{_DATE}\)?)+$")
_LAST = re.compile(rf"[\s._()-]+({_DATE}|\d+)\)?$")  # the end of cat.0, cat_001, cat (1), cat-2024-05-01
_ALL = re.compile(r"([\s._()-]+\d+\)?)+$")  # that of Cardinal_0001_17057
_NUMBER = re.compile(r"\d+$")  # that of cat001
_WORD = re.compile(r"[^\W\d_]+")
# How cameras, phones and programs name the photos of anything.
_OF_ANYTHING = re.compile(
    f"({FILLER}|picture|pic|pict|file|frame|video|vid|mov|mvi|clip|shot|scan|sample|crop|copy|of|screenshot|screen|"
    "untitled|unnamed|download|camera|cam|dcim|dsc|dscn|dscf|dsci|dji|gopr|gp|gx|gh|gs|imag|cimg|sdc|sam|pxl|wa|whatsapp|signal|"
    "telegram|snapchat|instagram|facebook|fb|received|at|mvimg|burst|pano|hdr|imgp|imga|mg|hpim|oi|dcp|kif|"
    "foto|fotos|bild|bilder|kopie|copie|copia|von|bildschirmfoto|aufnahme)"
)


def classes_in_names(names: Sequence[str], least: int) -> list[str] | None:
    """The class of each of these files in one folder, which is what its name has before the number at its end.

    Of several numbers only the last counts if there are then LEAST_PHOTOS of each class, as of boeing_737_01.jpg and
    boeing_747_01.jpg. Otherwise all do, as in Cardinal_0001_17057.jpg.
    None if the names do not clearly say classes: each must have a number after some letters, there must be two classes
    with at least `least` photos each, none may be what a camera calls all its photos, and they may not differ only in
    the side of a split.
    """
    before_last, before_all = zip(*map(_before_numbers, names), strict=True) if names else ((), ())
    # Last: a few photos, as of those that validate, in which all numbers leave but one class.
    for found, count in ((before_last, max(least, LEAST_PHOTOS)), (before_all, least), (before_last, least)):
        if _are_clear(found, count):
            return [*found]
    return None


def classes_of_photos(photos: Iterable[Path]) -> dict[Path, str]:
    """The classes of those of the photos that are in a folder where classes_in_names finds them."""
    found: dict[Path, str] = {}
    for paths in _by_folder(photos):
        found.update(zip(paths, classes_in_names([path.name for path in paths], LEAST_PHOTOS) or (), strict=False))
    return found


def possible_classes(photos: Iterable[Path]) -> dict[Path, tuple[str, ...]]:
    """What the name of each photo has before its last number, and before all at its end, if that may be a class.

    A few photos, or those of one class, are enough, as this is to be compared with labels that are known.
    """
    found: dict[Path, tuple[str, ...]] = {}
    for paths in _by_folder(photos):
        possible = {
            path: tuple(name for name in _before_numbers(path.name) if not _says_nothing(name)) for path in paths
        }
        if not all(names_a_side(name) for names in possible.values() for name in names):
            found.update(possible)
    return found


def _by_folder(photos: Iterable[Path]) -> Iterable[list[Path]]:
    folders: dict[Path, list[Path]] = {}
    for photo in photos:
        folders.setdefault(photo.parent, []).append(photo)
    return folders.values()


def _are_clear(found: Sequence[str], least: int) -> bool:
    counts = Counter(found)
    if len(counts) < 2 or min(counts.values()) < least or any(map(_says_nothing, counts)):
        return False
    sides = sides_of([*counts])
    # Beside a bus a train is a class; train_cat beside test_cat is none.
    return not (all(map(names_a_side, counts)) or any(sides[name] and not names_a_side(name) for name in counts))


def _before_numbers(name: str) -> tuple[str, str]:
    """What the name of a file has before the last number at its end, and before all there; nothing if there are none.

    A date is no part of a class, and a letter that numbers follow at once, as in P1000001, is a camera's.
    """
    stem = unicodedata.normalize("NFC", os.path.splitext(name)[0])
    last, every = _DATES.sub("", _LAST.sub("", stem)), _ALL.sub("", stem)
    if every == stem:
        last = every = _NUMBER.sub("", stem)
        if every == stem or re.fullmatch("[A-Za-z]", every.strip(" ._-(")):
            return "", ""
    return last.strip(" ._-("), every.strip(" ._-(")


def _says_nothing(name: str) -> bool:
    """Whether it is no name of a class: it has no letter, is no text, or is that of any photo."""
    words = [word.lower() for word in _WORD.findall(name)]
    return all(map(_OF_ANYTHING.fullmatch, words)) or class_name_problem(name) is not None
