"""Lists that have a column for each class, with a 1 for those of the photo: Roboflow's `_classes.csv`."""

import csv
from dataclasses import dataclass
from pathlib import Path

from .ground_truth_file import FILE_COLUMN, ListedPhoto, numbered_lines
from .listed_photo import PhotosByName

__all__ = ["OneHotList", "read_one_hot"]


@dataclass(frozen=True)
class OneHotList:
    """classes: in the order of the columns. photos: those of one class. none, several: the names of photos of no class,
    and of more than one.
    """

    classes: tuple[str, ...]
    photos: list[ListedPhoto]
    none: list[str]
    several: list[str]


def read_one_hot(file: Path, folder: Path) -> OneHotList | None:
    """The photos that `file` lists, in `folder`; None if it is not such a list. Raises DataError if it is no text."""
    lines = numbered_lines(file)
    if len(lines) < 2:
        return None
    header = lines[0][1]
    delimiter = max(",;\t", key=header.count)
    names, *rows = (
        [field.strip() for field in fields] for fields in csv.reader([t for _, t in lines], delimiter=delimiter)
    )
    is_one_hot = all(len(row) == len(names) and {*row[1:]} <= {"0", "1"} for row in rows)
    if len(names) < 3 or not FILE_COLUMN.fullmatch(names[0].lower()) or not is_one_hot:
        return None
    found = OneHotList(tuple(names[1:]), [], [], [])
    photos = PhotosByName(folder)
    for (number, _), (name, *marks) in zip(lines[1:], rows, strict=True):
        if marks.count("1") == 1:
            path = photos.find(name) or folder / name
            found.photos.append(ListedPhoto(path, found.classes[marks.index("1")], number))
        else:
            (found.several if "1" in marks else found.none).append(name)
    return found
