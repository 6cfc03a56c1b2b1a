"""Whole photos, stretched to squares of one size as detectors see them, decoded once and kept if they fit."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from numpy.typing import NDArray

from mobilenet_tf.contract.photo_file import photo_memory
from mobilenet_tf.contract.preprocessing import stretch
from mobilenet_tf.data.boxes.boxed_photos import BoxedPhotos
from mobilenet_tf.training.evaluation import CACHE_BYTES, DECODERS
from mobilenet_tf.training.kept_images import KeptImages

__all__ = ["StretchedPhotos", "working_side"]

UInt8 = NDArray[np.uint8]

FULL_SIZE = 2**31  # a short side that no photo has: read it as it is
WORKING_SIZE = 1.5  # times the resolution: a part of a photo keeps its pixels
BATCH = 32  # images at a time


class StretchedPhotos(KeptImages):
    """Each photo, all of it, as a square."""

    def __init__(self, photos: BoxedPhotos, side: int, cache_bytes: int = CACHE_BYTES) -> None:
        self.photos = photos
        super().__init__(len(photos), side, cache_bytes)

    def batches(self) -> Iterator[UInt8]:
        """All photos in order, several at a time, decoded by several threads."""
        with ThreadPoolExecutor(DECODERS) as pool:
            for start in range(0, len(self), BATCH):
                indices = np.arange(start, min(start + BATCH, len(self)))
                list(pool.map(lambda index: self[np.array([index])], indices if self._kept is not None else ()))
                yield self[indices]

    def make(self, index: int) -> UInt8:
        """See KeptImages."""
        with photo_memory():
            return stretch(self.photos.read(index, FULL_SIZE), self.side)


def working_side(photos: int, res: int, cache_bytes: int = CACHE_BYTES) -> int:
    """The side at which so many training photos are kept: 1.5 times the resolution, or less, so that all fit."""
    fitting = int((cache_bytes / (3 * max(1, photos))) ** 0.5)
    return min(round(WORKING_SIZE * res), max(res, fitting))
