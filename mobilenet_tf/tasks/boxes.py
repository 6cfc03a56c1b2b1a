"""Boxes: corners and centres, how much two overlap, and how a detector's outputs encode one relative to an anchor.

Everywhere a box is (ymin, xmin, ymax, xmax), shares of the upright photo's height and width from 0 to 1. NumPy only.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["BOX_SCALES", "anchor_corners", "areas", "clipped", "decode", "encode", "overlaps"]

Float32 = NDArray[np.float32]

# What ty, tx, th and tw are multiplied by, so that the four are of about equal size (Liu et al. 2016 name them
# variances, which are one over these).
BOX_SCALES = (10.0, 10.0, 5.0, 5.0)
SMALLEST_SIDE = 1e-6  # of a box that is encoded: the logarithm of no side is not finite


def encode(boxes: NDArray[Any], anchors: Float32) -> Float32:
    """How each of `boxes` (n, 4) differs from the anchor in the same row: (n, 4) float32 as (ty, tx, th, tw).

    anchors: (n, 4) as (ycenter, xcenter, height, width). Girshick et al. 2014, eqs. 6 to 9, times BOX_SCALES.
    """
    boxes, at = boxes.astype(np.float64), anchors.astype(np.float64)
    sides = np.maximum(boxes[..., 2:] - boxes[..., :2], SMALLEST_SIDE)
    centres = (boxes[..., :2] + boxes[..., 2:]) / 2
    offsets = np.concatenate([(centres - at[..., :2]) / at[..., 2:], np.log(sides / at[..., 2:])], -1)
    return (offsets * BOX_SCALES).astype(np.float32)


def decode(encodings: Float32, anchors: Float32) -> Float32:
    """The boxes that `encodings` (..., n, 4) of the anchors (n, 4) stand for: (..., n, 4) float32, not clipped.

    The inverse of `encode`, rounded as TFLite_Detection_PostProcess rounds.
    """
    values, at = encodings.astype(np.float64) / BOX_SCALES, anchors.astype(np.float64)
    centres = (values[..., :2] * at[..., 2:] + at[..., :2]).astype(np.float32)
    halves = (0.5 * np.exp(values[..., 2:]) * at[..., 2:]).astype(np.float32)
    return np.concatenate([centres - halves, centres + halves], -1)


def anchor_corners(anchors: Float32) -> Float32:
    """Anchors (n, 4) as (ycenter, xcenter, height, width) -> as boxes, (n, 4)."""
    half = anchors[:, 2:] / 2
    return np.concatenate([anchors[:, :2] - half, anchors[:, :2] + half], -1)


def clipped(boxes: Float32) -> Float32:
    """The parts of boxes (n, 4) that are inside the photo."""
    return boxes.clip(0, 1)


def areas(boxes: Float32) -> Float32:
    """The areas of boxes (..., 4), as shares of the photo's: (...); 0 of a box whose ends are the wrong way round."""
    sides = np.maximum(boxes[..., 2:] - boxes[..., :2], 0)
    return sides[..., 0] * sides[..., 1]


def overlaps(boxes: Float32, others: Float32) -> Float32:
    """The intersection over union of each of `boxes` (n, 4) with each of `others` (m, 4): (n, m), in float32.

    0 if one of both has no area.
    """
    low = np.maximum(boxes[:, None, :2], others[None, :, :2])
    high = np.minimum(boxes[:, None, 2:], others[None, :, 2:])
    sides = np.maximum(high - low, np.float32(0))
    shared = sides[..., 0] * sides[..., 1]
    first, second = areas(boxes), areas(others)
    union = first[:, None] + second[None, :] - shared
    valid = (first > 0)[:, None] & (second > 0)[None, :]
    return np.divide(shared, union, out=np.zeros_like(shared), where=valid & (union > 0))
