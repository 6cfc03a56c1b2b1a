"""One look at each annotated photo: whether it can be read, its size, how it looks, and which of its boxes fit it."""

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from PIL import ExifTags

from mobilenet_tf.contract.photo_file import open_photo, open_regular
from mobilenet_tf.data.dataset import Int64
from mobilenet_tf.data.photo_looks import PhotoLooks
from mobilenet_tf.data.photos import photo_suffixes, unreadable_photo
from mobilenet_tf.data.scan import find_broken
from mobilenet_tf.progress import OnProgress

from .annotations import AnnotatedPhoto
from .boxed_photos import BoxedPhotos
from .check import BoxProblems, CheckedBoxes, PhotoSize, checked_boxes

__all__ = ["ReadPhotos", "read_photos"]


@dataclass(frozen=True)
class ReadPhotos:
    """The photos that can be used, their places `indices` among those that were to be read, and how they look.

    broken: a line for each photo that cannot be read.
    """

    photos: BoxedPhotos
    indices: Int64
    looks: PhotoLooks
    broken: tuple[str, ...]
    problems: BoxProblems

    @property
    def skipped(self) -> list[str]:
        """All lines on what is left out."""
        return [*self.broken, *self.problems.lines()]


def read_photos(
    annotated: Sequence[AnnotatedPhoto], number_of: Mapping[str, int], on_progress: OnProgress
) -> ReadPhotos:
    """Look at each photo once, and check its boxes against its size. number_of: each class, as boxes name it."""
    looks, sizes = PhotoLooks.blank(len(annotated)), dict[int, PhotoSize]()
    photo_suffixes()  # so that Pillow can open HEIC files if pillow-heif is installed

    def look(index: int) -> None:
        try:
            with open_regular(annotated[index].path) as file:
                content = file.read()
            with open_photo(io.BytesIO(content)) as image:
                stated = image.getexif().get(ExifTags.Base.Orientation)
                orientation = stated if isinstance(stated, int) and 1 <= stated <= 8 else 1  # as load_rgb takes it
                width, height = image.size[::-1] if orientation >= 5 else image.size
            looks.look(index, content)
        except Exception as error:  # Pillow's decoders raise errors of many kinds
            raise unreadable_photo(annotated[index].path, error) from error
        sizes[index] = PhotoSize(height, width, orientation)

    broken = find_broken(look, len(annotated), on_progress)
    problems = BoxProblems()
    checked: dict[int, CheckedBoxes] = {}
    for index, photo in enumerate(annotated):
        boxes = None if index in broken else checked_boxes(photo, sizes[index], number_of, problems)
        if boxes is not None:
            checked[index] = boxes
    indices = np.array([*checked], np.int64)
    seen = looks.at(indices)
    photos = BoxedPhotos(
        tuple(annotated[index].path for index in checked),
        tuple(one.boxes for one in checked.values()),
        tuple(one.classes for one in checked.values()),
        tuple(one.ignored for one in checked.values()),
        np.array([(sizes[index].height, sizes[index].width) for index in checked], np.int64).reshape(-1, 2),
        seen.digests,
    )
    return ReadPhotos(photos, indices, seen, tuple(broken.values()), problems)
