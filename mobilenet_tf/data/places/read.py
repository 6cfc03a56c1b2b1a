"""One look at each photo of a folder: whether it can be read, how it looks, and where it was taken."""

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from mobilenet_tf.contract.photo_file import open_photo, open_regular
from mobilenet_tf.data.photo_looks import PhotoLooks
from mobilenet_tf.data.photos import find_photos, photo_suffixes, unreadable_photo
from mobilenet_tf.data.scan import find_broken
from mobilenet_tf.errors import DataError
from mobilenet_tf.progress import OnProgress
from mobilenet_tf.terminal import shortened_list

from .gps import Position, position_of

__all__ = ["PlacedPhotos", "read_places"]


@dataclass(frozen=True)
class PlacedPhotos:
    """The photos of a folder whose position is known, in the order of their paths.

    positions: (n, 2) latitude and longitude in degrees.
    skipped:   a line for each photo that cannot be read or has an impossible position, and for those that have none.
    left_out:  the number of photos among these.
    broken:    how many of them cannot be read.
    """

    paths: tuple[str, ...]
    positions: NDArray[np.float64]
    looks: PhotoLooks
    skipped: tuple[str, ...]
    left_out: int
    broken: int


def read_places(folder: Path, on_progress: OnProgress) -> PlacedPhotos:
    """Every photo under `folder`, each decoded once to find the broken ones.

    Raises DataError if no photo says where it was taken, ImagesError if there is no photo.
    """
    found = find_photos(folder)
    paths = found.paths
    looks, positions, wrong = PhotoLooks.blank(len(paths)), dict[int, Position | None](), dict[int, str]()

    def look(index: int) -> None:
        photo_suffixes()  # so that Pillow can open HEIC files if pillow-heif is installed
        try:
            with open_regular(paths[index]) as file:
                content = file.read()
            looks.look(index, content)
            with open_photo(io.BytesIO(content)) as image:
                positions[index] = _position(image, index, wrong)
        except Exception as error:  # Pillow's decoders raise errors of many kinds
            raise unreadable_photo(paths[index], error) from error

    broken = find_broken(look, len(paths), on_progress)
    placed = np.array([index for index in range(len(paths)) if positions.get(index) is not None], np.int64)
    without = [index for index in range(len(paths)) if index not in broken and index not in wrong]
    without = [index for index in without if positions[index] is None]
    skipped = (*broken.values(), *_wrong_lines(paths, wrong), *_without_line(folder, paths, without), *found.unread)
    if not len(placed):
        raise DataError(
            f"expected photos with a GPS position in their EXIF data in {folder}; none of {len(paths)} can be used.\n"
            f"{skipped[0]}\nMessengers and web sites remove the position: take the files that the camera or the phone "
            "wrote."
        )
    return PlacedPhotos(
        tuple(str(paths[index]) for index in placed),
        np.array([positions[index] for index in placed], np.float64),
        looks.at(placed),
        skipped,
        found.seen - len(placed),
        len(broken),
    )


def _position(image: Image.Image, index: int, wrong: dict[int, str]) -> Position | None:
    """The position of an opened photo; why it has none, if it says an impossible one, goes into `wrong`."""
    try:
        return position_of(image)
    except ValueError as error:
        wrong[index] = str(error)
        return None


def _wrong_lines(paths: Sequence[Path], wrong: Mapping[int, str]) -> list[str]:
    return [f"{paths[index]}: {why}." for index, why in sorted(wrong.items())]


def _without_line(folder: Path, paths: Sequence[Path], without: Sequence[int]) -> list[str]:
    if not without:
        return []
    names = shortened_list([str(paths[index].relative_to(folder)) for index in without], 3)
    return [f"{folder}: without a GPS position in the EXIF data, {len(without)} of {len(paths)} photos: {names}."]
