"""Photos whose classes are the cells of the earth that they were taken in."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mobilenet_tf.contract.places import PlaceCell
from mobilenet_tf.data.dataset import Dataset

__all__ = ["PlaceDataset"]


@dataclass(frozen=True)
class PlaceDataset(Dataset):
    """A Dataset of photos with positions.

    cells:     of the classes, in their order.
    positions: (n, 2) where the photos to validate with were taken, latitude and longitude in degrees.
    """

    cells: tuple[PlaceCell, ...] = ()
    positions: NDArray[np.float64] | None = None
