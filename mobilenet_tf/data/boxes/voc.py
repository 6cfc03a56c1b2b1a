"""Boxes in Pascal VOC XML: a file for each photo, and perhaps ImageSets that say which photos train (Everingham et al.
2010, "The Pascal Visual Object Classes (VOC) Challenge", section 3).
"""

import os
import re
import xml.etree.ElementTree as ElementTree
from collections.abc import Sequence
from pathlib import Path

from mobilenet_tf.data.photos import is_photo_name

from .annotations import AnnotatedPhoto, Annotations, Corners, Problems, WrittenBox, class_name, number_in
from .image_sets import ImageSets
from .places import PhotosInside, side_under

__all__ = ["KIND", "is_voc_file", "read_voc"]

KIND = "Pascal VOC XML"
LARGEST = 2**24  # bytes of the annotation of one photo
BEGINS = re.compile(rb"<annotation[\s>]")  # CVAT's own form begins with <annotations>
CORNERS = ("ymin", "xmin", "ymax", "xmax")


def is_voc_file(path: str) -> bool:
    """Whether it begins as the annotation of a photo does, complete or not."""
    try:
        with open(path, "rb") as file:
            return BEGINS.search(file.read(2**12)) is not None
    except OSError:
        return False


def read_voc(folder: Path, files: Sequence[str]) -> Annotations:
    """The photos under `folder` that XML files annotate. files: every file under the folder.

    Raises DataError if a list of ImageSets cannot be read.
    """
    photos, lists, problems = PhotosInside(folder, folder), ImageSets.among(files), Problems()
    found: dict[str, AnnotatedPhoto] = {}
    for path in (path for path in files if path.lower().endswith(".xml") and is_voc_file(path)):
        root = _parsed(path)
        photo = None if root is None else _photo_of(path, root, photos)
        sides = lists.of(path)
        if root is None:
            problems.add("annotation(s) that are no whole XML", path)
        elif photo is None:
            problems.add("annotation(s) of photos that are not there", path)
        elif photo in found:
            problems.add("annotation(s) of a photo that another one annotates", path)
        elif sides is not None and Path(path).stem not in sides:
            problems.add("annotated photo(s) that no list of ImageSets names", photo)
        else:
            boxes = tuple(_box(path, number, node) for number, node in enumerate(root.iter("object"), 1))
            side = sides[Path(path).stem] if sides is not None else side_under(folder, photo)
            found[photo] = AnnotatedPhoto(photo, boxes, path, _size(root), side=side)
    lines = problems.lines()
    bare = [] if lists.by_folder else [path for path in files if is_photo_name(path) and path not in found]
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


def _photo_of(path: str, root: ElementTree.Element, photos: PhotosInside) -> str | None:
    """The photo beside the annotation or of its name, or else the one that it names: tools that rename photos often
    leave the name inside as it was. Of several of its name it is the one in the folder that is nearest.
    """
    beside = os.path.relpath(os.path.splitext(path)[0], photos.folder)
    own, inside = os.path.basename(beside), (root.findtext("filename") or "").strip()
    last = inside.replace("\\", "/").rpartition("/")[2]
    found = photos.find(beside) or photos.find_near(own, path) or photos.find(own)
    return found or photos.find_near(last, path) or photos.find(inside)


def _size(root: ElementTree.Element) -> tuple[int, int] | None:
    """(height, width); None if it is not stated, or zero, as some tools leave it."""
    values = [number_in(root.findtext(f"size/{name}")) for name in ("height", "width")]
    if any(value is None or value < 1 for value in values):
        return None
    height, width = (int(value or 0) for value in values)
    return height, width


def _box(path: str, number: int, node: ElementTree.Element) -> WrittenBox:
    name = class_name(node.findtext("name"))
    place = f"{path}, object {number}" + ("" if name else " without a name")
    values = [number_in(node.findtext(f"bndbox/{corner}")) for corner in CORNERS]
    ymin, xmin, ymax, xmax = values
    corners: Corners | None = None
    if ymin is not None and xmin is not None and ymax is not None and xmax is not None:
        corners = (ymin, xmin, ymax, xmax)
    return WrittenBox(name, corners, place, number_in(node.findtext("difficult")) == 1)
