"""Boxes in YOLO's text files: a .txt for each photo, of lines `class x y width height` in shares of the photo.

The names of the classes are in data.yaml, or one a line in classes.txt or obj.names. A line of more numbers is a
polygon; its box is what the polygon fills. The format: docs.ultralytics.com/datasets/detect.
"""

import math
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from mobilenet_tf.contract.labels import decode_text, read_labels
from mobilenet_tf.data.layout import side_of
from mobilenet_tf.data.photos import is_photo_name
from mobilenet_tf.errors import DataError, require

from .annotations import AnnotatedPhoto, Annotations, Problems, WrittenBox, class_name
from .places import side_under

__all__ = ["KIND", "read_yolo", "yolo_names"]

KIND = "YOLO text files"
NAMES = ("classes.txt", "obj.names", "classes.names", "_darknet.labels", "labels.txt")
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
    try:
        lines = decode_text(Path(path).read_bytes()).split("\n")
    except (OSError, UnicodeDecodeError):
        return False
    rows = [line.split() for line in lines if line.strip()]
    return bool(rows) and len(rows[0]) >= 5 and _numbers(rows[0]) is not None


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
    classes, sides = _names(names_file)
    if classes is None:
        raise DataError(
            f"expected the names of the classes of the boxes in {folder}; there is neither data.yaml nor classes.txt.\n"
            "Write the names into classes.txt there, one a line, in the order of their numbers."
        )
    problems, photos, photo_files = Problems(), [], [path for path in files if is_photo_name(path)]
    taken = set()
    for path in photo_files:
        label = _label_file(path)
        taken.add(label)
        side = next((side for place, side in sides.items() if Path(path).resolve().is_relative_to(place)), None)
        side = side or side_under(folder, path)
        boxes = () if label is None else _boxes(label, classes, problems)
        photos.append(AnnotatedPhoto(path, boxes, label or path, in_shares=True, side=side))
    for path in files:
        is_label = path.endswith(".txt") and path not in taken and os.path.basename(path).lower() not in NAMES
        if is_label and _looks_like_boxes(path):
            problems.add("text file(s) with boxes of photos that are not there", path)
    notes = (f"{names_file} names the {len(classes)} classes.",)
    return Annotations(KIND, tuple(photos), classes, tuple(problems.lines()), problems.photos, notes)


def _names(file: str) -> tuple[tuple[str, ...] | None, dict[Path, str]]:
    """(the classes in the order of their numbers, folder of photos -> the side that a data.yaml says it is)."""
    if not file.lower().endswith((".yaml", ".yml")):
        is_names = os.path.basename(file).lower() in NAMES
        return (tuple(read_labels(Path(file))) if is_names else None), {}
    require("yaml")
    import yaml

    try:
        content: Any = yaml.safe_load(decode_text(Path(file).read_bytes()))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise DataError(
            f"cannot read {file}: {str(error).splitlines()[0][:80]}.\nMend it or export it again."
        ) from error
    names = content.get("names") if isinstance(content, dict) else None
    if isinstance(names, dict) and sorted(names) == list(range(len(names))):
        names = [names[number] for number in sorted(names)]
    listed = [class_name(name) for name in names] if isinstance(names, list) else []
    classes = tuple(name for name in listed if name is not None)
    if not listed or len(classes) < len(listed):
        raise DataError(f"expected `names`, a list of the classes, in {file}; got {str(names)[:60]!r}.")
    return classes, _sides_in(file, content)


def _sides_in(file: str, content: dict[str, Any]) -> dict[Path, str]:
    """Of `train: images/train`: that folder -> the side; what is not there says nothing."""
    sides = {}
    for name, place in content.items():
        side = side_of(str(name))
        for one in place if isinstance(place, list) else [place]:
            options = [Path(file).parent / str(content.get("path") or "") / str(one), Path(file).parent / str(one)]
            # Roboflow writes ../train/images, though its data.yaml is beside train.
            options.append(Path(file).parent / str(one).removeprefix("../"))
            found = next((option.resolve() for option in options if option.is_dir()), None)
            if side and isinstance(one, str) and found:
                sides[found] = side
    return sides


def _boxes(file: str, classes: Sequence[str], problems: Problems) -> tuple[WrittenBox, ...]:
    try:
        lines = decode_text(Path(file).read_bytes()).split("\n")
    except (OSError, UnicodeDecodeError):
        problems.add(
            "text file(s) that cannot be read", file, photos=0
        )  # without a box that can be used it is left out
        return (WrittenBox(None, None, file),)
    return tuple(
        _box(f"{file}, line {number}", line.split(), classes) for number, line in enumerate(lines, 1) if line.strip()
    )


def _box(place: str, fields: Sequence[str], classes: Sequence[str]) -> WrittenBox:
    numbers = _numbers(fields)
    if numbers is None or len(numbers) < 5 or (len(numbers) > 6 and len(numbers) % 2 == 0):
        return WrittenBox(classes[0], None, place)
    number = numbers[0]
    name = classes[int(number)] if number == int(number) and 0 <= number < len(classes) else None
    place += "" if name else f" of class {fields[0][:20]}"
    if len(numbers) > 6:
        across, down = numbers[1::2], numbers[2::2]
        return WrittenBox(name, (min(down), min(across), max(down), max(across)), place)
    x, y, width, height = numbers[1:5]  # a sixth is a confidence
    return WrittenBox(name, (y - height / 2, x - width / 2, y + height / 2, x + width / 2), place)


def _numbers(fields: Sequence[str]) -> list[float] | None:
    try:
        numbers = [float(field) for field in fields]
    except ValueError:
        return None
    return numbers if all(map(math.isfinite, numbers)) else None
