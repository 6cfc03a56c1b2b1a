"""Square images of photos, made on first use, and kept if all of them fit in memory."""

import numpy as np
from numpy.typing import NDArray

__all__ = ["KeptImages"]

UInt8 = NDArray[np.uint8]


class KeptImages:
    """`count` images (side, side, 3), kept if all fit in `cache_bytes`. A class of its own says how one is made."""

    def __init__(self, count: int, side: int, cache_bytes: int) -> None:
        self.side = side
        fits = count * side**2 * 3 <= cache_bytes
        self._kept = np.empty((count, side, side, 3), np.uint8) if fits else None
        self._made = np.zeros(count, bool)

    def __len__(self) -> int:
        return len(self._made)

    def __getitem__(self, indices: NDArray[np.int64]) -> UInt8:
        """(n,) indices -> (n, side, side, 3)."""
        if self._kept is None:
            return np.stack([self.make(int(index)) for index in indices])
        for index in indices[~self._made[indices]]:
            self._kept[index] = self.make(int(index))
            self._made[index] = True
        return self._kept[indices]

    def make(self, index: int) -> UInt8:
        """(side, side, 3): one image."""
        raise NotImplementedError
