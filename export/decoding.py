"""Read photos, several at a time, and no more of them than are wanted."""

from collections.abc import Iterable
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
Decoded = tuple[Path, UInt8]  # a photo and its evaluation crop, (res, res, 3)


class Decoder:
    """Decodes photos to evaluation crops of one resolution. broken: the photos that could not be read so far."""

    def __init__(self, res: int) -> None:
        self.res = res
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
                return preprocess(read_photo(path), self.res)
        except ImagesError:
            return None
