"""One look at each of some photos in files, which finds those that are broken."""

import os
from collections.abc import Sequence
from contextlib import nullcontext
from threading import Lock
from typing import IO

from mobilenet_tf.contract.photo_file import open_regular
from mobilenet_tf.progress import OnProgress

from .photo_looks import PhotoLooks
from .photos import photo_suffixes, unreadable_photo
from .scan import find_broken

__all__ = ["look_at_files"]

LARGE_FILE = 2**26  # bytes


def look_at_files(paths: Sequence[str], on_progress: OnProgress) -> tuple[PhotoLooks, dict[int, str]]:
    """(how the photos at `paths` look, the index of each that cannot be read -> why)."""
    looks = PhotoLooks.blank(len(paths))
    one_large_file = Lock()  # is in memory at one time, whatever the number of threads

    def look(index: int) -> None:
        photo_suffixes()  # so that Pillow can open HEIC files if pillow-heif is installed
        try:
            with open_regular(paths[index]) as file, one_large_file if _is_large(file) else nullcontext():
                looks.look(index, file.read())
        except Exception as error:  # Pillow's decoders raise errors of many kinds
            raise unreadable_photo(paths[index], error) from error

    return looks, find_broken(look, len(paths), on_progress)


def _is_large(file: IO[bytes]) -> bool:
    return os.fstat(file.fileno()).st_size > LARGE_FILE
