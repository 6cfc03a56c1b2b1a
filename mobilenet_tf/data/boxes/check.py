"""Written boxes -> boxes as shares of the upright photo, each wrong one counted under a sentence of its own."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from mobilenet_tf.terminal import printable

from .annotations import AnnotatedPhoto, Corners, Problems

__all__ = ["TINY", "BoxProblems", "CheckedBoxes", "PhotoSize", "checked_boxes", "upright_box"]

Float32 = NDArray[np.float32]

TINY = 0.02  # of the photo's side: a box whose shorter side is less has few pixels at any resolution of the networks
OUTSIDE = 0.005  # of the side by which a box may reach over the edge and not be counted: tools round
SAME_SHAPE = 0.02  # by which the ratio of the sides may differ if a photo was resized
NO_AREA = "box(es) without area, left out"
NO_NUMBERS = "box(es) whose corners are not four numbers, left out"
ALL_OUTSIDE = "box(es) that lie outside of their photo, left out"
UNKNOWN = "box(es) of an unknown class, left out"
TWICE = "box(es) written twice in one photo, kept once"
PARTLY_OUTSIDE = "box(es) that reach over the edge of their photo, cut there"
TINY_BOX = f"tiny box(es), a side under {TINY:.0%} of the photo's, kept"
OTHER_SIZE = "photo(s) of another size and shape than their annotation says, left out"
RESIZED = "photo(s) resized after they were annotated; their boxes are resized too"
TURNED = "photo(s) annotated as they are stored, not upright; their boxes are turned too"
ONLY_WRONG = "photo(s) of whose boxes none can be used, left out"


@dataclass(frozen=True)
class PhotoSize:
    """height, width: upright. orientation: of EXIF, 1 to 8."""

    height: int
    width: int
    orientation: int = 1

    @property
    def stored(self) -> tuple[int, int]:
        """(height, width) without the orientation."""
        return (self.width, self.height) if self.orientation >= 5 else (self.height, self.width)


@dataclass
class BoxProblems:
    """What is wrong with boxes. lost: how many are left out. seen: how many there were."""

    of_boxes: Problems = field(default_factory=Problems)
    of_photos: Problems = field(default_factory=Problems)
    lost: int = 0
    seen: int = 0

    def lines(self) -> list[str]:
        """A line for each kind of problem."""
        return [*self.of_photos.lines(), *self.of_boxes.lines()]

    def lose(self, kind: str, place: str) -> None:
        """Count a box that is left out."""
        self.of_boxes.add(kind, place)
        self.lost += 1


@dataclass(frozen=True)
class CheckedBoxes:
    """The boxes (n, 4), classes (n,) and ignored boxes (n,) of one photo, see BoxedPhotos."""

    boxes: Float32
    classes: NDArray[np.int64]
    ignored: NDArray[np.bool_]


def checked_boxes(
    photo: AnnotatedPhoto, size: PhotoSize, number_of: Mapping[str, int], problems: BoxProblems
) -> CheckedBoxes | None:
    """The boxes of a photo of this size that can be used; None if the photo cannot be. number_of: each class."""
    problems.seen += len(photo.boxes)
    turned, frame = _frame(photo, size, problems)
    if frame is None:
        problems.lost += len(photo.boxes)
        return None
    kept: dict[tuple[int, tuple[float, ...]], bool] = {}
    for box in photo.boxes:
        if box.corners is None:
            problems.lose(NO_NUMBERS, box.place)
            continue
        number = number_of.get(box.label) if box.label is not None else None
        if number is None:
            problems.lose(UNKNOWN, box.place if box.label is None else f"{box.place}, {printable(box.label)}")
            continue
        shares = _shares(box.corners, frame, turned, box.place, problems)
        if shares is None:
            continue
        key = (number, tuple(round(value, 6) for value in shares))
        if key in kept:
            problems.of_boxes.add(TWICE, box.place)
        kept.setdefault(key, box.ignored)
    if photo.boxes and not kept:
        problems.of_photos.add(ONLY_WRONG, photo.place)
        return None
    return CheckedBoxes(
        np.array([corners for _, corners in kept], np.float32).reshape(-1, 4),
        np.array([number for number, _ in kept], np.int64),
        np.array([*kept.values()], bool),
    )


def _frame(photo: AnnotatedPhoto, size: PhotoSize, problems: BoxProblems) -> tuple[int, tuple[float, float] | None]:
    """(the orientation by which the boxes are to be turned, 1 for none; the height and width that corners are shares
    of, None if the photo cannot be used).
    """
    if photo.in_shares:
        return 1, (1.0, 1.0)
    upright = (size.height, size.width)
    if photo.size is None or photo.size == upright or not photo.boxes:
        return 1, photo.size or upright
    if photo.size == size.stored:
        problems.of_photos.add(TURNED, photo.place)
        return size.orientation, photo.size
    if _alike(photo.size, upright):
        problems.of_photos.add(RESIZED, photo.place)
        return 1, photo.size
    stated = f"{photo.size[1]} x {photo.size[0]} for {size.width} x {size.height}"
    problems.of_photos.add(OTHER_SIZE, f"{photo.place} ({stated})")
    return 1, None


def _alike(one: tuple[int, int], other: tuple[int, int]) -> bool:
    ratio = one[0] * other[1] / (one[1] * other[0])
    return abs(ratio - 1) <= SAME_SHAPE


def _shares(
    corners: Corners, frame: tuple[float, float], turned: int, place: str, problems: BoxProblems
) -> tuple[float, ...] | None:
    """The corners as shares of the upright photo, cut at its edges; None for a box that is left out."""
    (height, width), (ymin, xmin, ymax, xmax) = frame, corners
    box = upright_box((ymin / height, xmin / width, ymax / height, xmax / width), turned)
    if not (box[0] < box[2] and box[1] < box[3]):
        problems.lose(NO_AREA, place)
        return None
    cut = tuple(min(max(value, 0.0), 1.0) for value in box)
    sides = cut[2] - cut[0], cut[3] - cut[1]
    if min(sides) <= 0:
        problems.lose(ALL_OUTSIDE, place)
        return None
    if max(abs(a - b) for a, b in zip(cut, box, strict=True)) > OUTSIDE:
        problems.of_boxes.add(PARTLY_OUTSIDE, place)
    if min(sides) < TINY:
        problems.of_boxes.add(TINY_BOX, place)
    return cut


def upright_box(box: Corners, orientation: int) -> Corners:
    """A box in shares of the stored photo -> the same box in shares of the upright one (EXIF's eight orientations)."""
    top, left, bottom, right = box
    mirrored = (top, 1 - right, bottom, 1 - left)
    down = (1 - bottom, left, 1 - top, right)
    turned = (1 - bottom, 1 - right, 1 - top, 1 - left)
    return {
        2: mirrored,
        3: turned,
        4: down,
        5: (left, top, right, bottom),
        6: (left, 1 - bottom, right, 1 - top),
        7: (1 - right, 1 - bottom, 1 - left, 1 - top),
        8: (1 - right, top, 1 - left, bottom),
    }.get(orientation, box)
