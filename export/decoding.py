"""Read the photos of a folder: each content once, several at a time, and no more of them than are wanted."""

import hashlib
from collections import Counter
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mobilenet_tf.contract.preprocessing import preprocess
from mobilenet_tf.data.photos import read_photo
from mobilenet_tf.errors import ImagesError

__all__ = ["Decoded", "Decoder", "without_copies"]

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
            return preprocess(read_photo(path), self.res)
        except ImagesError:
            return None


def without_copies(paths: Sequence[Path]) -> tuple[list[Path], Counter[Path]]:
    """The paths without those whose content an earlier one has, and how many copies each of the kept ones has.

    Only files of which others have the size are read.
    """
    sizes = {path: path.stat().st_size for path in paths}
    of_size = Counter(sizes.values())
    first: dict[str, Path] = {}
    copies: Counter[Path] = Counter()
    kept = []
    for path in paths:
        if of_size[sizes[path]] > 1:
            try:
                digest = hashlib.sha256(path.read_bytes()).hexdigest()
            except OSError:
                digest = str(path)  # decoding it will fail too, and name it
            original = first.setdefault(digest, path)
            if original is not path:
                copies[original] += 1
                continue
        kept.append(path)
    return kept, copies
