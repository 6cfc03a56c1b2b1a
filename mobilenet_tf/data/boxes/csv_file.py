"""Boxes in a CSV file: a line for each box, `file,label,x1,y1,x2,y2`, with or without a line that names the columns.

Also read: RetinaNet's order `file,x1,y1,x2,y2,label`, the columns of TensorFlow's tools (filename, width, height,
class, xmin, ymin, xmax, ymax), of Open Images (ImageID, LabelName, XMin, XMax, YMin, YMax) and of Google's AutoML.
A line with a file and nothing else is a photo without boxes.
"""

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from mobilenet_tf.data.ground_truth_file import numbered_lines
from mobilenet_tf.data.layout import side_of
from mobilenet_tf.data.photos import is_photo_name
from mobilenet_tf.errors import DataError
from mobilenet_tf.terminal import printable

from .annotations import AnnotatedPhoto, Annotations, Corners, Problems, WrittenBox, class_name, number_in
from .places import PhotosInside, side_under

__all__ = ["KIND", "csv_files", "read_csv"]

KIND = "CSV of boxes"
SAMPLE = 20  # lines by which the columns are recognized
DELIMITERS = ",;\t"
# What a column of this name is, in lower case without spaces, underscores and hyphens.
NAMED = {
    **dict.fromkeys(("file", "filename", "image", "imageid", "imagename", "imagepath", "path", "photo", "img"), "file"),
    **dict.fromkeys(("label", "class", "classname", "labelname", "category", "name", "species"), "label"),
    **dict.fromkeys(("x1", "xmin", "left", "bboxxmin"), "xmin"),
    **dict.fromkeys(("y1", "ymin", "top", "bboxymin"), "ymin"),
    **dict.fromkeys(("x2", "xmax", "right", "bboxxmax"), "xmax"),
    **dict.fromkeys(("y2", "ymax", "bottom", "bboxymax"), "ymax"),
    **dict.fromkeys(("width", "imagewidth"), "width"),
    **dict.fromkeys(("height", "imageheight"), "height"),
    **dict.fromkeys(("set", "split", "subset", "side"), "side"),
}
CORNERS = ("ymin", "xmin", "ymax", "xmax")
NEEDED = ("file", "label", *CORNERS)
# Files without a line that names the columns: number of fields, of which the four at `corners` are numbers.
ORDERS = (
    (6, {"file": 0, "label": 1, "xmin": 2, "ymin": 3, "xmax": 4, "ymax": 5}),
    (6, {"file": 0, "xmin": 1, "ymin": 2, "xmax": 3, "ymax": 4, "label": 5}),
    (11, {"side": 0, "file": 1, "label": 2, "xmin": 3, "ymin": 4, "xmax": 7, "ymax": 8}),
)

# Path of a photo -> its boxes, where they begin, its size as stated, whether corners are shares, and its side.
_Found = dict[str, tuple[list[WrittenBox], str, tuple[int, int] | None, bool, str | None]]


@dataclass(frozen=True)
class _Columns:
    """Name of a column -> its place; and whether the first line names them."""

    places: dict[str, int]
    named: bool
    delimiter: str

    def fields(self, line: str) -> dict[str, str]:
        """Column -> what the line has there, nothing if it is shorter."""
        values = _split(line, self.delimiter)
        return {name: values[place].strip() if place < len(values) else "" for name, place in self.places.items()}


def csv_files(files: Sequence[str]) -> list[str]:
    """Those of the files that list boxes."""
    return [path for path in files if path.lower().endswith((".csv", ".tsv")) and _columns_of(path) is not None]


def read_csv(folder: Path, paths: Sequence[str]) -> Annotations:
    """The photos under `folder` that the lines of the files at `paths` name. Raises DataError."""
    problems, lost = Problems(), set[str]()
    found: _Found = {}
    for path in paths:
        columns = _columns_of(path)
        if columns is None:
            raise DataError(
                f"expected lines `file,label,x1,y1,x2,y2` in {path}, or columns of these names.\nAdd the missing ones."
            )
        photos = PhotosInside(Path(path).parent if side_under(folder, path) else folder, folder)
        rows = _rows(path, columns, problems)
        in_shares = _are_shares([row for _, row in rows])
        side = side_of(Path(path).stem) or side_under(folder, path)
        for place, row in rows:
            _add(found, place, row, photos, problems, lost, in_shares, side)
    annotated = tuple(
        AnnotatedPhoto(path, tuple(boxes), place, size, in_shares, side or side_under(folder, path))
        for path, (boxes, place, size, in_shares, side) in found.items()
    )
    unit = "shares of the photo" if any(photo.in_shares for photo in annotated) else "pixels"
    notes = (f"The corners in {', '.join(paths)} are taken as {unit}.",)
    return Annotations(KIND, annotated, None, tuple(problems.lines()), problems.photos, notes)


def _rows(path: str, columns: _Columns, problems: Problems) -> list[tuple[str, dict[str, str]]]:
    """(the place for people, column -> what is there) of each line below the names of the columns."""
    rows = []
    for number, line in numbered_lines(Path(path))[int(columns.named) :]:
        place = f"{path}, line {number}"
        try:
            rows.append((place, columns.fields(line)))
        except csv.Error:
            problems.add("line(s) that cannot be read, such as fields of over 131,072 characters", place)
    return rows


def _add(
    found: _Found,
    place: str,
    row: dict[str, str],
    photos: PhotosInside,
    problems: Problems,
    lost: set[str],
    in_shares: bool,
    side: str | None,
) -> None:
    """Add one line's box to its photo. lost: the photos that are not there, as they are written."""
    photo = photos.find(row["file"]) if row["file"] else None
    if photo is None:
        kind = "line(s) of photos that are not there"
        problems.add(kind, f"{place} ({printable(row['file'][:60])})", photos=int(row["file"] not in lost))
        lost.add(row["file"])
        return
    size = _size(row)
    own_side = side_of(row.get("side", "")) if row.get("side") else side
    boxes = found.setdefault(photo, ([], place, size, in_shares, own_side))[0]
    values = [number_in(row[name]) for name in CORNERS]
    if not any(row[name] for name in (*CORNERS, "label")):
        return  # a photo without boxes
    ymin, xmin, ymax, xmax = values
    corners: Corners | None = None
    if ymin is not None and xmin is not None and ymax is not None and xmax is not None:
        corners = (ymin, xmin, ymax, xmax)
    name = class_name(row["label"])
    boxes.append(WrittenBox(name, corners, place if name else f"{place}, without a label"))


def _columns_of(path: str) -> _Columns | None:
    try:
        lines = [line for _, line in numbered_lines(Path(path))[: SAMPLE + 1]]
    except DataError:
        return None
    for delimiter in DELIMITERS if lines else ():
        rows = [_split_or_none(line, delimiter) for line in lines]
        first = rows[0]
        if first is None:
            return None
        named: dict[str, int] = {}
        for place, name in enumerate(first):
            meaning = NAMED.get(name.strip().lower().translate(str.maketrans("", "", " _-")))
            if meaning is not None:
                named.setdefault(meaning, place)
        if all(name in named for name in NEEDED):
            return _Columns(named, True, delimiter)
        for count, places in ORDERS:
            if _are_boxes(rows, count, places):
                return _Columns(places, False, delimiter)
    return None


def _are_boxes(rows: Sequence[Sequence[str] | None], count: int, places: dict[str, int]) -> bool:
    """Whether most lines fit these columns, and the others name a photo: half a box or a photo without boxes."""
    fitting = [row is not None and len(row) == count and _fits(row, places) for row in rows]
    others = [row for row, fits in zip(rows, fitting, strict=True) if not fits and row is not None]
    place = places["file"]
    return 2 * sum(fitting) > len(rows) and all(
        len(row) > place and is_photo_name(row[place].strip()) for row in others
    )


def _fits(row: Sequence[str], places: dict[str, int]) -> bool:
    """Whether the corners are numbers and the label is none, or all of them are empty."""
    corners = [row[places[name]].strip() for name in CORNERS]
    label = row[places["label"]].strip()
    return (not any(corners) and not label) or (
        all(number_in(corner) is not None for corner in corners) and bool(label)
    )


def _are_shares(rows: Sequence[dict[str, str]]) -> bool:
    """Whether no corner is larger than 1 by more than rounding, and one of them is no whole number."""
    numbers = [value for row in rows for name in CORNERS if (value := number_in(row[name])) is not None]
    return bool(numbers) and max(numbers) <= 1.5 and any(value != int(value) for value in numbers)


def _split(line: str, delimiter: str) -> list[str]:
    (fields,) = csv.reader([line.strip("\r\n")], delimiter=delimiter)
    return fields


def _split_or_none(line: str, delimiter: str) -> list[str] | None:
    try:
        return _split(line, delimiter)
    except csv.Error:
        return None


def _size(row: dict[str, str]) -> tuple[int, int] | None:
    height, width = (number_in(row.get(name, "")) for name in ("height", "width"))
    return None if not height or not width or min(height, width) < 1 else (int(height), int(width))
