"""The cells of the earth that are the classes of a network which says where a photo was taken: a list of them in JSON,
as a run, the manifest of an export and its .tflite files carry it.
"""

import json
import math
import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from mobilenet_tf.errors import ModelError
from mobilenet_tf.json_records import parse_versioned

__all__ = ["CELLS_FILE", "PlaceCell", "cells_as_json", "cells_from_json", "cells_problem", "position_text"]

CELLS_FILE = "cells.json"  # in the archive of a .tflite, beside its labels
VERSION = 1
HALF_WAY_KM = 20_038  # half of the equator: no two places are farther apart
_TOKEN = re.compile("[0-9a-f]{1,16}")


@dataclass(frozen=True)
class PlaceCell:
    """A cell of the earth, and where in it photos were taken.

    token:     its name in the S2 geometry, hexadecimal.
    latitude:  of the middle of the photos in it that were trained on, in degrees, north is positive.
    longitude: of the same, east is positive.
    radius_km: the great-circle distance from there within which nine of ten of these photos were taken.
    """

    token: str
    latitude: float
    longitude: float
    radius_km: float

    def __str__(self) -> str:
        digits = 2 if self.radius_km >= 1 else 4
        return f"{position_text(self.latitude, self.longitude, digits)} ±{_distance_text(self.radius_km)}"


@dataclass(frozen=True)
class _CellsFile:
    schema_version: int
    cells: list[PlaceCell]


def position_text(latitude: float, longitude: float, digits: int) -> str:
    """Degrees as people write them: `48.86 N 2.35 E`."""
    north, east = "S" if latitude < 0 else "N", "W" if longitude < 0 else "E"
    return f"{abs(latitude):.{digits}f} {north} {abs(longitude):.{digits}f} {east}"


def _distance_text(distance_km: float) -> str:
    if distance_km < 1:
        return f"{max(10, round(distance_km * 1000, -1)):.0f} m"
    return f"{distance_km:.1f} km" if distance_km < 10 else f"{distance_km:,.0f} km"


def cells_problem(cells: Sequence[PlaceCell], classes: int) -> str | None:
    """Why cells from a file cannot be those of so many classes; None if nothing is wrong."""
    if len(cells) != classes:
        return f"expected a cell for each of the {classes} classes; got {len(cells)}"
    for cell in cells:
        if not _TOKEN.fullmatch(cell.token):
            return f"expected the token of an S2 cell; got {cell.token[:20]!r}"
        values = (cell.latitude / 90, cell.longitude / 180, 2 * cell.radius_km / HALF_WAY_KM - 1)
        if not all(math.isfinite(value) and -1 <= value <= 1 for value in values):
            return f"expected a place on the earth for the cell {cell.token}"
    return None


def cells_as_json(cells: Sequence[PlaceCell]) -> str:
    """The content of the file in a .tflite: a line for each cell."""
    lines = ",\n".join(json.dumps(asdict(cell)) for cell in cells)
    return f'{{"schema_version": {VERSION}, "cells": [\n{lines}\n]}}\n'


def cells_from_json(text: str, place: str) -> list[PlaceCell]:
    """The cells that `cells_as_json` wrote. place: what an error calls the text.

    Raises ModelError for any other text.
    """
    advice = "Export the model again."
    cells: list[PlaceCell] = parse_versioned(_CellsFile, text, VERSION, place, ModelError, advice).cells
    problem = cells_problem(cells, len(cells))
    if problem is not None:
        raise ModelError(f"{place}: {problem}.\n{advice}")
    return cells
