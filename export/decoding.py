"""Read photos, several at a time, and no more of them than are wanted."""

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mobilenet_tf.contract.photo_file import photo_memory
from mobilenet_tf.contract.preprocessing import preprocess
from mobilenet_tf.data.photos import read_photo
from mobilenet_tf.errors import ImagesError

__all__ = ["Decoded", "Decoder"]

DECODERS = 4  # threads

UInt8 = NDArray[np.uint8]
Decoded = tuple[Path, UInt8]  # a photo and what is seen of it, (res, res, 3)


class Decoder:
    """Decodes photos to what a network of one resolution sees of them.

    view:   (pixels, res) -> what it sees, (res, res, 3): the evaluation crop, or all of the photo.
    broken: the photos that could not be read so far.
    """

    def __init__(self, res: int, view: Callable[[UInt8, int], UInt8] = preprocess) -> None:
        self.res, self._view = res, view
        self.broken: list[Path] = []

    def decode(self, paths: Iterable[Path], most: int) -> list[Decoded]:
        """The first `most` readable ones of these photos."""
        decoded: list[Decoded] = []
        with ThreadPoolExecutor(DECODERS) as pool:
            remaining = iter(paths)
            while chunk := list(islice(remaining, max(0, most - len(decoded)))):
                for path, image in zip(chunk, pool.map(self._decode, chunk), strict=True):
                    if image is None:
                        self.broken.append(path)
                    else:
                        decoded.append((path, image))
        return decoded

    def _decode(self, path: Path) -> UInt8 | None:
        try:
            with photo_memory():
                return self._view(read_photo(path), self.res)
        except ImagesError:
            return None
