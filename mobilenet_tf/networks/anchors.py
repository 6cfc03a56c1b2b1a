"""The anchors of an SSD: the boxes that its outputs are relative to (Liu et al. 2016, section 2.2). NumPy only.

The scales, the ratios and the order are those of TensorFlow's ssd_anchor_generator, so that the published detectors
have the same: three anchors in each cell of the first feature map, and six in each of the others.
"""

import math
from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["ANCHORS_PER_CELL", "anchor_shapes", "anchors"]

ANCHORS_PER_CELL = (3, 6, 6, 6, 6, 6)
SMALLEST_SCALE, LARGEST_SCALE = 0.2, 0.95  # of the first and of the last feature map, as shares of the photo's side
FIRST_SMALL_SCALE = 0.1  # of the square anchors in the first feature map
RATIOS = (1.0, 2.0, 0.5, 3.0, 0.3333)  # width to height


def anchor_shapes() -> list[list[tuple[float, float]]]:
    """(height, width) of the anchors in a cell of each feature map, as shares of the photo's sides (eq. 4)."""
    maps = len(ANCHORS_PER_CELL)
    scales = [SMALLEST_SCALE + (LARGEST_SCALE - SMALLEST_SCALE) * number / (maps - 1) for number in range(maps)]
    shapes = [[(FIRST_SMALL_SCALE, 1.0), (scales[0], 2.0), (scales[0], 0.5)]]
    for scale, following in zip(scales[1:], [*scales[2:], 1.0], strict=True):
        shapes.append([*((scale, ratio) for ratio in RATIOS), (math.sqrt(scale * following), 1.0)])
    return [[(scale / math.sqrt(ratio), scale * math.sqrt(ratio)) for scale, ratio in of_map] for of_map in shapes]


def anchors(feature_sizes: Sequence[tuple[int, int]]) -> "NDArray[np.float32]":
    """All anchors, (n, 4) float32 as (ycenter, xcenter, height, width), shares of the photo's height and width.

    feature_sizes: (height, width) of the six feature maps. The order is that of the outputs of the heads: map, row,
    column, anchor in the cell.
    """
    return _anchors(tuple(feature_sizes)).copy()


@cache
def _anchors(feature_sizes: tuple[tuple[int, int], ...]) -> "NDArray[np.float32]":
    import numpy as np

    maps = []
    for (height, width), shapes in zip(feature_sizes, anchor_shapes(), strict=True):
        rows, columns = (np.arange(height) + 0.5) / height, (np.arange(width) + 0.5) / width
        cells = np.empty((height, width, len(shapes), 4))
        cells[..., 0], cells[..., 1] = rows[:, None, None], columns[None, :, None]
        cells[..., 2:] = shapes
        maps.append(cells.reshape(-1, 4))
    return np.concatenate(maps).astype(np.float32)
