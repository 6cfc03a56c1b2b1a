"""Boxes in YOLO's text files: a .txt for each photo, of lines `class x y width height` in shares of the photo.

The names of the classes are in data.yaml, or one a line in classes.txt or obj.names. A line of more numbers is a
polygon, whose box is what it fills, or has key points after the box if data.yaml has `kpt_shape`. The format:
docs.ultralytics.com/datasets/detect.
"""

import os
from collections.abc import Sequence
from pathlib import Path

from mobilenet_tf.contract.labels import decode_text
from mobilenet_tf.data.photos import is_photo_name
from mobilenet_tf.errors import DataError

from .annotations import AnnotatedPhoto, Annotations, Problems, WrittenBox, number_in
from .yolo_names import NAMES, YoloNames, read_names
from .yolo_sides import Sides

__all__ = ["KIND", "read_yolo", "yolo_names"]

KIND = "YOLO text files"
SAMPLE = 200  # photos whose text files are looked at


def yolo_names(files: Sequence[str]) -> str | None:
    """The file with the names of the classes, if text files with boxes are beside the photos; None if there are none.

    A data.yaml comes first; without any file of names the first text file with boxes stands for it.
    """
    photos = [path for path in files if is_photo_name(path)]
    sample = photos[:: max(1, len(photos) // SAMPLE)]  # of a million photos not each is looked for
    texts = [label for path in sample if (label := _label_file(path))]
    if not any(map(_looks_like_boxes, texts)):
        return None
    yamls = [path for path in files if path.lower().endswith((".yaml", ".yml")) and _has_names(path)]
    named = [path for path in files if os.path.basename(path).lower() in NAMES]
    return min([*yamls, *named], key=lambda path: (path not in yamls, path.count(os.sep)), default=texts[0])


def _label_file(photo: str) -> str | None:
    """The text file of a photo: beside it, or in `labels` in place of `images`."""
    stem = os.path.splitext(photo)[0]
    head, found, tail = stem.rpartition(f"{os.sep}images{os.sep}")
    options = [f"{head}{os.sep}labels{os.sep}{tail}.txt"] if found else []
    return next((path for path in (*options, f"{stem}.txt") if os.path.isfile(path)), None)


def _looks_like_boxes(path: str) -> bool:
    """Whether a line has the number of a class and shares of a photo: landmarks and the like are no boxes."""
    try:
        lines = decode_text(Path(path).read_bytes()).split("\n")
    except (OSError, UnicodeDecodeError):
        return False
    rows = [line.split() for line in lines if line.strip()]
    return any(map(_is_box, rows[:SAMPLE]))


def _is_box(fields: Sequence[str]) -> bool:
    numbers = _numbers(fields)
    if numbers is None or len(numbers) < 5:
        return False
    number, *shares = numbers[:5]
    return number >= 0 and number == int(number) and all(-0.5 <= share <= 1.5 for share in shares)


def _has_names(path: str) -> bool:
    try:
        return any(line.startswith("names:") for line in decode_text(Path(path).read_bytes()).split("\n"))
    except (OSError, UnicodeDecodeError):
        return False


def read_yolo(folder: Path, files: Sequence[str], names_file: str) -> Annotations:
    """The photos under `folder` and their text files; a photo without one shows background, as YOLO takes it.

    files: every file under the folder. names_file: what `yolo_names` found.
    Raises DataError if there are no names of classes, or MissingPackageError for a data.yaml without PyYAML.
    """
    names = read_names(Path(names_file))
    if names is None:
        raise DataError(
            f"expected the names of the classes of the boxes in {folder}; there is neither data.yaml nor classes.txt.\n"
            "Write the names into classes.txt there, one a line, in the order of their numbers."
        )
    problems, photos, taken = Problems(), [], set()
    sides = Sides.read(names, folder, problems)
    for path in (path for path in files if is_photo_name(path)):
        label = _label_file(path)
        taken.add(label)
        boxes = () if label is None else _boxes(label, names, problems)
        photos.append(AnnotatedPhoto(path, boxes, label or path, in_shares=True, side=sides.of(path)))
    for path in files:
        is_label = path.endswith(".txt") and path not in taken and os.path.basename(path).lower() not in NAMES
        if is_label and _looks_like_boxes(path):
            problems.add("text file(s) with boxes of photos that are not there", path)
    notes = (f"{names_file} names the {len(names.classes)} classes.", *sides.notes({photo.side for photo in photos}))
    return Annotations(KIND, tuple(photos), names.classes, tuple(problems.lines()), problems.photos, notes)


def _boxes(file: str, names: YoloNames, problems: Problems) -> tuple[WrittenBox, ...]:
    try:
        lines = decode_text(Path(file).read_bytes()).split("\n")
    except (OSError, UnicodeDecodeError):
        problems.add(
            "text file(s) that cannot be read", file, photos=0
        )  # without a box that can be used it is left out
        return (WrittenBox(None, None, file),)
    return tuple(
        _box(f"{file}, line {number}", line.split(), names) for number, line in enumerate(lines, 1) if line.strip()
    )


def _box(place: str, fields: Sequence[str], names: YoloNames) -> WrittenBox:
    numbers, classes = _numbers(fields), names.classes
    polygon = len(fields) > 6 and not names.key_points
    if numbers is None or len(numbers) < 5 or (polygon and len(numbers) % 2 == 0):
        return WrittenBox(classes[0], None, place)
    number = numbers[0]
    name = classes[int(number)] if number == int(number) and 0 <= number < len(classes) else None
    place += "" if name else f" of class {fields[0][:20]}"
    if polygon:
        across, down = numbers[1::2], numbers[2::2]
        return WrittenBox(name, (min(down), min(across), max(down), max(across)), place)
    x, y, width, height = numbers[1:5]  # after it a confidence, or key points
    return WrittenBox(name, (y - height / 2, x - width / 2, y + height / 2, x + width / 2), place)


def _numbers(fields: Sequence[str]) -> list[float] | None:
    numbers = [number for field in fields if (number := number_in(field)) is not None]
    return numbers if len(numbers) == len(fields) else None
