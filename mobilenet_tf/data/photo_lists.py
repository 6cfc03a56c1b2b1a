"""Which list of photos with their labels, a CSV file, goes with a folder whose sub-folders are not the classes."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from mobilenet_tf.errors import DataError

from .ground_truth_file import photos_named
from .layout import Layout, PhotoList, side_of, sub_folders, with_photos
from .walk import is_hidden

__all__ = ["LIST_SUFFIXES", "files_that_may_list", "find_lists", "folder_of_photos", "list_in", "list_note"]

LIST_SUFFIXES = frozenset({".csv", ".tsv"})
ROBOFLOW = "_classes.csv"  # in each side's folder
SIDES_THAT_VALIDATE = ("validation", "test")


@dataclass(frozen=True)
class _Found:
    """Lists in one folder: of no side, and of each side."""

    plain: list[PhotoList]
    of_side: dict[str, PhotoList]


def find_lists(folder: Path) -> Layout | None:
    """The lists in `folder`, or in its sub-folders that name the sides of a split; None if there is none.

    A list is a .csv or .tsv file that names photos in its folder or in a sub-folder: `_classes.csv`, the only one, or
    one for each side, such as train.csv and val.csv. Raises DataError if it is not clear which one to take.
    """
    found = _lists_of(folder)
    if not found.plain and not found.of_side:
        found = _Found([], _lists_of_sides(folder))
    below = with_photos(folder)
    if not found.plain and not found.of_side and len(below) == 1:
        found = _lists_of(below[0])
    train = found.of_side.get("train")
    if train is None and len(found.plain) == 1:
        train = found.plain[0]
    if train is None:
        if len(found.plain) > 1:
            names = ", ".join(one.file.name for one in found.plain)
            raise DataError(
                f"several files in {folder} list photos: {names}.\n"
                f"Give the one with the labels: --ground-truth {found.plain[0].file}"
            )
        return None
    held_out = next((found.of_side[side] for side in SIDES_THAT_VALIDATE if side in found.of_side), None)
    return Layout(train, held_out, (list_note(train, held_out),))


def list_note(train: PhotoList, held_out: PhotoList | None = None) -> str:
    """The note that says which lists are used."""
    validates = "" if held_out is None else f", and {held_out.file} those of the photos that validate"
    return f"{train.file} gives the classes of the photos{validates}."


def files_that_may_list(folder: Path) -> list[Path]:
    """The .csv and .tsv files in `folder`, whatever is in them, without those that show how to submit to a contest."""
    files = sorted(path for path in folder.iterdir() if path.suffix.lower() in LIST_SUFFIXES)
    # sampleSubmission.csv, as beside Kaggle's cats and dogs, gives every photo to be classified the same label.
    files = [file for file in files if "submission" not in file.stem.lower()]
    return [file for file in files if file.is_file() and not is_hidden(file.name)]


def list_in(folder: Path) -> PhotoList | None:
    """The only list in `folder` itself; None if there is none, or if there are several."""
    found = _lists_of(folder)
    lists = [*found.plain, *found.of_side.values()]
    return lists[0] if len(lists) == 1 else None


def _lists_of(folder: Path) -> _Found:
    roboflow = folder / ROBOFLOW
    if roboflow.is_file():
        return _Found([PhotoList(roboflow, folder)], {})
    plain, of_side = [], {}
    for file in files_that_may_list(folder):
        photos = folder_of_photos(file)
        if photos is None:
            continue
        side = side_of(file.stem)
        if side is None or side in of_side:
            plain.append(PhotoList(file, photos))
        else:
            of_side[side] = PhotoList(file, photos)
    return _Found(plain, of_side)


def _lists_of_sides(folder: Path) -> dict[str, PhotoList]:
    """Side -> the only list in the sub-folder that names it."""
    lists = {side: list_in(path) for path in sub_folders(folder) if (side := side_of(path.name))}
    return {side: one for side, one in lists.items() if one is not None}


def folder_of_photos(file: Path) -> Path | None:
    """Of the folder that `file` is in and its sub-folders, the one whose photos it names most of; None if none."""
    side = side_of(file.stem)
    below = sorted(sub_folders(file.parent), key=lambda folder: side_of(folder.name) != side)
    options: Sequence[Path] = [file.parent, *below]
    counts = {option: photos_named(file, option) for option in options}
    best = max(options, key=lambda option: counts[option])
    return best if counts[best] else None
