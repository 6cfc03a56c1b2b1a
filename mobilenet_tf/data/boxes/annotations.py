"""What a reader of boxes returns: annotated photos and their boxes as they are written, not checked yet."""

import math
import unicodedata
from collections import Counter
from dataclasses import dataclass, field

__all__ = [
    "AnnotatedPhoto",
    "Annotations",
    "Corners",
    "Problems",
    "WrittenBox",
    "class_name",
    "is_plausible",
    "number_in",
]

Corners = tuple[float, float, float, float]
LARGEST_NUMBER = 10**9  # of pixels: what is larger is a mistake, and would overflow


@dataclass(frozen=True)
class WrittenBox:
    """One box as an annotation has it.

    label:   the name of its class; None for one that the annotation does not know: `place` says how it is called there.
    corners: ymin, xmin, ymax, xmax, in pixels or as shares, see AnnotatedPhoto; None if they are not four numbers.
    place:   where it is written, for people.
    ignored: neither finding it nor missing it counts: `difficult` of Pascal VOC, `iscrowd` of COCO.
    """

    label: str | None
    corners: Corners | None
    place: str
    ignored: bool = False


@dataclass(frozen=True)
class AnnotatedPhoto:
    """One photo and its boxes; without boxes it shows background.

    place:     the annotation, for people.
    size:      (height, width) that the annotation states; None if it states none.
    in_shares: whether corners are shares of the height and the width; otherwise they are pixels.
    side:      the side of the split that it belongs to, as layout.SIDES has them; None: the annotation names none.
    """

    path: str
    boxes: tuple[WrittenBox, ...]
    place: str
    size: tuple[int, int] | None = None
    in_shares: bool = False
    side: str | None = None


@dataclass(frozen=True)
class Annotations:
    """All that was read from one place.

    kind:     the form of the annotations, for people: "Pascal VOC XML".
    classes:  in their order, if the annotations fix it; None: they are sorted by name.
    skipped:  a line for each thing that cannot be used; left_out: how many photos that concerns.
    notes:    what was chosen, and a person should know.
    """

    kind: str
    photos: tuple[AnnotatedPhoto, ...]
    classes: tuple[str, ...] | None = None
    skipped: tuple[str, ...] = ()
    left_out: int = 0
    notes: tuple[str, ...] = ()


@dataclass
class Problems:
    """Things of a kind that cannot be used, counted; the first place of each kind is named.

    photos: how many photos are left out for that.
    """

    first: dict[str, str] = field(default_factory=dict)
    counts: Counter[str] = field(default_factory=Counter)
    photos: int = 0

    def add(self, kind: str, place: str, photos: int = 1) -> None:
        """Count one of this kind. kind: what stands after the number, such as `photo(s) that are not there`."""
        self.first.setdefault(kind, place)
        self.counts[kind] += 1
        self.photos += photos

    def lines(self) -> list[str]:
        """A line for each kind: `3 boxes without area: a.xml, object 2 and 2 more`."""
        return [
            f"{count} {kind}: {self.first[kind]}{f' and {count - 1} more' if count > 1 else ''}"
            for kind, count in self.counts.items()
        ]


def class_name(text: object) -> str | None:
    """The name of a class as it is kept: without spaces around it, in one Unicode form; None if nothing is left."""
    return unicodedata.normalize("NFC", str(text)).strip() or None if text is not None else None


def is_plausible(value: float) -> bool:
    """Whether a number may be a place in a photo: it is finite, and small enough to compute with."""
    return abs(value) < LARGEST_NUMBER  # not for NaN


def number_in(text: str | None) -> float | None:
    """The number that a field holds; None if it holds none, or one that can be no place in a photo."""
    try:
        number = math.nan if text is None else float(text)
    except ValueError:
        return None
    return number if is_plausible(number) else None
