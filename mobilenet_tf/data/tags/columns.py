"""Lists that have a column for each tag, with 1 or 0 for each photo: Roboflow's `_classes.csv`, and others alike."""

import csv
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from mobilenet_tf.data.ground_truth_file import FILE_COLUMN, LABEL_COLUMN, numbered_lines
from mobilenet_tf.data.photos import is_photo_name
from mobilenet_tf.tasks.tags import UNKNOWN
from mobilenet_tf.terminal import printable

from .tag_files import check_names

__all__ = ["TagColumns", "read_columns"]

MARKS = {
    **dict.fromkeys(("1", "1.0", "true", "yes"), 1),
    **dict.fromkeys(("0", "0.0", "false", "no"), 0),
    **dict.fromkeys(("", "-1", "-1.0", "nan"), UNKNOWN),
}
MINUS = ("-1", "-1.0")


@dataclass(frozen=True)
class TagColumns:
    """tags: in the order of the columns. rows: (name of a photo, its marks). wrong: a line for each that is left out.

    ignored: the names of columns that hold no marks.
    """

    tags: tuple[str, ...]
    rows: list[tuple[str, tuple[int, ...]]]
    wrong: list[str]
    ignored: tuple[str, ...] = ()


def read_columns(file: Path) -> TagColumns | None:
    """The lines of `file`; None if it has no columns of tags.

    A cell is 1, 0, true, false, yes or no; an empty one and -1 mean that it is not known, but -1 means 0 if no cell is
    0, as in the attributes of CelebA. Raises DataError if the file is no text, or if two columns have one name.
    """
    lines = numbered_lines(file)
    if len(lines) < 2:
        return None
    delimiter = max(",;\t", key=lines[0][1].count)
    # Each line by itself: an open quotation mark spoils no other line.
    header, *rows = ([cell.strip() for cell in next(csv.reader([text], delimiter=delimiter))] for _, text in lines)
    while header and not header[-1]:  # a comma at the end of the line
        header.pop()
    names = [unicodedata.normalize("NFC", name) for name in header]
    place = _file_column(names, rows)
    marked = [index for index in range(len(names)) if index != place and _are_marks(rows, index)]
    if place is None or len(marked) < 2:
        return None
    tags = tuple(names[index] for index in marked)
    check_names(tags, f"{file}, line {lines[0][0]}")
    others = tuple(name for index, name in enumerate(names) if index != place and index not in marked)
    found, marks = TagColumns(tags, [], [], others), _marks(rows, marked)
    for (number, _), row in zip(lines[1:], rows, strict=True):
        problem = _problem(row, names, place, marked)
        if problem is None:
            found.rows.append((row[place], tuple(marks[row[index].lower()] for index in marked)))
        else:
            found.wrong.append(f"line {number} {problem}")
    return found


def _file_column(names: Sequence[str], rows: Sequence[Sequence[str]]) -> int | None:
    """The column that names the photos; None if none is called so, or if one is called a label, which others are not.

    Of several, the one with names of photos.
    """
    called = [name.lower() for name in names]
    if any(LABEL_COLUMN.fullmatch(name) for name in called):
        return None
    files = [index for index, name in enumerate(called) if name and FILE_COLUMN.fullmatch(name)]
    first = rows[0]
    return next(
        (index for index in files if index < len(first) and is_photo_name(first[index])), next(iter(files), None)
    )


def _are_marks(rows: Sequence[Sequence[str]], index: int) -> bool:
    """Whether most cells of a column that are not empty say yes or no."""
    cells = [row[index].lower() for row in rows if index < len(row) and row[index]]
    return 2 * sum(cell in MARKS for cell in cells) > len(cells)


def _marks(rows: Sequence[Sequence[str]], marked: Sequence[int]) -> dict[str, int]:
    """What each cell means."""
    used = {row[index].lower() for row in rows for index in marked if index < len(row)}
    says_no = any(MARKS.get(cell) == 0 for cell in used)
    return MARKS if says_no else {**MARKS, **dict.fromkeys(MINUS, 0)}


def _problem(row: Sequence[str], names: Sequence[str], place: int, marked: Sequence[int]) -> str | None:
    """What is wrong with a line; None if nothing is."""
    cells, width = [*row], len(names)
    while len(cells) > width and not cells[-1]:
        cells.pop()
    if len(cells) != width:
        return f"has {len(cells)} values for {width} columns"
    if not row[place]:
        return "names no photo"
    wrong = [(names[index], row[index]) for index in marked if row[index].lower() not in MARKS]
    return f"has '{printable(wrong[0][1][:20])}' for {printable(wrong[0][0])}, not 0 or 1" if wrong else None
