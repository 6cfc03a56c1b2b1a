"""Open a photo's file of anybody's, and turn it into RGB: of the kinds that are read and no other, and within bounds of
memory.

A decoder that Pillow has and that is not needed is never started: some run programs, as that of EPS does Ghostscript.
"""

import os
import stat
import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from io import BufferedReader
from pathlib import Path
from typing import IO

import numpy as np
from numpy.typing import NDArray
from PIL import ExifTags, Image

__all__ = ["open_photo", "open_regular", "photo_memory", "rgb_of"]

UInt8 = NDArray[np.uint8]

FORMATS = ("JPEG", "MPO", "PNG", "WEBP", "BMP", "TIFF", "PPM", "AVIF", "HEIF")  # by Pillow's and pillow-heif's names
MAX_FILE = 2**29  # bytes; an uncompressed TIFF of as many pixels as Pillow opens takes as many
BAND = 2**20  # pixels that are converted to RGB at once
MOST_PIXELS = 2**27  # of all photos that are decoded at one time; each takes up to 7 bytes


@contextmanager
def open_regular(path: str | Path) -> Iterator[BufferedReader]:
    """The file at `path`, to read. Raises OSError for what is no regular file, such as a pipe that nobody writes to: it
    is not waited for; and for one that is too large for a photo.
    """
    with open(path, "rb", opener=lambda name, flags: os.open(name, flags | os.O_NONBLOCK)) as file:
        status = os.fstat(file.fileno())
        if not stat.S_ISREG(status.st_mode):
            raise OSError("it is no regular file")
        if status.st_size > MAX_FILE:
            raise OSError(f"it has {status.st_size} bytes, and a photo at most {MAX_FILE}")
        yield file


@contextmanager
def open_photo(file: IO[bytes]) -> Iterator[Image.Image]:
    """The image in an open file, not decoded yet. What `rgb_of` decodes of it counts as in memory until the block ends,
    or that of `photo_memory` around it. Raises what Pillow raises.
    """
    Image.init()
    formats = [name for name in FORMATS if name in Image.OPEN]
    with photo_memory(), Image.open(file, formats=formats) as image:
        yield image


def rgb_of(image: Image.Image) -> UInt8:
    """The pixels of an opened image, (height, width, 3), with the EXIF orientation applied; perhaps a view of an array.

    Beside the image in its own colours there are never more than a few of its rows in others. Raises what Pillow does.
    """
    if image.mode == "F":
        raise ValueError("its pixels are floating-point numbers, and their range is not known")
    _gate.take(image.width * image.height)
    image.load()
    width, height = image.size
    pixels = np.empty((height, width, 3), np.uint8)
    rows = max(1, BAND // width)
    for top in range(0, height, rows):
        end = min(top + rows, height)
        pixels[top:end] = _rgb_band(image if rows >= height else image.crop((0, top, width, end)))
    return _upright(pixels, image.getexif().get(ExifTags.Base.Orientation, 1))


def _rgb_band(band: Image.Image) -> UInt8:
    """The pixels of a part of an image, (height, width, 3) or (height, width, 1)."""
    if band.mode.startswith("I"):  # 16-bit grey: Pillow would clip it at 255, which makes a white photo
        return (np.asarray(band) >> 8).clip(0, 255).astype(np.uint8)[..., None]
    if band.mode == "P":  # the same colours, without a warning about transparent palettes
        band = band.convert("RGBA")
    return np.asarray(band if band.mode == "RGB" else band.convert("RGB"))  # which would copy what is RGB already


def _upright(pixels: UInt8, orientation: object) -> UInt8:
    """A view of the pixels as they are to be seen, by the orientation of EXIF; as they are if it is none of its own."""
    match orientation:
        case 2:
            return pixels[:, ::-1]
        case 3:
            return pixels[::-1, ::-1]
        case 4:
            return pixels[::-1]
        case 5:
            return pixels.transpose(1, 0, 2)
        case 6:
            return np.rot90(pixels, -1)
        case 7:
            return pixels[::-1, ::-1].transpose(1, 0, 2)
        case 8:
            return np.rot90(pixels)
        case _:
            return pixels


class _Gate:
    """Lets threads decode as many photos at one time as have MOST_PIXELS together; a larger one goes alone."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._in_memory = 0
        self._own = threading.local()  # pixels: of this thread, in the block of photo_memory that it is in

    @contextmanager
    def block(self) -> Iterator[None]:
        if getattr(self._own, "pixels", None) is not None:  # inside another block, which counts
            yield
            return
        self._own.pixels = 0
        try:
            yield
        finally:
            with self._changed:
                self._in_memory -= self._own.pixels
                self._changed.notify_all()
            self._own.pixels = None

    def take(self, pixels: int) -> None:
        """Count `pixels` for the block that this thread is in, if it is in one. Its first photo waits until there is
        room; a further one does not, so that threads never wait for each other.
        """
        if getattr(self._own, "pixels", None) is None:
            return
        with self._changed:
            if self._own.pixels == 0:
                self._changed.wait_for(lambda: not self._in_memory or self._in_memory + pixels <= MOST_PIXELS)
            self._in_memory += pixels
            self._own.pixels += pixels


_gate = _Gate()


def photo_memory() -> AbstractContextManager[None]:
    """A block in which a thread decodes one photo and makes something small of it: its pixels count as in memory until
    the block ends. Without it they count until they are decoded.
    """
    return _gate.block()
