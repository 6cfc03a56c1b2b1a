"""Boxes in Pascal VOC XML: a file for each photo, and perhaps ImageSets that say which photos train (Everingham et al.
2010, "The Pascal Visual Object Classes (VOC) Challenge", section 3).
"""

import os
import xml.etree.ElementTree as ElementTree
from collections.abc import Sequence
from pathlib import Path

from mobilenet_tf.data.ground_truth_file import numbered_lines
from mobilenet_tf.data.layout import SIDES, TRAIN
from mobilenet_tf.data.listed_photo import PhotosByName
from mobilenet_tf.data.photos import is_photo_name

from .annotations import AnnotatedPhoto, Annotations, Corners, Problems, WrittenBox, class_name
from .places import side_under

__all__ = ["KIND", "is_voc_file", "read_voc"]

KIND = "Pascal VOC XML"
LARGEST = 2**24  # bytes of the annotation of one photo
CORNERS = ("ymin", "xmin", "ymax", "xmax")


def is_voc_file(path: str) -> bool:
    """Whether it begins as the annotation of a photo does, complete or not."""
    try:
        with open(path, "rb") as file:
            return b"<annotation" in file.read(2**12)
    except OSError:
        return False


def read_voc(folder: Path, files: Sequence[str]) -> Annotations:
    """The photos under `folder` that XML files annotate. files: every file under the folder.

    Raises DataError if a list of ImageSets cannot be read.
    """
    photos, sides, problems = PhotosByName(folder), _image_sets(files), Problems()
    found: dict[str, AnnotatedPhoto] = {}
    for path in (path for path in files if path.lower().endswith(".xml") and is_voc_file(path)):
        root = _parsed(path)
        photo = None if root is None else _photo_of(path, root, photos)
        if root is None:
            problems.add("annotation(s) that are no whole XML", path)
        elif photo is None:
            problems.add("annotation(s) of photos that are not there", path)
        elif photo in found:
            problems.add("annotation(s) of a photo that another one annotates", path)
        elif sides and Path(path).stem not in sides:
            problems.add("annotated photo(s) that no list of ImageSets names", photo)
        else:
            boxes = tuple(_box(path, number, node) for number, node in enumerate(root.iter("object"), 1))
            side = sides[Path(path).stem] if sides else side_under(folder, photo)
            found[photo] = AnnotatedPhoto(photo, boxes, path, _size(root), side=side)
    lines = problems.lines()
    bare = [] if sides else [path for path in files if is_photo_name(path) and path not in found]
    if bare and not problems.photos:
        lines.append(f"{len(bare)} photo(s) without an annotation, which may show anything: {bare[0]}")
    return Annotations(KIND, tuple(found.values()), None, tuple(lines), problems.photos)


def _parsed(path: str) -> ElementTree.Element | None:
    """The root of the file; None if it is no whole XML, or has entities of its own, which could fill the memory."""
    try:
        with open(path, "rb") as file:
            content = file.read(LARGEST + 1)
        if len(content) > LARGEST or b"<!ENTITY" in content:
            return None
        return ElementTree.fromstring(content)
    except (OSError, ElementTree.ParseError, ValueError, LookupError):
        return None


def _photo_of(path: str, root: ElementTree.Element, photos: PhotosByName) -> str | None:
    """The photo beside the annotation or of its name, or else the one that it names: tools that rename photos often
    leave the name inside as it was.
    """
    stem = os.path.splitext(path)[0]
    inside = (root.findtext("filename") or "").strip()
    names = [os.path.relpath(stem, photos.folder), os.path.basename(stem), inside]
    return next((str(found) for name in names if name and (found := photos.find(name)) and is_photo_name(found)), None)


def _size(root: ElementTree.Element) -> tuple[int, int] | None:
    """(height, width); None if it is not stated, or zero, as some tools leave it."""
    values = [_number(root.findtext(f"size/{name}")) for name in ("height", "width")]
    if any(value is None or value < 1 for value in values):
        return None
    height, width = (int(value or 0) for value in values)
    return height, width


def _box(path: str, number: int, node: ElementTree.Element) -> WrittenBox:
    name = class_name(node.findtext("name"))
    place = f"{path}, object {number}" + ("" if name else " without a name")
    values = [_number(node.findtext(f"bndbox/{corner}")) for corner in CORNERS]
    ymin, xmin, ymax, xmax = values
    corners: Corners | None = None
    if ymin is not None and xmin is not None and ymax is not None and xmax is not None:
        corners = (ymin, xmin, ymax, xmax)
    return WrittenBox(name, corners, place, _number(node.findtext("difficult")) == 1)


def _number(text: str | None) -> float | None:
    try:
        return float(text) if text is not None else None
    except ValueError:
        return None


def _image_sets(files: Sequence[str]) -> dict[str, str]:
    """Stem of a photo's name -> its side, from ImageSets/Main; nothing if there are no lists of the sides there.

    `trainval` counts only if there is no `train`: it holds the photos of `val` too.
    """
    lists = {Path(path).stem: Path(path) for path in files if Path(path).parts[-3:-1] == ("ImageSets", "Main")}
    sides = {name: SIDES[name] for name in lists if name in SIDES}
    if "trainval" in lists and "train" not in lists:
        sides["trainval"] = TRAIN
    if not {TRAIN} & {*sides.values()}:
        return {}
    return {line.split()[0]: side for name, side in sides.items() for _, line in numbered_lines(lists[name])}
