"""Augmentation: which part of its photo each training view shows, and the view's pixels, for a whole batch at a time.

The parameters of the views are drawn by NumPy, from a generator that the caller seeds. The pixels are computed by
TensorFlow, which is loaded when it is needed.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mobilenet_tf.contract.preprocessing import MEAN, STD

__all__ = ["Augmentation", "ViewParameters", "make_views", "random_views"]

Float32 = NDArray[np.float32]


@dataclass(frozen=True)
class Augmentation:
    """How training views differ from the photo. Howard et al. 2017, section 3.2: small networks need little.

    min_crop: smallest share of the centre square's area that a view shows.
    flip:     mirror half of the views.
    color:    brightness, contrast and saturation change by up to this share.
    """

    min_crop: float = 0.5
    flip: bool = True
    color: float = 0.1


@dataclass(frozen=True)
class ViewParameters:
    """What each view of a batch shows, and in which colours.

    boxes:   (n, 4) top, left, bottom, right, as shares of the square photo; a mirrored view has left > right.
    factors: (n, 3) of brightness, contrast and saturation.
    """

    boxes: Float32
    factors: Float32


def random_views(augmentation: Augmentation, count: int, rng: np.random.Generator) -> ViewParameters:
    """Random parameters of `count` views: squares of `min_crop` to all of the area, sides stretched by up to 4/3."""
    area = rng.uniform(augmentation.min_crop, 1, count)
    stretch = np.exp(rng.uniform(-0.5, 0.5, count) * np.log(4 / 3))
    height, width = np.minimum(np.sqrt(area) * stretch, 1), np.minimum(np.sqrt(area) / stretch, 1)
    top, left = rng.uniform(0, 1 - height), rng.uniform(0, 1 - width)
    boxes = np.stack([top, left, top + height, left + width], 1)
    mirrored = (rng.random(count) < 0.5) & augmentation.flip
    boxes[mirrored] = boxes[mirrored][:, [0, 3, 2, 1]]
    factors = rng.uniform(1 - augmentation.color, 1 + augmentation.color, (count, 3))
    return ViewParameters(boxes.astype(np.float32), factors.astype(np.float32))


def make_views(squares: Any, boxes: Any, factors: Any, res: int) -> Any:
    """Square photos (n, side, side, 3) uint8, cropped to boxes (n, 4) -> (n, res, res, 3) float32 in [-1, 1].

    What a box shows beside its photo is grey.

    Bilinear with half-pixel centres and two taps, as step 3 of the evaluation rule, in floats, and rounded to bytes as
    that is: from small photos that are enlarged, a network would otherwise learn differences finer than any camera's.
    """
    from mobilenet_tf.keras_loader import tf

    side = squares.shape[1]
    # A border of one pixel: the outermost samples of an enlarged view lie half a pixel outside.
    wide = tf.concat([squares[:, :1], squares, squares[:, -1:]], 1)  # tf.pad takes many times as long
    padded = tf.concat([wide[:, :, :1], wide, wide[:, :, -1:]], 2)
    first, last = boxes[:, :2] * side, boxes[:, 2:] * side
    half = (last - first) / (2 * res)
    # The op takes the positions of the outermost samples; pixel i's centre is at i + 1/2, the border shifts by one.
    corners = tf.concat([first + half, last - half], 1) + 0.5
    rows = tf.range(tf.shape(squares)[0])
    pixels = tf.image.crop_and_resize(padded, corners / (side + 1), rows, (res, res), extrapolation_value=MEAN)
    return (tf.round(_recolored(pixels, factors)) - MEAN) / STD


def _recolored(pixels: Any, factors: Any) -> Any:
    """Pixels of 0 to 255 with brightness, contrast and saturation multiplied by factors (n, 3)."""
    from mobilenet_tf.keras_loader import tf

    brightness, contrast, saturation = (factors[:, i, None, None, None] for i in range(3))
    grey = tf.reduce_mean(pixels, 3, keepdims=True)
    mean = tf.reduce_mean(grey, (1, 2), keepdims=True)
    # Saturation scales the distance from each pixel's grey, contrast that from the photo's mean.
    mixed = (grey + (pixels - grey) * saturation - mean) * contrast + mean
    return tf.clip_by_value(mixed * brightness, 0, 255)
