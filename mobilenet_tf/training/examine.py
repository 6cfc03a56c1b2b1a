"""mobilenet-train --examine: what a run would find out about its photos, without training."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from mobilenet_tf.data import examination_text
from mobilenet_tf.data.boxes import examination as of_boxes
from mobilenet_tf.data.boxes.dataset import BoxDataset
from mobilenet_tf.data.dataset import Dataset
from mobilenet_tf.data.embeddings.dataset import EmbeddingDataset
from mobilenet_tf.data.examination import Copies, Side
from mobilenet_tf.data.tags import examination as of_tags
from mobilenet_tf.data.tags.dataset import TagDataset
from mobilenet_tf.results.run_record_file import Examined
from mobilenet_tf.terminal import printable

from .embeddings.settings import EMBEDDING
from .options import DETECTION, TAGS

AnyDataset = Dataset | BoxDataset | EmbeddingDataset | TagDataset

__all__ = ["examination_as_json", "examination_as_lines", "examination_as_text", "kept_examination"]


def examination_as_lines(data: AnyDataset, photos: str) -> list[str]:
    """The short form of the examination, sentences. photos: what names are relative to."""
    lines: list[str] = _texts(data).examination_lines(data.examined(), Path(photos))
    return lines


def kept_examination(data: AnyDataset, photos: str, notes: Sequence[str]) -> Examined:
    """What the record of a run keeps: the short form, and the notes, each in one line. photos: as above."""
    lines = examination_as_lines(data, photos)
    return Examined(lines, [" ".join(map(printable, note.splitlines())) for note in notes])


def examination_as_text(data: AnyDataset, photos: str) -> str:
    """The examination for people. photos: what names are relative to."""
    page: str = _texts(data).examination_page(data.examined(), Path(photos), data.skipped)
    return page


def _texts(data: AnyDataset) -> Any:
    """The module that has the texts of an examination of this kind."""
    if isinstance(data, TagDataset):
        return of_tags
    return of_boxes if isinstance(data, BoxDataset) else examination_text


def examination_as_json(data: AnyDataset) -> str:
    """The examination as one JSON document."""
    found = data.examined()
    content: dict[str, Any] = {"classes": [asdict(one) for one in found.classes], "copies": _copies(found.copies)}
    if isinstance(found, of_boxes.BoxExamination):
        others = {name: getattr(found, name) for name in found.__dataclass_fields__ if name not in content}
        content = {"task": DETECTION, **others, "boxes": found.boxes, **content}
    elif isinstance(found, of_tags.TagExamination):
        others = {name: getattr(found, name) for name in found.__dataclass_fields__ if name not in content}
        content = {"task": TAGS, **others, **content}
    else:
        content = {
            **({"task": EMBEDDING} if isinstance(data, EmbeddingDataset) else {}),
            "photos": found.photos,
            "broken": found.broken,
            "classes": content["classes"],
            "small_classes": found.small_classes,
            "copies": content["copies"],
            "only_exact_copies": found.only_exact,
        }
    return json.dumps({**content, "left_out": data.skipped, "notes": data.notes}, indent=2)


def _copies(groups: Sequence[Copies]) -> list[dict[str, Any]]:
    return [
        {
            "photos": group.names,
            "classes": group.classes,
            "exact": group.exact,
            "left_out": [name for name, side in zip(group.names, group.sides, strict=True) if side == Side.LEFT_OUT],
        }
        for group in groups
    ]
