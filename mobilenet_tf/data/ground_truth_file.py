"""Lists of photos with their classes: CSV with commas, semicolons or tabs, or a space between file and label."""

import csv
import os
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from mobilenet_tf.contract.labels import decode_text
from mobilenet_tf.errors import DataError

from .photos import photo_suffixes, suffix_of

__all__ = ["ListedPhoto", "read_ground_truth"]

FILE_AND_LABEL = (0, 1)
DELIMITERS = "\t", ",", ";", " "
SAMPLE = 50  # lines that show the delimiter
GUESSED_SUFFIXES = "", ".jpg", ".jpeg", ".png", ".JPEG"  # of files that are listed without one
FILE_COLUMN = re.compile(r"(image|img|photo|picture|file)?[ _]?(file|path|name|id)?")
LABEL_COLUMN = re.compile(r"(label|class|category|target|species|breed|tag)(s|es)?([ _]?(name|id|index))?")


@dataclass(frozen=True)
class ListedPhoto:
    """One line of a list: the photo, which need not exist, its label as written, and the number of the line."""

    path: Path
    label: str
    line: int


def read_ground_truth(file: Path, folder: Path) -> list[ListedPhoto]:
    """The photos that `file` lists, in order, relative to `folder`.

    A line is a file and its label, with a comma, semicolon, tab or space between them; either may be in quotation
    marks. The first line may name the columns, of which there may then be more. A file may be listed without its
    suffix. Raises DataError.
    """
    try:
        lines = decode_text(file.read_bytes()).split("\n")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is neither UTF-8 nor UTF-16 text"
        raise DataError(
            f"cannot read the ground truth in {file}: {reason}.\nGive a text file with lines `file,label`, in UTF-8."
        ) from error
    numbered = [(number, line) for number, line in enumerate(lines, 1) if line.strip()]
    delimiter = _delimiter([line for _, line in numbered[:SAMPLE]], folder)
    rows = [(number, _fields(line, delimiter)) for number, line in numbered]
    columns = _header([fields for _, fields in rows], folder) if rows else None
    if columns is None:
        return [_by_position(fields, delimiter, file, number, folder) for number, fields in rows]
    if columns == FILE_AND_LABEL and len(rows[0][1]) == 2:
        return [_by_position(fields, delimiter, file, number, folder) for number, fields in rows[1:]]
    return [_by_columns(fields, columns, file, number, folder) for number, fields in rows[1:]]


def _delimiter(lines: Sequence[str], folder: Path) -> str:
    """The delimiter by which most lines name a photo that exists, or by which most lines have two fields."""

    def fitting(delimiter: str) -> tuple[int, int]:
        rows = [_fields(line, delimiter) for line in lines]
        exist = sum(any(_existing(folder, path) for path, _ in _splits(fields, delimiter)) for fields in rows)
        return exist, sum(len(fields) > 1 for fields in rows)

    return max(DELIMITERS, key=fitting)


def _fields(line: str, delimiter: str) -> list[str]:
    # A space before a quotation mark does not count; others are kept, as they may be part of a label with commas.
    (fields,) = csv.reader([line.strip()], delimiter=delimiter, skipinitialspace='"' in line)
    return fields


def _splits(fields: Sequence[str], delimiter: str) -> Iterable[tuple[str, str]]:
    """Every way to read fields as (file, label), either of which may hold the delimiter."""
    for end in range(1, len(fields)):
        yield delimiter.join(fields[:end]).strip(), delimiter.join(fields[end:]).strip(f"{delimiter} ")


def _by_position(fields: Sequence[str], delimiter: str, file: Path, number: int, folder: Path) -> ListedPhoto:
    splits = [(path, label) for path, label in _splits(fields, delimiter) if path and label]
    if not splits:
        text = delimiter.join(fields)
        raise DataError(f"{file}, line {number}: expected `file,label`; got {text[:60]!r}.")
    for path, label in splits:
        found = _existing(folder, path)
        if found is not None:
            return ListedPhoto(found, label, number)
    path, label = splits[0]
    return ListedPhoto(folder / path, label, number)


def _header(rows: Sequence[Sequence[str]], folder: Path) -> tuple[int, int] | None:
    """The positions of (file, label) if the first row names the columns; None if it names a photo."""
    first, sample = rows[0], rows[1 : SAMPLE + 1]
    if len(first) < 2 or suffix_of(first[0]) in photo_suffixes() or _existing(folder, first[0]):
        return None
    names = [field.strip().lower() for field in first]
    files = [index for index, name in enumerate(names) if FILE_COLUMN.fullmatch(name) and name]
    labels = [index for index, name in enumerate(names) if LABEL_COLUMN.fullmatch(name)]
    if len(first) == 2 and bool(files) != bool(labels):
        return FILE_AND_LABEL

    def existing(column: int) -> int:
        return sum(column < len(row) and _existing(folder, row[column].strip()) is not None for row in sample)

    # Of several columns, the one whose photos exist, and names rather than numbers.
    if not (files and labels):
        return None
    return max(files, key=existing), min(labels, key=lambda column: "id" in names[column] or "index" in names[column])


def _by_columns(fields: Sequence[str], columns: tuple[int, int], file: Path, number: int, folder: Path) -> ListedPhoto:
    fields = [field.strip() for field in fields]
    if len(fields) <= max(columns) or not all(fields[column] for column in columns):
        got = ",".join(fields)[:60]
        raise DataError(f"{file}, line {number}: expected a file and a label, as in its first line; got {got!r}.")
    path, label = (fields[column] for column in columns)
    return ListedPhoto(_existing(folder, path) or folder / path, label, number)


def _existing(folder: Path, path: str) -> Path | None:
    """The photo of this name in `folder`, which may lack its suffix or have Windows' backslashes; None if none is."""
    for name in dict.fromkeys((path, path.replace("\\", os.sep))):
        for suffix in GUESSED_SUFFIXES:
            found = folder / f"{name}{suffix}"
            if found.is_file():
                return found
    return None
