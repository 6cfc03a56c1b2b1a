"""The folder that the photos of an export are from: which are different, in which order, and what becomes of them."""

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from mobilenet_tf.data.digests import PhotoDigests, without_copies
from mobilenet_tf.data.photos import PhotosFound, find_photos
from mobilenet_tf.data.split import SortedPhotos, Split
from mobilenet_tf.errors import ImagesError
from mobilenet_tf.progress import OnProgress, part_of

from .decoding import Decoder

__all__ = ["PhotoFolder", "PhotosUsed", "read_folder"]

MIN_PHOTOS = 10


@dataclass(frozen=True)
class PhotosUsed:
    """What became of the photos of a folder.

    found:    files that look like photos.
    copies:   those with the content of another one, which are counted once.
    unusable: those that cannot be read.
    """

    found: int
    copies: int
    unusable: int


@dataclass(frozen=True)
class PhotoFolder:
    """A folder of photos, each content once, in an order that a seed chose.

    copies:   of each of the photos, how many more files have its content.
    photos:   by what the training of the weights did with them: all are others if the weights do not say it.
    training: the same; None if the weights do not say it.
    """

    place: Path
    found: PhotosFound
    copies: Counter[Path]
    photos: SortedPhotos
    training: SortedPhotos | None

    def used(self, decoder: Decoder, readable: int) -> tuple[PhotosUsed, int, list[str]]:
        """(What became of the photos, how many of them are broken, what the person should know about both).

        decoder: what decoded them. readable: how many it could read. Raises ImagesError for fewer than 10.
        """
        broken_copies = sum(self.copies[path] for path in decoder.broken)
        broken = len(decoder.broken) + broken_copies  # a copy of an unreadable photo is another one
        used = PhotosUsed(self.found.seen, self.copies.total() - broken_copies, self.found.unread_count + broken)
        warnings = [*self.found.unread, *_about_photos(used, broken, decoder)]
        if readable < MIN_PHOTOS:
            reason = f" ({'; '.join(warnings)})" if warnings else ""
            raise ImagesError(
                f"expected at least {MIN_PHOTOS} different, readable photos in {self.place}; "
                f"found {readable}{reason}.\n"
                "Give a folder of about 100 photos like those the model will see, or leave --calibration out."
            )
        return used, broken, warnings


def read_folder(place: Path, seed: int, split: Split | None, on_progress: OnProgress) -> PhotoFolder:
    """Find the photos in `place`, without copies. split: which photos the weights were trained on.

    Raises ImagesError if the folder is missing or holds no image.
    """
    found, digests = find_photos(place), PhotoDigests()
    paths, copies = without_copies(found.paths, digests, part_of(on_progress, 0.0, 0.4))
    np.random.default_rng(seed).shuffle(paths)  # type: ignore[arg-type]
    training = split.sort_out(paths, digests, part_of(on_progress, 0.4, 0.8)) if split else None
    on_progress("reading photos", 0.8)
    return PhotoFolder(place, found, copies, training or SortedPhotos([], [], paths), training)


def _about_photos(used: PhotosUsed, broken: int, decoder: Decoder) -> list[str]:
    """What the person should know about copies and unreadable photos."""
    lines = []
    if used.copies:
        lines.append(f"{used.copies} of the {used.found} photos are copies of others, and not used twice")
    if decoder.broken:
        names = ", ".join(path.name for path in decoder.broken[:5]) + (", ..." if len(decoder.broken) > 5 else "")
        lines.append(f"{broken} unreadable ({names})")
    return lines
