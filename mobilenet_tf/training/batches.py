"""Labelled photos -> batches to train on: the photos' centre squares, and the parameters of their random views.

The whole centre square of a photo is scaled by the evaluation rule to 8/7 of the resolution, so that the middle 7/8 of
it looks as the photo does in evaluation. These squares are small, all of one size, and kept in memory if they fit.

All randomness is seeded by (seed, epoch, step): a batch is the same whatever came before it, on any number of
workers. TensorFlow is loaded when it is needed.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mobilenet_tf.contract.photo_file import photo_memory
from mobilenet_tf.contract.preprocessing import preprocess
from mobilenet_tf.data.dataset import Photos, evenly_spaced

from .augmentation import random_views
from .config import SizedConfig
from .evaluation import CACHE_BYTES, DECODERS

__all__ = ["CenterSquares", "TrainingBatches"]

SAMPLE_SIZE = 64  # photos that are read to learn how large they are

UInt8 = NDArray[np.uint8]


class CenterSquares:
    """The centre square of each photo at one size, made on first use, and kept if all fit in `cache_bytes`."""

    def __init__(self, photos: Photos, res: int, cache_bytes: int = CACHE_BYTES) -> None:
        self._photos = photos
        self.labels = photos.labels
        self.side = self._side(res)
        size = len(photos) * self.side**2 * 3
        self._kept = np.empty((len(photos), self.side, self.side, 3), np.uint8) if size <= cache_bytes else None
        self._made = np.zeros(len(photos), bool)

    def _side(self, res: int) -> int:
        """8/7 of the resolution, but no more than the photos have."""
        full = -(-8 * res // 7)
        sample = evenly_spaced(self._photos, SAMPLE_SIZE)
        largest = max(min(sample.read(index, full).shape[:2]) for index in range(len(sample)))
        return min(full, largest)

    def __len__(self) -> int:
        return len(self._photos)

    def __getitem__(self, indices: NDArray[np.int64]) -> UInt8:
        """(n,) indices -> (n, side, side, 3)."""
        if self._kept is None:
            return np.stack([self._make(int(index)) for index in indices])
        for index in indices[~self._made[indices]]:
            self._kept[index] = self._make(int(index))
            self._made[index] = True
        return self._kept[indices]

    def _make(self, index: int) -> UInt8:
        with photo_memory():
            pixels = self._photos.read(index, 2 * self.side)
            return preprocess(pixels, self.side, side=min(pixels.shape[:2]))


class TrainingBatches:
    """An epoch's batches, in a random order of the epoch's own, each as (squares, boxes, factors, labels).

    Under a strategy every replica gets its share of each global batch, so that the batches are those of one device.
    The last photos of an epoch that fill no batch are left out; every epoch leaves out others.
    """

    def __init__(self, photos: Photos, config: SizedConfig, res: int, strategy: Any) -> None:
        self._config, self._res, self._strategy = config, res, strategy
        largest = max(res for epoch in range(config.epochs) for res in config.resolutions(self._res, epoch))
        self._squares = CenterSquares(photos, largest)
        self.steps = len(photos) // config.batch_size

    def batches_of_epoch(self, epoch: int, first: int) -> Iterator[tuple[Any, int]]:
        """From step `first` of an epoch: what each replica gets, and the resolution to train it at."""
        batches = self._strategy.distribute_datasets_from_function(lambda context: self._dataset(epoch, first, context))
        for step, batch in zip(range(first, self.steps), batches, strict=True):
            yield batch, self._resolution(epoch, step)

    def _resolution(self, epoch: int, step: int) -> int:
        choices = self._config.resolutions(self._res, epoch)
        return choices[np.random.default_rng((self._config.seed, epoch, step, 1)).integers(len(choices))]

    def _dataset(self, epoch: int, first: int, context: Any) -> Any:
        """One element for each of this worker's replicas, step after step."""
        from mobilenet_tf.keras_loader import tf

        replicas = self._strategy.num_replicas_in_sync
        local = replicas // context.num_input_pipelines
        order = np.random.default_rng((self._config.seed, epoch)).permutation(len(self._squares))

        def load(element: Any) -> Any:
            step, replica = divmod(int(element), local)
            return self._share(order, epoch, step, context.input_pipeline_id * local + replica, replicas)

        def load_with_shapes(element: Any) -> Any:
            squares, *rest, labels = tf.numpy_function(load, [element], [tf.uint8, tf.float32, tf.float32, tf.int64])
            side, share = self._squares.side, self._config.batch_size // replicas
            squares = tf.ensure_shape(squares, (share, side, side, 3))
            boxes, factors = (tf.ensure_shape(x, (share, n)) for x, n in zip(rest, (4, 3), strict=True))
            return squares, boxes, factors, tf.ensure_shape(labels, (share, *self._squares.labels.shape[1:]))

        elements = tf.data.Dataset.range(first * local, self.steps * local)
        # AutoGraph would write files into the system's temporary folder.
        unconverted = tf.autograph.experimental.do_not_convert(load_with_shapes)
        return elements.map(unconverted, num_parallel_calls=DECODERS, deterministic=True).prefetch(2)

    def _share(self, order: NDArray[np.int64], epoch: int, step: int, replica: int, replicas: int) -> Any:
        size = self._config.batch_size
        views = random_views(self._config.augmentation, size, np.random.default_rng((self._config.seed, epoch, step)))
        share = slice(replica * size // replicas, (replica + 1) * size // replicas)
        indices = order[step * size : (step + 1) * size][share]
        return self._squares[indices], views.boxes[share], views.factors[share], self._squares.labels[indices]
