"""The side of the smallest anchor that the boxes of photos ask for. NumPy only."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from mobilenet_tf.data.boxes.boxed_photos import BoxedPhotos
from mobilenet_tf.networks.anchors import SMALLEST_ANCHOR
from mobilenet_tf.networks.detectors import DetectorSpec
from mobilenet_tf.tasks.boxes import anchor_corners, overlaps

__all__ = ["fitted_anchors", "mean_best_overlap"]

SIDES = (0.02, 0.03, 0.04, 0.05, 0.06, 0.07, 0.08, 0.09)  # that are tried beside the usual one
LEAST_GAIN = 0.02  # of overlap, for which anchors other than those of the published detectors pay
MOST_BOXES = 1000  # that are looked at
AT_ONCE = 200


def fitted_anchors(spec: DetectorSpec, photos: BoxedPhotos) -> tuple[DetectorSpec, tuple[str, ...]]:
    """(`spec` with the smallest anchors that overlap the boxes of these photos most, a sentence if these are not the
    usual ones).

    Smaller objects than the anchors are hard to learn: each has one anchor alone, of another size. Liu et al. 2016,
    section 3.4, choose smaller ones for COCO than for Pascal VOC, by hand.
    """
    boxes = _counted(photos)
    if not len(boxes):
        return spec, ()
    found = {side: mean_best_overlap(replace(spec, smallest_anchor=side), boxes) for side in (*SIDES, SMALLEST_ANCHOR)}
    best = max(found, key=lambda side: found[side])
    if found[best] < found[SMALLEST_ANCHOR] + LEAST_GAIN:
        return spec, ()
    return replace(spec, smallest_anchor=best), (
        f"Small objects: the smallest anchors have {best:.0%} of the photo's side instead of {SMALLEST_ANCHOR:.0%}, so "
        f"that a box and the nearest anchor overlap by {found[best]:.0%} in the mean, not by "
        f"{found[SMALLEST_ANCHOR]:.0%}. --smallest-anchor gives others.",
    )


def mean_best_overlap(spec: DetectorSpec, boxes: NDArray[np.float32]) -> float:
    """The mean, over boxes (n, 4), of the overlap with the anchor that overlaps a box most."""
    corners = anchor_corners(spec.anchors())
    parts = [boxes[start : start + AT_ONCE] for start in range(0, len(boxes), AT_ONCE)]
    return float(np.concatenate([overlaps(corners, part).max(0) for part in parts]).mean())


def _counted(photos: BoxedPhotos) -> NDArray[np.float32]:
    """MOST_BOXES of the boxes that count, from all of the photos."""
    counted = [boxes[~ignored] for boxes, ignored in zip(photos.boxes, photos.ignored, strict=True)]
    boxes = np.concatenate(counted).reshape(-1, 4)
    return boxes[np.unique(np.linspace(0, max(len(boxes) - 1, 0), min(len(boxes), MOST_BOXES)).astype(np.int64))]
