"""Boxes in COCO's JSON (Lin et al. 2014): one file for all photos, or one for each side of a split.

The format: cocodataset.org/#format-data. Category ids may begin at any number and skip some; a box is x, y, width and
height in pixels.
"""

import json
import os
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from mobilenet_tf.data.layout import side_of
from mobilenet_tf.errors import DataError
from mobilenet_tf.terminal import printable, shortened_list

from .annotations import AnnotatedPhoto, Annotations, Corners, Problems, WrittenBox, class_name, is_plausible
from .coco_files import PARTS, CocoFiles
from .places import PhotosInside, side_under

__all__ = ["KIND", "read_coco"]

KIND = "COCO JSON"
LARGEST = 2**30  # bytes
MANY_FILES = 5  # that a note names


def read_coco(folder: Path, files: CocoFiles) -> Annotations:
    """The photos under `folder` that the files with boxes list. Classes in the order of their ids.

    Raises DataError for a file that is not whole, or whose parts are not COCO's.
    """
    problems = Problems()
    found: dict[str, AnnotatedPhoto] = {}
    categories: dict[int, str] = {}
    for path in files.with_boxes:
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
            _add(found, photo, problems)
    # The sides' files of some tools have an unused category for all, such as the name of the project.
    used = {box.label for photo in found.values() for box in photo.boxes}
    classes = tuple(dict.fromkeys(categories[number] for number in sorted(categories)))
    unused = [printable(name) for name in classes if name not in used]
    notes = [f"Categories without a box, left out: {', '.join(unused)}."] if unused and used else []
    if files.others:
        notes.append(f"JSON files without boxes of their own, not read: {shortened_list(files.others, MANY_FILES)}.")
    classes = tuple(name for name in classes if name in used) if used else classes
    return Annotations(KIND, tuple(found.values()), classes, tuple(problems.lines()), problems.photos, tuple(notes))


def _add(found: dict[str, AnnotatedPhoto], photo: AnnotatedPhoto, problems: Problems) -> None:
    """Keep a photo; one that is listed twice has the boxes of both, if both are of the same size."""
    known = found.setdefault(photo.path, photo)
    if known is photo:
        return
    if known.size != photo.size:
        problems.add("photo(s) that are listed again with another size, the first is used", photo.place, photos=0)
        return
    problems.add("photo(s) that are listed twice; they have the boxes of both", photo.place, photos=0)
    found[photo.path] = replace(known, boxes=(*known.boxes, *photo.boxes))


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
        own_id = _key(item.get("id")) if isinstance(item, dict) else None
        if name is None or not isinstance(own_id, int):
            raise DataError(f"{path}: category {number} has no id or no name.\nGive it both.")
        found[own_id] = name
    return found


def _photos(
    path: str, content: dict[str, Any], categories: dict[int, str], folder: Path, problems: Problems
) -> list[AnnotatedPhoto]:
    boxes: dict[Any, list[WrittenBox]] = {}
    for number, item in enumerate(content["annotations"], 1):
        if isinstance(item, dict):
            place = f"{path}, annotation {number}"
            boxes.setdefault(_key(item.get("image_id")), []).append(_box(place, item, categories))
    side_of_file = _side_named(path) or side_under(folder, path)
    photos, known = [], set()
    listed = list(_listed(path, content["images"], problems))
    for (item, place), photo in zip(listed, _found(path, [item for item, _ in listed], folder), strict=True):
        known.add(_key(item["id"]))
        if photo is None:
            problems.add("photo(s) that are listed and not there", place)
            continue
        of_photo = boxes.get(_key(item["id"]), [])
        side = side_of_file or side_under(folder, photo)
        photos.append(AnnotatedPhoto(photo, tuple(of_photo), place, _size(item), side=side))
    known |= {_key(item.get("id")) for item in content["images"] if isinstance(item, dict)} - {None}
    for number, lost in boxes.items():
        if number not in known:  # a photo of an id that does not fit would pass for background
            for count, box in enumerate(lost):
                problems.add("box(es) of photos that are not listed", box.place, photos=int(count == 0))
    return photos


def _listed(path: str, images: list[Any], problems: Problems) -> Iterator[tuple[dict[str, Any], str]]:
    """Each image that can be told from all others, and its place for people."""
    names: dict[Any, set[str]] = {}
    for item in images:
        if isinstance(item, dict):
            names.setdefault(_key(item.get("id")), set()).add(str(item.get("file_name")))
    seen = set()
    for number, item in enumerate(images, 1):
        name = item.get("file_name") if isinstance(item, dict) else None
        place = f"{path}, {printable(str(name))}" if name else f"{path}, image {number}"
        own_id = _key(item.get("id")) if isinstance(item, dict) else None
        if own_id is None:
            problems.add("photo(s) that are listed without an id, left out", place)
        elif len(names[own_id]) > 1:
            problems.add("photo(s) that are listed with the id of another one, left out", place)
        elif own_id not in seen:
            seen.add(own_id)
            yield item, place


def _found(path: str, items: Sequence[dict[str, Any]], folder: Path) -> list[str | None]:
    """The photo of each image, None if it is not there.

    If photos of a file for one side are in a folder of that side, none of its photos is taken from the folder of
    another side, unless its name says that folder: the sides may have other photos of the same names.
    """
    names = [str(item.get("file_name") or "") for item in items]
    of_side = [PhotosInside(place, folder) for place in _folders(path, folder)]
    beside = [next((found for one in of_side if (found := one.find(name))), None) for name in names]
    anywhere = PhotosInside(folder, folder)
    side = _side_named(path) or side_under(folder, path)

    def other(name: str) -> str | None:
        found = anywhere.find(name)
        is_foreign = found and any(beside) and "/" not in name and side_under(folder, found) not in (None, side)
        return None if is_foreign else found

    return [found or other(name) for name, found in zip(names, beside, strict=True)]


def _side_named(path: str) -> str | None:
    """The side that the name of a file means, such as `train.json`, `instances_val2017.json`, `custom_train.json`."""
    stem = Path(path).stem
    words = {side for word in stem.replace("-", "_").split("_") if (side := side_of(word))}
    return side_of(stem) or (words.pop() if len(words) == 1 else None)


def _folders(path: str, folder: Path) -> list[Path]:
    """Where to look first for the photos of a file: those of its side may have names that other sides have too."""
    side = _side_named(path)
    beside = [Path(path).parent] if side_under(folder, path) else []
    return [*beside, *(one for one in sorted(folder.rglob("*")) if side and one.is_dir() and side_of(one.name) == side)]


def _key(value: Any) -> int | str | None:
    """An id as it is compared: 3.0, as tools for tables write 3, is 3. None for what is no id."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value if isinstance(value, int | str) and not isinstance(value, bool) else None


def _size(item: dict[str, Any]) -> tuple[int, int] | None:
    height, width = _key(item.get("height")), _key(item.get("width"))
    if isinstance(height, int) and isinstance(width, int) and min(height, width) > 0:
        return (height, width) if is_plausible(height) and is_plausible(width) else None
    return None


def _box(place: str, item: dict[str, Any], categories: dict[int, str]) -> WrittenBox:
    category = _key(item.get("category_id"))
    name = categories.get(category) if isinstance(category, int) else None
    place += "" if name else f" of category {printable(str(item.get('category_id'))[:20])}"
    corners: Corners | None = None
    box = item.get("bbox")
    if isinstance(box, list) and len(box) == 4 and all(type(v) in (int, float) and is_plausible(v) for v in box):
        left, top, width, height = box
        corners = (top, left, top + height, left + width)
    # What converts Pascal VOC to COCO writes `difficult` as `ignore`.
    return WrittenBox(name, corners, place, 1 in (item.get("iscrowd"), item.get("ignore")))
