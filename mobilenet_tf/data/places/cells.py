"""Cells of the earth that hold about as many photos each: small ones in cities, large ones in deserts.

PlaNet (Weyand et al. 2016, section 3): the cells of Google's S2 geometry are a quadtree on each of the six faces of a
cube around the earth; a cell with too many photos is split into its four children.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from mobilenet_tf.data.dataset import Int64
from mobilenet_tf.errors import require

__all__ = ["NO_CELL", "Cells", "cells_named", "split_cells"]

DEEPEST_LEVEL = 16  # cells about 150 m wide: a receiver in a street is hardly more exact
NO_CELL = -1


@dataclass(frozen=True)
class Cells:
    """Cells of several levels, none of which is inside another: their ids in the S2 geometry."""

    ids: tuple[int, ...]

    @property
    def tokens(self) -> list[str]:
        """Their ids as S2 writes them in text."""
        import s2cell

        return [s2cell.cell_id_to_token(cell) for cell in self.ids]

    def numbers_of(self, places: NDArray[np.float64]) -> Int64:
        """For places (n, 2), latitude and longitude in degrees: the number of the cell that each is in, or NO_CELL."""
        leaves = _leaves(places)
        return np.array([self._number_of(leaf) for leaf in leaves], np.int64)

    def _number_of(self, leaf: int) -> int:
        ancestors = (_parent(leaf, level) for level in self._levels)
        return next((self._number[cell] for cell in ancestors if cell in self._number), NO_CELL)

    @cached_property
    def _number(self) -> dict[int, int]:
        return {cell: number for number, cell in enumerate(self.ids)}

    @cached_property
    def _levels(self) -> Sequence[int]:
        import s2cell

        return sorted({s2cell.cell_id_to_level(cell) for cell in self.ids})


def cells_named(tokens: Sequence[str]) -> Cells:
    """The cells of these tokens, in their order."""
    require("s2cell")
    import s2cell

    return Cells(tuple(s2cell.token_to_cell_id(token) for token in tokens))


def split_cells(places: NDArray[np.float64], fewest: int, most: int) -> Cells:
    """Split cells until none holds more than `most` of the places (n, 2), then drop those that hold less than `fewest`.

    A cell of DEEPEST_LEVEL is not split: many photos may have been taken in one spot.
    """
    leaves = _leaves(places)
    found = []
    pending = [(0, members) for members in _by_cell(leaves, range(len(leaves)), 0).values()]
    while pending:
        level, members = pending.pop()
        if len(members) > most and level < DEEPEST_LEVEL:
            pending += [(level + 1, part) for part in _by_cell(leaves, members, level + 1).values()]
        elif len(members) >= fewest:
            found.append(_parent(leaves[members[0]], level))
    return Cells(tuple(sorted(found)))


def _leaves(places: NDArray[np.float64]) -> list[int]:
    """The smallest cells, of S2's level 30, that places (n, 2) are in."""
    require("s2cell")
    import s2cell

    return [s2cell.lat_lon_to_cell_id(latitude, longitude) for latitude, longitude in places.tolist()]


def _by_cell(leaves: Sequence[int], members: Iterable[int], level: int) -> dict[int, list[int]]:
    """Cell of a level -> those of the members, which are places in `leaves`, that are in it."""
    found: dict[int, list[int]] = {}
    for index in members:
        found.setdefault(_parent(leaves[index], level), []).append(index)
    return found


def _parent(leaf: int, level: int) -> int:
    import s2cell

    parent: int = s2cell.cell_id_to_parent_cell_id(leaf, level)
    return parent
