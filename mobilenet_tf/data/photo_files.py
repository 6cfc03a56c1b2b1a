"""Photos in files of their own, with random access."""

from dataclasses import dataclass

from mobilenet_tf.errors import ImagesError

from .dataset import UInt8
from .photos import read_photo
from .scan import changed_photo_error

__all__ = ["PhotoFiles"]


@dataclass(frozen=True)
class PhotoFiles:
    """Paths are strings: a million of them as Path objects would take half a gigabyte."""

    paths: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.paths)

    def name(self, index: int) -> str:
        """Its path."""
        return self.paths[index]

    def read(self, index: int, short_side: int) -> UInt8:
        """As dataset.Photos.read."""
        try:
            return read_photo(self.paths[index], short_side)
        except ImagesError as error:
            raise changed_photo_error(str(error)) from error
