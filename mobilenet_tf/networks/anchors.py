"""The anchors of an SSD: the boxes that its outputs are relative to (Liu et al. 2016, section 2.2). NumPy only.

The scales, the ratios and the order are those of TensorFlow's ssd_anchor_generator, so that the published detectors
have the same: three anchors in each cell of the first feature map, and six in each of the others. For photos of small
objects the scales begin lower (Liu et al. 2016, section 3.4, have smaller ones for COCO than for Pascal VOC), and each
is so many times the one before: equal differences would leave a gap after the first.
"""

import math
from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["ANCHORS_PER_CELL", "SMALLEST_ANCHOR", "anchor_shapes", "anchors"]

ANCHORS_PER_CELL = (3, 6, 6, 6, 6, 6)
SMALLEST_ANCHOR = 0.1  # the side of the square anchors in the first feature map, as a share of the photo's side
LARGEST_SCALE = 0.95  # of the last feature map; that of the first one is twice the smallest anchor
RATIOS = (1.0, 2.0, 0.5, 3.0, 0.3333)  # width to height


def anchor_shapes(smallest: float = SMALLEST_ANCHOR) -> list[list[tuple[float, float]]]:
    """(height, width) of the anchors in a cell of each feature map, as shares of the photo's sides.

    smallest: the side of the smallest anchor, such a share.
    """
    scales = _scales(2 * smallest, published=smallest == SMALLEST_ANCHOR)
    shapes = [[(smallest, 1.0), (scales[0], 2.0), (scales[0], 0.5)]]
    for scale, following in zip(scales[1:], [*scales[2:], 1.0], strict=True):
        shapes.append([*((scale, ratio) for ratio in RATIOS), (math.sqrt(scale * following), 1.0)])
    return [[(scale / math.sqrt(ratio), scale * math.sqrt(ratio)) for scale, ratio in of_map] for of_map in shapes]


def _scales(lowest: float, *, published: bool) -> list[float]:
    """Those of the six feature maps, of equal differences (eq. 4) if they are the published ones, else of equal
    ratios.
    """
    steps = len(ANCHORS_PER_CELL) - 1
    if published:
        return [lowest + (LARGEST_SCALE - lowest) * number / steps for number in range(steps + 1)]
    return [lowest * (LARGEST_SCALE / lowest) ** (number / steps) for number in range(steps + 1)]


def anchors(feature_sizes: Sequence[tuple[int, int]], smallest: float = SMALLEST_ANCHOR) -> "NDArray[np.float32]":
    """All anchors, (n, 4) float32 as (ycenter, xcenter, height, width), shares of the photo's height and width.

    feature_sizes: (height, width) of the six feature maps. The order is that of the outputs of the heads: map, row,
    column, anchor in the cell. smallest: see anchor_shapes.
    """
    return _anchors(tuple(feature_sizes), smallest).copy()


@cache
def _anchors(feature_sizes: tuple[tuple[int, int], ...], smallest: float) -> "NDArray[np.float32]":
    import numpy as np

    maps = []
    for (height, width), shapes in zip(feature_sizes, anchor_shapes(smallest), strict=True):
        rows, columns = (np.arange(height) + 0.5) / height, (np.arange(width) + 0.5) / width
        cells = np.empty((height, width, len(shapes), 4))
        cells[..., 0], cells[..., 1] = rows[:, None, None], columns[None, :, None]
        cells[..., 2:] = shapes
        maps.append(cells.reshape(-1, 4))
    return np.concatenate(maps).astype(np.float32)
