"""Labelled photos -> batches to train on: the photos' centre squares, and the parameters of their random views.

The whole centre square of a photo is scaled by the evaluation rule to 8/7 of the resolution, so that the middle 7/8 of
it looks as the photo does in evaluation. These squares are small, all of one size, and kept in memory if they fit.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from mobilenet_tf.contract.photo_file import photo_memory
from mobilenet_tf.contract.preprocessing import preprocess
from mobilenet_tf.data.dataset import Photos, evenly_spaced

from .augmentation import random_views
from .config import SizedConfig
from .epoch_batches import EpochBatches
from .evaluation import CACHE_BYTES
from .kept_images import KeptImages

__all__ = ["CenterSquares", "TrainingBatches"]

SAMPLE_SIZE = 64  # photos that are read to learn how large they are

UInt8 = NDArray[np.uint8]


class CenterSquares(KeptImages):
    """The centre square of each photo at one size."""

    def __init__(self, photos: Photos, res: int, cache_bytes: int = CACHE_BYTES) -> None:
        self._photos, self.labels = photos, photos.labels
        super().__init__(len(photos), self._side(res), cache_bytes)

    def _side(self, res: int) -> int:
        """8/7 of the resolution, but no more than the photos have."""
        full = -(-8 * res // 7)
        sample = evenly_spaced(self._photos, SAMPLE_SIZE)
        largest = max(min(sample.read(index, full).shape[:2]) for index in range(len(sample)))
        return min(full, largest)

    def make(self, index: int) -> UInt8:
        """See KeptImages."""
        with photo_memory():
            pixels = self._photos.read(index, 2 * self.side)
            return preprocess(pixels, self.side, side=min(pixels.shape[:2]))


class TrainingBatches(EpochBatches):
    """Batches of (squares, boxes, factors, labels)."""

    def __init__(
        self, photos: Photos, config: SizedConfig, res: int, strategy: Any, *, squares_for: int | None = None
    ) -> None:
        """squares_for: a resolution that views are made at beside those of the network; None: there is no other."""
        self._res = res
        resolutions = [one for epoch in range(config.epochs) for one in config.resolutions(res, epoch)]
        largest = max(*resolutions, squares_for or res)
        squares = self._squares = CenterSquares(photos, largest)
        pixels = ("uint8", (squares.side, squares.side, 3))
        labels = ("int64", squares.labels.shape[1:])
        super().__init__(len(photos), config, strategy, (pixels, ("float32", (4,)), ("float32", (3,)), labels))

    def resolution(self, epoch: int, step: int) -> int:
        """See EpochBatches."""
        choices = self.config.resolutions(self._res, epoch)
        return choices[np.random.default_rng((self.config.seed, epoch, step, 1)).integers(len(choices))]

    def share(self, order: NDArray[np.int64], epoch: int, step: int, replica: int, replicas: int) -> Any:
        """See EpochBatches."""
        size = self.config.batch_size
        views = random_views(self.config.augmentation, size, np.random.default_rng((self.config.seed, epoch, step)))
        share = slice(replica * size // replicas, (replica + 1) * size // replicas)
        indices = order[step * size : (step + 1) * size][share]
        return self._squares[indices], views.boxes[share], views.factors[share], self._squares.labels[indices]
