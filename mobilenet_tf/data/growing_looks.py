"""Looks at photos of which nobody knows how many there are until all have been read, as those of TFRecord shards."""

from collections.abc import Sequence
from dataclasses import fields, replace
from threading import Lock

import numpy as np

from . import photo_looks
from .photo_looks import PhotoLooks

__all__ = ["GrowingLooks", "ThumbnailRoom", "joined_looks"]

CHUNK = 256  # photos


class ThumbnailRoom:
    """Room for the thumbnails of the most photos that are compared: those of more would fill the memory.

    Several threads may share it.
    """

    def __init__(self) -> None:
        self._left, self._lock = photo_looks.MOST_COMPARED, Lock()

    def take(self) -> bool:
        """Whether there is room for the thumbnail of one more photo."""
        with self._lock:
            self._left -= 1
            return self._left >= 0


class GrowingLooks:
    """The looks at the photos of one shard, one after the other."""

    def __init__(self, room: ThumbnailRoom) -> None:
        self._room, self._has_room = room, True
        self._chunks: list[PhotoLooks] = []
        self._count = 0

    def look(self, content: bytes) -> None:
        """As PhotoLooks.look; a photo that raises is not among those that were looked at."""
        if self._count == len(self._chunks) * CHUNK:
            blank = PhotoLooks.blank(CHUNK)
            self._chunks.append(blank if self._has_room else _without_thumbnails(blank))
        self._chunks[-1].look(self._count % CHUNK, content)
        self._count += 1
        if self._has_room and not self._room.take():
            self._has_room, self._chunks = False, [_without_thumbnails(chunk) for chunk in self._chunks]

    def done(self) -> PhotoLooks:
        """All of them."""
        return joined_looks(self._chunks).at(np.arange(self._count))


def joined_looks(parts: Sequence[PhotoLooks]) -> PhotoLooks:
    """The looks of several shards, one after the other; with thumbnails only if all have them."""
    if any(len(part.thumbnails) < len(part.digests) for part in parts):
        parts = [_without_thumbnails(part) for part in parts]
    names = [field.name for field in fields(PhotoLooks)]
    every = [PhotoLooks.blank(0), *parts]
    return PhotoLooks(**{name: np.concatenate([getattr(part, name) for part in every]) for name in names})


def _without_thumbnails(looks: PhotoLooks) -> PhotoLooks:
    return replace(looks, thumbnails=looks.thumbnails[:0])
