"""Which part of its photo each training view shows, and where the photo's boxes are in it. NumPy only.

Liu et al. 2016, sections 2.2 and 3.6: half of the views are first made smaller on a grey ground, then a part is chosen
that overlaps an object by a random least share; half are mirrored. A box stays if its centre does.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mobilenet_tf.tasks.boxes import overlaps
from mobilenet_tf.training.augmentation import Augmentation

__all__ = ["BoxView", "moved_boxes", "random_view"]

Float32 = NDArray[np.float32]

WHOLE, ANY = -1.0, 0.0  # in place of a least overlap: the whole photo, or any part of it
LEAST_OVERLAPS = (WHOLE, 0.1, 0.3, 0.5, 0.7, 0.9, ANY)
TRIES = 50  # to find a part that overlaps an object as much
LARGEST_RATIO = 2.0  # of a part's height and width
EXPANDED_SHARE = 0.5
WHOLE_FRAME = (0.0, 0.0, 1.0, 1.0)


@dataclass(frozen=True)
class BoxView:
    """frame:   (4,) top, left, bottom, right of what the view shows, shares of the photo; it may reach beyond it, and a
             mirrored view has left > right.
    factors: (3,) of brightness, contrast and saturation.
    """

    frame: Float32
    factors: Float32


def random_view(augmentation: Augmentation, expand: float, boxes: Float32, rng: np.random.Generator) -> BoxView:
    """A random view of a photo with these boxes (n, 4). expand: see DetectionSettings."""
    ground = np.array(WHOLE_FRAME)
    if rng.random() < EXPANDED_SHARE and expand > 1:
        side = rng.uniform(1, expand)
        top, left = rng.uniform(0, side - 1, 2)
        ground = np.array([-top, -left, side - top, side - left])
    part = _part(augmentation.min_crop, moved_boxes(boxes, ground)[0], rng)
    height, width = ground[2:] - ground[:2]
    frame = ground[[0, 1, 0, 1]] + part * [height, width, height, width]
    if rng.random() < 0.5 and augmentation.flip:
        frame = frame[[0, 3, 2, 1]]
    factors = rng.uniform(1 - augmentation.color, 1 + augmentation.color, 3)
    return BoxView(frame.astype(np.float32), factors.astype(np.float32))


def _part(least_area: float, boxes: Float32, rng: np.random.Generator) -> NDArray[np.float64]:
    """The frame of a random part that overlaps one of the boxes by a random least share; all if none is found."""
    least = LEAST_OVERLAPS[rng.integers(len(LEAST_OVERLAPS))]
    if least == WHOLE:
        return np.array(WHOLE_FRAME)
    for _ in range(TRIES):
        area = rng.uniform(least_area, 1)
        ratio = np.exp(rng.uniform(-0.5, 0.5) * np.log(LARGEST_RATIO))
        height, width = min(np.sqrt(area) * ratio, 1.0), min(np.sqrt(area) / ratio, 1.0)
        top, left = rng.uniform(0, 1 - height), rng.uniform(0, 1 - width)
        part = np.array([top, left, top + height, left + width])
        if not len(boxes):
            return part
        shares = overlaps(part[None].astype(np.float32), boxes)[0]
        if (shares >= least).any() and len(moved_boxes(boxes, part)[1]):
            return part
    return np.array(WHOLE_FRAME)


def moved_boxes(boxes: Float32, frame: NDArray[Any]) -> tuple[Float32, NDArray[np.int64]]:
    """(the boxes in a view of this frame, cut at its edges; the indices of those of `boxes` whose centre it shows)."""
    top, left, bottom, right = frame.astype(np.float64)
    moved = (boxes.astype(np.float64) - [top, left, top, left]) / [
        bottom - top, right - left, bottom - top, right - left,
    ]  # fmt: skip
    moved = np.concatenate([np.minimum(moved[:, :2], moved[:, 2:]), np.maximum(moved[:, :2], moved[:, 2:])], 1)
    centres = (moved[:, :2] + moved[:, 2:]) / 2
    seen = np.flatnonzero(((centres > 0) & (centres < 1)).all(1))
    return moved[seen].clip(0, 1).astype(np.float32), seen
