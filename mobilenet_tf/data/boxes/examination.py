"""What a person should know of photos with boxes before training on them."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mobilenet_tf.data.examination import IMBALANCE, Copies, Examination, Side
from mobilenet_tf.data.examination_text import brief_copies_lines, copies_page, left_out_page
from mobilenet_tf.terminal import printable, shortened_list, table, wrapped

from .boxed_photos import BoxedPhotos

__all__ = [
    "BoxClass",
    "BoxExamination",
    "box_sizes",
    "examination_lines",
    "examination_page",
    "examine_boxes",
    "untrained_note",
]

MOST_CLASSES = 8  # that the short form names
# Of COCO's small, medium and large objects, 32 and 96 pixels long in photos of 640 (cocodataset.org/#detection-eval).
SMALL, LARGE = (32 / 640) ** 2, (96 / 640) ** 2


@dataclass(frozen=True)
class BoxClass:
    """photos: how many show the class; boxes: how many it has; (to train on, to validate with)."""

    name: str
    photos: tuple[int, int]
    boxes: tuple[int, int]


@dataclass(frozen=True)
class BoxExamination:
    """Photos on both sides; of them without boxes; copies of pictures; the shares of small, medium and large boxes.

    kind:     the form of the annotations.
    photos:   (to train on, to validate with).
    ignored:  how many boxes do not count, `difficult` or `iscrowd`.
    left_out: how many photos to train on are not, because a copy of them validates.
    broken:   how many photos cannot be read.
    """

    kind: str
    classes: tuple[BoxClass, ...]
    photos: tuple[int, int]
    background: int
    ignored: int
    sizes: tuple[int, int, int]
    copies: tuple[Copies, ...]
    left_out: int = 0
    broken: int = 0
    only_exact: bool = False

    @property
    def boxes(self) -> int:
        """The number of boxes that are used."""
        return sum(sum(one.boxes) for one in self.classes)


def box_sizes(boxes: Sequence[NDArray[np.float32]]) -> tuple[int, int, int]:
    """How many of all boxes are small, medium and large, as shares of the photo's area."""
    every = np.concatenate([np.zeros((0, 4), np.float32), *boxes])
    areas = (every[:, 2] - every[:, 0]) * (every[:, 3] - every[:, 1])
    small, large = int((areas < SMALL).sum()), int((areas >= LARGE).sum())
    return small, len(areas) - small - large, large


def examination_lines(found: BoxExamination, folder: Path) -> list[str]:
    """The short form: sentences without line breaks. folder: the one that names are relative to."""
    del folder
    total, boxes = sum(found.photos), found.boxes
    named = sorted(found.classes, key=lambda one: -sum(one.boxes))
    rest = f" and {len(named) - MOST_CLASSES} more" if len(named) > MOST_CLASSES else ""
    counts = ", ".join(f"{printable(one.name)} {sum(one.boxes)}" for one in named[:MOST_CLASSES]) + rest
    lines = [f"{found.kind}: {total} photos with {boxes} boxes of {_classes(len(named))}: {counts}."]
    without = f"{found.background} without boxes, kept as background" if found.background else "none without boxes"
    small, medium, large = found.sizes
    lines.append(
        f"Broken {found.broken}, {without}. Of the boxes {small} are small, {medium} medium and {large} large; "
        f"{found.ignored} are difficult or of a crowd, and do not count."
    )
    least, most = named[-1], named[0]
    if IMBALANCE * sum(least.boxes) < sum(most.boxes):
        times = f"{sum(most.boxes) / max(1, sum(least.boxes)):.1f}"
        lines.append(f"Imbalance: {printable(most.name)} has {times} times the boxes of {printable(least.name)}.")
    return [*lines, *brief_copies_lines(found.copies, found.left_out, only_exact=found.only_exact)]


def _classes(count: int) -> str:
    return "1 class" if count == 1 else f"{count} classes"


def examination_page(found: BoxExamination, folder: Path, skipped: Sequence[str]) -> str:
    """All of it: a table of the classes, what is left out, of which `skipped` has lines, and every group of copies."""
    header = ["class", "photos", "boxes", "to train on", "to validate"]
    rows = [
        [printable(one.name), str(sum(one.photos)), str(sum(one.boxes)), *map(str, one.boxes)] for one in found.classes
    ]
    lines = [table(header, rows), "", *map(wrapped, examination_lines(found, folder))]
    return "\n".join([*lines, *left_out_page("Left out or changed:", skipped), *copies_page(found.copies, folder)])


def examine_boxes(
    kind: str, classes: Sequence[str], sides: Sequence[BoxedPhotos], found: Examination, broken: int
) -> BoxExamination:
    """Summarize the photos to train on and to validate with. found: the examination that has their copies."""
    photos, boxes = zip(*(side.counts(len(classes)) for side in sides), strict=True)
    rows = [
        BoxClass(name, (int(photos[0][number]), int(photos[1][number])), (int(boxes[0][number]), int(boxes[1][number])))
        for number, name in enumerate(classes)
    ]
    every = [one for side in sides for one in side.boxes]
    return BoxExamination(
        kind,
        tuple(rows),
        (len(sides[0]), len(sides[1])),
        background=sum(not len(one) for one in every),
        ignored=int(sum(one.sum() for side in sides for one in side.ignored)),
        sizes=box_sizes(every),
        copies=found.copies,
        left_out=sum(side == Side.LEFT_OUT for group in found.copies for side in group.sides),
        broken=broken,
        only_exact=found.only_exact,
    )


def untrained_note(classes: Sequence[str], train: BoxedPhotos, validation: BoxedPhotos) -> tuple[str, ...]:
    """Lines for the person to read on classes whose boxes validate while none are trained on, and on classes without
    any box.
    """
    trained, validated = (side.counts(len(classes))[1] for side in (train, validation))
    untrained = [(printable(name), n) for name, count, n in zip(classes, trained, validated, strict=True) if not count]
    only_validated, without = ([name for name, n in untrained if bool(n) == wanted] for wanted in (True, False))
    return (
        *(
            [f"validation: classes without a box to train on: {shortened_list(only_validated)}"]
            if only_validated
            else ()
        ),
        *([f"classes without any box, which will not be found: {shortened_list(without)}"] if without else ()),
    )
