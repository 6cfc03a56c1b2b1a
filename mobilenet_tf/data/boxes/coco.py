"""Boxes in COCO's JSON (Lin et al. 2014): one file for all photos, or one for each side of a split.

The format: cocodataset.org/#format-data. Category ids may begin at any number and skip some; a box is x, y, width and
height in pixels.
"""

import json
import math
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from mobilenet_tf.data.layout import side_of
from mobilenet_tf.data.listed_photo import PhotosByName
from mobilenet_tf.errors import DataError
from mobilenet_tf.terminal import printable

from .annotations import AnnotatedPhoto, Annotations, Corners, Problems, WrittenBox, class_name
from .places import side_under

__all__ = ["KIND", "coco_files", "read_coco"]

KIND = "COCO JSON"
LARGEST = 2**30  # bytes
SAMPLE = 100  # files that are looked at, the largest
PARTS = ("images", "annotations", "categories")


def coco_files(files: Sequence[str]) -> list[str]:
    """Those of the files that hold boxes of photos in COCO's form, complete or not."""
    found = [path for path in files if path.lower().endswith(".json")]
    # COCO's files are few and large: of a file for each photo, which other tools write, not each is looked at.
    return sorted(path for path in sorted(found, key=_bytes, reverse=True)[:SAMPLE] if _begins_as_coco(path))


def _bytes(path: str) -> int:
    try:
        return os.path.getsize(path)
    except OSError:
        return 0


def _begins_as_coco(path: str) -> bool:
    """Whether it has two of COCO's parts near its begin and its end; one cut short has but the first of them."""
    try:
        with open(path, "rb") as file:
            head = file.read(2**16)
            file.seek(max(0, os.path.getsize(path) - 2**16))
            ends = head + file.read()
    except OSError:
        return False
    named = sum(f'"{part}"'.encode() in ends for part in PARTS)
    return named >= 2 or (named == 1 and (b'"file_name"' in ends or b'"bbox"' in ends))


def read_coco(folder: Path, paths: Sequence[str]) -> Annotations:
    """The photos that the JSON files at `paths` list, found under `folder`. Classes in the order of their ids.

    Raises DataError for a file that is not whole, or whose parts are not COCO's.
    """
    problems = Problems()
    found: dict[str, AnnotatedPhoto] = {}
    categories: dict[int, str] = {}
    for path in paths:
        content = _content(path)
        own = _categories(path, content["categories"])
        clash = [number for number in own if categories.setdefault(number, own[number]) != own[number]]
        if clash:
            first, second = printable(categories[clash[0]]), printable(own[clash[0]])
            raise DataError(
                f"{path}: category {clash[0]} is {second}, and {first} in another file of {folder}.\n"
                "Give both files the same categories."
            )
        for photo in _photos(path, content, own, folder, problems):
            if photo.path in found:
                problems.add("photo(s) that are listed twice", photo.place, photos=0)
            found.setdefault(photo.path, photo)
    # The sides' files of some tools have an unused category for all, such as the name of the project.
    used = {box.label for photo in found.values() for box in photo.boxes}
    classes = tuple(dict.fromkeys(categories[number] for number in sorted(categories)))
    unused = [printable(name) for name in classes if name not in used]
    notes = (f"Categories without a box, left out: {', '.join(unused)}.",) if unused and used else ()
    classes = tuple(name for name in classes if name in used) if used else classes
    return Annotations(KIND, tuple(found.values()), classes, tuple(problems.lines()), problems.photos, notes)


def _content(path: str) -> dict[str, Any]:
    try:
        if os.path.getsize(path) > LARGEST:
            raise DataError(f"cannot read {path}: it has more than {LARGEST} bytes.")
        content = json.loads(Path(path).read_text(encoding="utf-8-sig"))
    except (OSError, ValueError, RecursionError) as error:
        raise DataError(
            f"cannot read the boxes in {path}: it is not whole JSON ({str(error)[:60]}).\nExport it again."
        ) from error
    missing = [part for part in PARTS if not isinstance(content, dict) or not isinstance(content.get(part), list)]
    if missing:
        raise DataError(f"expected COCO's lists {', '.join(PARTS)} in {path}; {', '.join(missing)} is not there.")
    return content


def _categories(path: str, listed: list[Any]) -> dict[int, str]:
    found = {}
    for number, item in enumerate(listed, 1):
        name = class_name(item.get("name")) if isinstance(item, dict) else None
        if name is None or not isinstance(item.get("id"), int):
            raise DataError(f"{path}: category {number} has no id or no name.\nGive it both.")
        found[item["id"]] = name
    return found


def _photos(
    path: str, content: dict[str, Any], categories: dict[int, str], folder: Path, problems: Problems
) -> list[AnnotatedPhoto]:
    boxes: dict[Any, list[WrittenBox]] = {}
    for number, item in enumerate(content["annotations"], 1):
        if isinstance(item, dict):
            boxes.setdefault(_key(item.get("image_id")), []).append(
                _box(f"{path}, annotation {number}", item, categories)
            )
    by_name = [PhotosByName(place) for place in _folders(path, folder)]
    photos = []
    for number, item in enumerate(content["images"], 1):
        name = item.get("file_name") if isinstance(item, dict) else None
        of_photo = boxes.pop(_key(item.get("id")), []) if isinstance(item, dict) else []
        place = f"{path}, {printable(str(name))}" if name else f"{path}, image {number}"
        photo = next((found for one in by_name if (found := one.find(str(name)))), None) if name else None
        if photo is None:
            problems.add("photo(s) that are listed and not there", place)
            continue
        side = side_of(Path(path).stem) or _only_side(Path(path).stem) or side_under(folder, path)
        side = side or side_under(folder, str(photo))
        photos.append(AnnotatedPhoto(str(photo), tuple(of_photo), place, _size(item), side=side))
    lost = [box for of_photo in boxes.values() for box in of_photo]
    for box in lost:
        problems.add("box(es) of photos that are not listed", box.place, photos=0)
    return photos


def _only_side(stem: str) -> str | None:
    """The side that one word of a name such as `instances_val2017` or `custom_train` means."""
    words = {side for word in stem.replace("-", "_").split("_") if (side := side_of(word))}
    return words.pop() if len(words) == 1 else None


def _folders(path: str, folder: Path) -> list[Path]:
    """Where to look for the photos of a file: those of its side may have names that other sides have too."""
    side = side_of(Path(path).stem) or _only_side(Path(path).stem)
    beside = [Path(path).parent] if side_under(folder, path) else []
    of_side = [one for one in sorted(folder.rglob("*")) if one.is_dir() and side and side_of(one.name) == side]
    return [*beside, *of_side, folder]


def _key(value: Any) -> Any:
    return value if isinstance(value, int | str) else None


def _size(item: dict[str, Any]) -> tuple[int, int] | None:
    height, width = item.get("height"), item.get("width")
    if isinstance(height, int) and isinstance(width, int) and height > 0 and width > 0:
        return height, width
    return None


def _box(place: str, item: dict[str, Any], categories: dict[int, str]) -> WrittenBox:
    category = item.get("category_id")
    name = categories.get(category) if isinstance(category, int) else None
    place += "" if name else f" of category {printable(str(category)[:20])}"
    corners: Corners | None = None
    box = item.get("bbox")
    if isinstance(box, list) and len(box) == 4 and all(type(v) in (int, float) and math.isfinite(v) for v in box):
        left, top, width, height = box
        corners = (top, left, top + height, left + width)
    return WrittenBox(name, corners, place, item.get("iscrowd") == 1)
