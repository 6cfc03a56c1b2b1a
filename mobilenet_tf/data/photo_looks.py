"""What one look at a photo's file tells: its digest, size, colours, orientation, and a thumbnail to compare it by."""

import io
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import ExifTags, Image

from mobilenet_tf.contract.photo_file import open_photo, photo_memory, rgb_of

from .digests import digest_number

__all__ = ["MOST_COMPARED", "THUMBNAIL_SIDE", "TINY_SIDE", "PhotoLooks"]

MOST_COMPARED = 100_000  # photos: comparing each with each takes a core about half a minute for so many
TINY_SIDE = 64  # pixels: a photo whose short side is smaller is tiny
THUMBNAIL_SIDE = 16  # pixels
SHORT_SIDE = 4 * THUMBNAIL_SIDE  # a JPEG is decoded at a scale that leaves so many pixels
GREY_LEVELS = 4  # of 255 by which the channels of a grey photo may differ: saving it as JPEG changes so much
UPRIGHT = 1  # the orientation of EXIF that changes nothing


@dataclass(frozen=True)
class PhotoLooks:
    """What is known of n photos.

    digests:    (n,) see Photos.digests.
    short_side: (n,) pixels.
    is_grey:    (n,) whether a photo has no colour.
    is_rotated: (n,) whether its EXIF data say that it is to be rotated or mirrored, which is done whenever it is read.
    thumbnails: (n, THUMBNAIL_SIDE, THUMBNAIL_SIDE) luminance of the upright photo, its aspect ratio not kept; of more
                than MOST_COMPARED photos there are none, which would fill the memory.
    """

    digests: NDArray[np.uint64]
    short_side: NDArray[np.int32]
    is_grey: NDArray[np.bool_]
    is_rotated: NDArray[np.bool_]
    thumbnails: NDArray[np.uint8]

    @classmethod
    def blank(cls, count: int) -> "PhotoLooks":
        """Of `count` photos that `look` will be called for."""
        return cls(
            np.zeros(count, np.uint64),
            np.zeros(count, np.int32),
            np.zeros(count, bool),
            np.zeros(count, bool),
            np.zeros((count if count <= MOST_COMPARED else 0, THUMBNAIL_SIDE, THUMBNAIL_SIDE), np.uint8),
        )

    def look(self, index: int, content: bytes) -> None:
        """Look at one encoded photo, all of which is decoded: a truncated one raises. Raises what Pillow raises.

        A JPEG is decoded at 1/2, 1/4 or 1/8 scale if its thumbnail needs no more.
        """
        with photo_memory():
            self._keep_small(index, self._decoded(index, content))
        self.digests[index] = digest_number(content)

    def _keep_small(self, index: int, pixels: NDArray[np.uint8]) -> None:
        """Whether a photo of these pixels, (height, width, 3), is grey, and its thumbnail."""
        size = (THUMBNAIL_SIDE, THUMBNAIL_SIDE)
        small = Image.fromarray(pixels).resize(size, Image.Resampling.BILINEAR, reducing_gap=3.0)
        channels = np.asarray(small).astype(np.int16)
        self.is_grey[index] = int(np.ptp(channels, axis=2).max()) <= GREY_LEVELS
        if len(self.thumbnails):
            self.thumbnails[index] = np.asarray(small.convert("L"))

    @classmethod
    def of_pixels(cls, pixels: NDArray[np.uint8], digests: NDArray[np.uint64]) -> "PhotoLooks":
        """Of photos of one size in memory, (n, height, width, 3), whose digests (n,) are known."""
        looks = cls.blank(len(pixels))
        looks.digests[:] = digests
        looks.short_side[:] = min(pixels.shape[1:3])
        for index, photo in enumerate(pixels):
            looks._keep_small(index, photo)
        return looks

    def _decoded(self, index: int, content: bytes) -> NDArray[np.uint8]:
        """The pixels of a photo, (height, width, 3), of which the size and the orientation are noted."""
        with open_photo(io.BytesIO(content)) as image:
            self.short_side[index] = min(image.size)
            self.is_rotated[index] = image.getexif().get(ExifTags.Base.Orientation, UPRIGHT) != UPRIGHT
            image.draft(None, (SHORT_SIDE, SHORT_SIDE))
            return rgb_of(image)

    def at(self, indices: NDArray[np.intp]) -> "PhotoLooks":
        """Those of some of the photos."""
        columns = (getattr(self, name) for name in self.__dataclass_fields__)
        return PhotoLooks(*(column[indices] if len(column) else column for column in columns))

    def followed_by(self, others: "PhotoLooks") -> "PhotoLooks":
        """Those of these photos, and of others after them."""
        names = self.__dataclass_fields__
        return PhotoLooks(*(np.concatenate([getattr(self, name), getattr(others, name)]) for name in names))
