"""Photos with GPS positions for a model whose classes are cells of the earth, and how far its answers are from them."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mobilenet_tf.contract.photo_file import open_photo, open_regular
from mobilenet_tf.contract.places import PlaceCell
from mobilenet_tf.data.photos import find_photos, photo_suffixes, unreadable_photo
from mobilenet_tf.data.places.cells import NO_CELL, cells_named
from mobilenet_tf.data.places.gps import Position, position_of
from mobilenet_tf.errors import DataError
from mobilenet_tf.results.places_record import Distances
from mobilenet_tf.tasks.places import distances_km, distances_score

from .class_names import ClassNames
from .labelled_photos import LabelledPhotos

__all__ = ["distances_of", "placed_photos"]


def placed_photos(folder: Path, cells: Sequence[PlaceCell], names: ClassNames) -> LabelledPhotos:
    """The photos under `folder` that were taken in one of the model's cells; the others are left out, each with why.

    Raises DataError if there is none.
    """
    found = find_photos(folder)
    photo_suffixes()  # so that Pillow can open HEIC files if pillow-heif is installed
    positions, skipped = dict[Path, Position](), [*found.unread]
    for path in found.paths:
        position = _position(path)
        if isinstance(position, str):
            skipped.append(position)
        else:
            positions[path] = position
    numbers = cells_named([cell.token for cell in cells]).numbers_of(np.array([*positions.values()]).reshape(-1, 2))
    inside = [(path, int(number)) for path, number in zip(positions, numbers, strict=True) if number != NO_CELL]
    skipped += [
        f"{path}: it was taken in no cell that the model knows"
        for path, number in zip(positions, numbers, strict=True)
        if number == NO_CELL
    ]
    if not inside:
        raise DataError(
            f"expected photos in {folder} that were taken in the model's cells of the earth; none of "
            f"{len(found.paths)} was.\n{skipped[0]}"
        )
    return LabelledPhotos(
        folder,
        [path for path, _ in inside],
        [number for _, number in inside],
        skipped,
        names,
        seen=found.seen,
        cells=tuple(cells),
        positions=positions,
    )


def _position(path: Path) -> Position | str:
    """Where a photo was taken, or why that is not known."""
    try:
        with open_regular(path) as file, open_photo(file) as image:
            position = position_of(image)
    except ValueError as error:
        return f"{path}: {error}"
    except Exception as error:  # Pillow's decoders raise errors of many kinds
        return str(unreadable_photo(path, error)).removesuffix(".")
    return position or f"{path}: without a GPS position in its EXIF data"


def distances_of(photos: LabelledPhotos, paths: Sequence[Path], classes: NDArray[np.int64]) -> Distances | None:
    """The distances of the answers for some of the photos, by the class that each was given, (n,); None if the classes
    are no cells.
    """
    if not photos.cells:
        return None
    given = np.array([(photos.cells[number].latitude, photos.cells[number].longitude) for number in classes])
    score = distances_score(distances_km(given, np.array([photos.positions[path] for path in paths])))
    median_km = score["median_km"]
    return Distances({name.split("_")[1]: share for name, share in score.items() if name != "median_km"}, median_km)
