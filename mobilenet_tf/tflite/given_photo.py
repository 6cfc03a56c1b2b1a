"""A photo as a person gives it to a Classifier or Detector: a path, a PIL image, or pixels."""

import os
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from mobilenet_tf.contract.photo_file import rgb_of
from mobilenet_tf.data.photos import read_photo
from mobilenet_tf.errors import ImagesError

__all__ = ["Photo", "pixels_of"]

UInt8 = NDArray[np.uint8]
Photo = str | os.PathLike[str] | Image.Image | UInt8


def pixels_of(photo: Photo) -> UInt8:
    """The pixels of a photo, uint8 (height, width, 3). Raises ImagesError."""
    if isinstance(photo, str | os.PathLike):
        return read_photo(Path(photo))
    if isinstance(photo, Image.Image):
        try:
            return rgb_of(photo)
        except Exception as error:  # Pillow's decoders raise errors of many kinds
            raise ImagesError(f"cannot read the PIL image: {error}.") from error
    is_array = isinstance(photo, np.ndarray)
    if not is_array or photo.dtype != np.uint8 or photo.ndim != 3 or photo.shape[2] != 3 or not photo.size:
        found = f"an array of {photo.dtype} {photo.shape}" if is_array else type(photo).__name__
        raise ImagesError(
            "expected a photo as a path, a PIL image, or an array of uint8 pixels (height, width, 3) in RGB; "
            f"got {found}.\nGive one photo, with its pixels from 0 to 255 as they are: they are normalized here."
        )
    return photo
