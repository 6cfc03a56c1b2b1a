"""Photos with GPS positions to train on and to validate with: their classes are cells of the earth."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mobilenet_tf.contract.places import PlaceCell, position_text
from mobilenet_tf.data.dataset import Photos
from mobilenet_tf.data.folder import FilePhotos
from mobilenet_tf.data.sides import Sides, given_sides, held_out_sides
from mobilenet_tf.errors import DataError
from mobilenet_tf.progress import OnProgress, ignore_progress, part_of
from mobilenet_tf.tasks.places import middle_of, radius_km

from .cells import NO_CELL, Cells, split_cells
from .dataset import PlaceDataset
from .read import PlacedPhotos, read_places

__all__ = ["load_places"]

SCANNED = 0.95  # share of the time after which all photos are read; the rest finds copies
TRAIN_SHARE = 0.8  # of the time that scanning both folders takes
FEWEST = 2  # photos of a cell: one to train on, one to validate with
DIGITS = (2, 3, 4, 5)  # after the point, of degrees in the name of a class: the first that tell all classes apart

Float64 = NDArray[np.float64]


def load_places(
    source: str | Path,
    *,
    validation: Path | None = None,
    validation_share: float = 0.2,
    seed: int = 0,
    photos_of_a_cell: tuple[int, int] = (10, 100),
    on_progress: OnProgress = ignore_progress,
) -> PlaceDataset:
    """The photos under a folder, by the GPS positions in their EXIF data.

    photos_of_a_cell: the fewest and the most photos that a cell may hold, see cells.split_cells. Photos in cells with
    fewer are left out. `validation` is a folder of photos to validate with, each in one of these cells; None:
    `validation_share` of the photos of each cell validates, chosen by `seed`.
    Raises DataError if there are less than two cells, or no photo has a position; ImagesError for a folder without
    photos.
    """
    if not 0 < validation_share < 1:
        raise DataError(f"expected a validation share between 0 and 1, such as 0.2; got {validation_share:g}.")
    folder = Path(source)
    found = read_places(folder, part_of(on_progress, 0, SCANNED if validation is None else TRAIN_SHARE * SCANNED))
    fewest, most = photos_of_a_cell
    cells = split_cells(found.positions, fewest, most)
    if len(cells.ids) < 2:
        raise DataError(_too_few_cells(len(cells.ids), folder, found.positions, photos_of_a_cell))
    numbers = cells.numbers_of(found.positions)
    classes = _names(cells, found.positions, numbers)
    skipped, left_out = _in_cells(numbers, f"{folder}: where fewer than {fewest} photos were taken")
    photos, looks = _photos(found, numbers), found.looks.at(np.flatnonzero(numbers != NO_CELL))
    on_copies, read = part_of(on_progress, SCANNED, 1), [found]
    if validation is None:
        sides = held_out_sides(classes, photos, looks, validation_share, seed, on_copies)
    else:
        others = read_places(validation, part_of(on_progress, TRAIN_SHARE * SCANNED, SCANNED))
        inside = cells.numbers_of(others.positions)
        lines, outside = _in_cells(inside, f"{validation}: in no cell that is trained on")
        skipped, left_out, read = [*skipped, *lines], left_out + outside, [found, others]
        both = looks, others.looks.at(np.flatnonzero(inside != NO_CELL))
        given = photos, _photos(others, inside)
        sides = given_sides(classes, given, both, validation_share, seed, on_copies)
    return _dataset(classes, cells, read, sides, [line for one in read for line in one.skipped] + skipped, left_out)


def _dataset(
    classes: tuple[str, ...],
    cells: Cells,
    read: Sequence[PlacedPhotos],
    sides: Sides,
    skipped: Sequence[str],
    outside: int,
) -> PlaceDataset:
    """The PlaceDataset. outside: how many photos are in no cell."""
    position_of = {path: place for one in read for path, place in zip(one.paths, one.positions, strict=True)}
    trained, positions = _positions(sides.train, position_of), _positions(sides.validation, position_of)
    everywhere = np.concatenate([trained, positions])
    labels = np.concatenate([sides.train.labels, sides.validation.labels])
    data = sides.dataset(
        classes,
        tuple(skipped),
        outside + sum(one.left_out for one in read),
        sum(one.broken for one in read),
        (),
    )
    made = []
    for number, token in enumerate(cells.tokens):
        own = trained[sides.train.labels == number]
        # Validation photos tell nothing of a cell, unless copies have left it no other.
        made.append(_cell(token, own if len(own) else everywhere[labels == number]))
    fields = {name: getattr(data, name) for name in data.__dataclass_fields__}
    return PlaceDataset(**fields, cells=tuple(made), positions=positions)


def _cell(token: str, places: Float64) -> PlaceCell:
    middle = middle_of(places)
    latitude, longitude = (round(float(value), 6) for value in middle)
    return PlaceCell(token, latitude, longitude, round(radius_km(middle, places), 3))


def _positions(photos: Photos, position_of: dict[str, Float64]) -> Float64:
    """(n, 2)."""
    return np.array([position_of[photos.name(index)] for index in range(len(photos))], np.float64).reshape(-1, 2)


def _photos(found: PlacedPhotos, numbers: NDArray[np.int64]) -> FilePhotos:
    """Those of the photos that are in a cell."""
    inside = np.flatnonzero(numbers != NO_CELL)
    paths = tuple(found.paths[index] for index in inside)
    return FilePhotos(paths, numbers[inside], found.looks.digests[inside])


def _in_cells(numbers: NDArray[np.int64], where: str) -> tuple[list[str], int]:
    """(a line on the photos that are in no cell, if there are any; their number)."""
    count = int((numbers == NO_CELL).sum())
    return [f"{where}, {count} of {len(numbers)} photos."] if count else [], count


def _names(cells: Cells, positions: Float64, numbers: NDArray[np.int64]) -> tuple[str, ...]:
    """A name for each cell, the middle of its photos: `48.86 N 2.35 E`."""
    middles = [middle_of(positions[numbers == number]) for number in range(len(cells.ids))]
    for digits in DIGITS:
        names = [position_text(latitude, longitude, digits) for latitude, longitude in middles]
        if len({*names}) == len(names):
            return tuple(names)
    twice = {name for name, count in Counter(names).items() if count > 1}
    return tuple(f"{name} {token}" if name in twice else name for name, token in zip(names, cells.tokens, strict=True))


def _too_few_cells(count: int, folder: Path, positions: Float64, photos_of_a_cell: tuple[int, int]) -> str:
    fewest = photos_of_a_cell[0]
    found = "one cell" if count else "no cell"
    smaller = _bounds_with_cells(positions, *photos_of_a_cell)
    remedy = "Add photos of other places." if smaller is None else f"Add photos, or try --cell-photos {smaller}."
    return (
        f"expected photos of several places in {folder}; its {len(positions)} photos with a position give {found} of "
        f"the earth with {fewest} photos or more.\n{remedy}"
    )


def _bounds_with_cells(positions: Float64, fewest: int, most: int) -> str | None:
    """The largest halves and quarters of these bounds that give several cells; None if none does."""
    while fewest >= FEWEST:
        bound = most
        while bound >= fewest:
            if len(split_cells(positions, fewest, bound).ids) > 1:
                return f"{fewest}:{bound}"
            bound //= 2
        fewest //= 2
    return None
