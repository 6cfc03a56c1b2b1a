"""Lists of photos with their classes: CSV with commas, semicolons or tabs, or a space between file and label."""

import csv
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from mobilenet_tf.contract.labels import decode_text
from mobilenet_tf.errors import DataError

from .listed_photo import PhotosByName
from .photos import is_photo_name, photo_suffixes, suffix_of

__all__ = ["FILE_COLUMN", "LABEL_COLUMN", "ListedPhoto", "numbered_lines", "photos_named", "read_ground_truth"]

FILE_AND_LABEL = (0, 1)
DELIMITERS = "\t", ",", ";", " "
SAMPLE = 50  # lines that show the delimiter
FILE_COLUMN = re.compile(r"(image|img|photo|picture|file)?[ _]?(file|path|name|id)?")
LABEL_COLUMN = re.compile(r"(label|class|category|target|species|breed|tag)(s|es)?([ _]?(name|id|index))?")


@dataclass(frozen=True)
class ListedPhoto:
    """One line of a list: the photo, which need not exist, its label as written, and the number of the line."""

    path: Path
    label: str
    line: int


def read_ground_truth(file: Path, folder: Path, *, allow_none: bool = False) -> list[ListedPhoto]:
    """The photos that `file` lists, in order, relative to `folder`.

    A line is a file and its label, with a comma, semicolon, tab or space between them; either may be in quotation
    marks. The first line may name the columns, of which there may then be more. PhotosByName says how names may differ
    from the files'. allow_none: whether a line may have a file alone, whose label is then empty. Raises DataError.
    """
    photos = PhotosByName(folder)
    numbered = numbered_lines(file)
    delimiter = _delimiter([line for _, line in numbered[:SAMPLE]], photos)
    rows = [(number, _fields(line, delimiter)) for number, line in numbered]
    columns = _header([fields for _, fields in rows], photos) if rows else None
    listed = []
    for number, fields in rows[1:] if columns else rows:
        place = f"{file}, line {number}"
        if columns is None or (columns == FILE_AND_LABEL and len(rows[0][1]) == 2):
            path, label = _by_position(fields, delimiter, place, photos, allow_none)
        else:
            path, label = _by_columns(fields, columns, place, allow_none)
        listed.append(ListedPhoto(photos.find(path) or folder / path, label, number))
    return listed


def numbered_lines(file: Path) -> list[tuple[int, str]]:
    """The lines of a list that are not blank, each with its number, from 1. Raises DataError."""
    try:
        lines = decode_text(file.read_bytes()).split("\n")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is neither UTF-8 nor UTF-16 text"
        raise DataError(
            f"cannot read the ground truth in {file}: {reason}.\nGive a text file with lines `file,label`, in UTF-8."
        ) from error
    return [(number, line) for number, line in enumerate(lines, 1) if line.strip()]


def photos_named(file: Path, folder: Path) -> int:
    """How many of the first lines of `file` name a photo in `folder`, in any column.

    0 if it is no text, or has but one column, and so no labels.
    """
    try:
        lines = [line for _, line in numbered_lines(file)[:SAMPLE]]
    except DataError:
        return 0
    photos = PhotosByName(folder)
    delimiter = _delimiter(lines, photos)

    def names_a_photo(text: str) -> bool:
        found = photos.find(text.strip())
        return found is not None and is_photo_name(found)

    rows = [fields for fields in (_fields(line, delimiter) for line in lines) if len(fields) > 1]
    return sum(any(map(names_a_photo, (*fields, *(path for path, _ in _splits(fields, delimiter))))) for fields in rows)


def _delimiter(lines: Sequence[str], photos: PhotosByName) -> str:
    """The delimiter by which most lines name a photo that exists, or by which most lines have two fields."""

    def fitting(delimiter: str) -> tuple[int, int]:
        rows = [_fields(line, delimiter) for line in lines]
        exist = sum(any(photos.find(path) for path, _ in _splits(fields, delimiter)) for fields in rows)
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


def _by_position(
    fields: Sequence[str], delimiter: str, place: str, photos: PhotosByName, allow_none: bool
) -> tuple[str, str]:
    """(file, label) of a line without more columns; if either holds the delimiter, by which photos exist."""
    splits = [(path, label) for path, label in _splits(fields, delimiter) if path and (label or allow_none)]
    whole = delimiter.join(fields).strip()
    if allow_none and photos.find(whole):
        return whole, ""
    if not splits:
        text = delimiter.join(fields)
        raise DataError(f"{place}: expected `file,label`; got {text[:60]!r}.")
    return next((split for split in splits if photos.find(split[0])), splits[0])


def _header(rows: Sequence[Sequence[str]], photos: PhotosByName) -> tuple[int, int] | None:
    """The positions of (file, label) if the first row names the columns; None if it names a photo."""
    first, sample = rows[0], rows[1 : SAMPLE + 1]
    if len(first) < 2 or suffix_of(first[0]) in photo_suffixes() or photos.find(first[0]):
        return None
    names = [field.strip().lower() for field in first]
    files = [index for index, name in enumerate(names) if FILE_COLUMN.fullmatch(name) and name]
    labels = [index for index, name in enumerate(names) if LABEL_COLUMN.fullmatch(name)]
    if len(first) == 2 and bool(files) != bool(labels):
        return FILE_AND_LABEL

    def existing(column: int) -> int:
        return sum(column < len(row) and photos.find(row[column].strip()) is not None for row in sample)

    # Of several columns, the one whose photos exist, and names rather than numbers.
    if not (files and labels):
        return None
    return max(files, key=existing), min(labels, key=lambda column: "id" in names[column] or "index" in names[column])


def _by_columns(fields: Sequence[str], columns: tuple[int, int], place: str, allow_none: bool) -> tuple[str, str]:
    fields = [field.strip() for field in fields]
    needed = columns[:1] if allow_none else columns
    if len(fields) <= max(columns) or not all(fields[column] for column in needed):
        got = ",".join(fields)[:60]
        raise DataError(f"{place}: expected a file and a label, as in its first line; got {got!r}.")
    return fields[columns[0]], fields[columns[1]]
