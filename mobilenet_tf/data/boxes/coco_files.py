"""Which JSON files hold boxes in COCO's form, found by what is in them."""

import mmap
import os
import re
from collections.abc import Sequence
from dataclasses import dataclass

__all__ = ["PARTS", "CocoFiles", "coco_files"]

SAMPLE = 100  # files that are looked at, the largest
PARTS = ("images", "annotations", "categories")
NO_ANNOTATIONS = re.compile(rb'"annotations"\s*:\s*\[\s*\]')
PERSONS = "person_keypoints"  # the file beside instances_*.json that has the same boxes of its persons


@dataclass(frozen=True)
class CocoFiles:
    """Paths of files with boxes, and `others` in COCO's form that have none to read, such as captions."""

    with_boxes: tuple[str, ...]
    others: tuple[str, ...]


def coco_files(files: Sequence[str]) -> CocoFiles:
    """Those of the files that are in COCO's form, complete or not."""
    found = [path for path in files if path.lower().endswith(".json")]
    # COCO's files are few and large: of a file for each photo, which other tools write, not each is looked at.
    form = sorted(path for path in sorted(found, key=_bytes, reverse=True)[:SAMPLE] if _begins_as_coco(path))
    boxes = [path for path in form if not _repeats_instances(path, form) and _has_boxes(path)]
    return CocoFiles(tuple(boxes), tuple(path for path in form if path not in boxes))


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


def _has_boxes(path: str) -> bool:
    """Whether its annotations are boxes, or it has none and all photos show background.

    Those of captions, of classes alone and of panoptic segments, which have a box inside each segment, are not.
    """
    try:
        with open(path, "rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
            if content.find(b'"bbox"') < 0:
                return NO_ANNOTATIONS.search(content) is not None
            return content.find(b'"segments_info"') < 0
    except (OSError, ValueError):
        return False


def _repeats_instances(path: str, form: Sequence[str]) -> bool:
    folder, name = os.path.split(path)
    return name.startswith(PERSONS) and os.path.join(folder, name.replace(PERSONS, "instances")) in form
