"""Labelled photos -> batches: canvases and their cuts for training, the evaluation rule's images for the rest.

A canvas is the whole centre square of a photo, put through the evaluation rule at 8/7 of the resolution, so that the
middle 7/8 of it looks as the photo does in evaluation. Canvases are small, all of one size, and kept where they fit.

All randomness is seeded by (seed, epoch, step): a batch is the same whatever came before it, on any number of
workers. TensorFlow is loaded where it is needed.
"""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mobilenet_tf.contract.preprocessing import preprocess
from mobilenet_tf.data.dataset import Photos, evenly

from .augmentation import cuts_of
from .config import TrainConfig

__all__ = ["CACHE_BYTES", "Canvases", "Evaluation", "TrainingBatches"]

DECODERS = 4
SAMPLED = 64  # photos looked at to learn how large they are
CACHE_BYTES = 2**30
BATCH = 100  # images evaluated at a time
FULL_SIZE = 2**31  # a short side that no photo has: read it as it is

UInt8 = NDArray[np.uint8]


class Canvases:
    """The centre square of each photo at one size, made on first use, kept where all fit in `cache_bytes`."""

    def __init__(self, photos: Photos, res: int, cache_bytes: int = CACHE_BYTES) -> None:
        self._photos = photos
        self.labels = photos.labels
        self.side = self._side(res)
        size = len(photos) * self.side**2 * 3
        self._kept = np.empty((len(photos), self.side, self.side, 3), np.uint8) if size <= cache_bytes else None
        self._made = np.zeros(len(photos), bool)

    def _side(self, res: int) -> int:
        """8/7 of the resolution, but no more than the photos have."""
        wanted = -(-8 * res // 7)
        sample = evenly(self._photos, SAMPLED)
        largest = max(min(sample.read(index, wanted).shape[:2]) for index in range(len(sample)))
        return min(wanted, largest)

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
        pixels = self._photos.read(index, 2 * self.side)
        return preprocess(pixels, self.side, side=min(pixels.shape[:2]))


class Evaluation:
    """Photos by the evaluation rule, each read in full; kept in memory where all of them fit in `cache_bytes`."""

    def __init__(self, photos: Photos, res: int, cache_bytes: int = CACHE_BYTES) -> None:
        self._photos, self.labels, self.res = photos, photos.labels, res
        self._batches: list[UInt8] = []
        self._fits = len(photos) * res**2 * 3 <= cache_bytes

    def __iter__(self) -> Iterator[tuple[UInt8, NDArray[np.int64]]]:
        """Images (n, res, res, 3) uint8 and their labels (n,), every photo once, in order."""
        starts = range(0, len(self._photos), BATCH)
        with ThreadPoolExecutor(DECODERS) as pool:
            for number, start in enumerate(starts):
                indices = range(start, min(start + BATCH, len(self._photos)))
                if number < len(self._batches):
                    images = self._batches[number]
                else:
                    images = np.stack([*pool.map(self._read, indices)])
                    self._batches += [images] if self._fits else []
                yield images, self.labels[indices]

    def _read(self, index: int) -> UInt8:
        return preprocess(self._photos.read(index, FULL_SIZE), self.res)


class TrainingBatches:
    """An epoch's batches, in the order of its own permutation, each as (canvases, boxes, factors, labels).

    Under a strategy every replica gets its share of each global batch, so that the batches are those of one device.
    The last photos of an epoch that fill no batch are left out; every epoch leaves out others.
    """

    def __init__(self, photos: Photos, config: TrainConfig, res: int, strategy: Any) -> None:
        self._config, self._res, self._strategy = config, res, strategy
        largest = max(res for epoch in range(config.epochs) for res in config.resolutions(self._res, epoch))
        self._canvases = Canvases(photos, largest)
        self.steps = len(photos) // config.batch_size

    def of(self, epoch: int, first: int) -> Iterator[tuple[Any, int]]:
        """From step `first` of an epoch: what each replica gets, and the resolution to train it at."""
        batches = self._strategy.distribute_datasets_from_function(lambda context: self._dataset(epoch, first, context))
        for step, batch in zip(range(first, self.steps), batches, strict=True):
            yield batch, self._resolution(epoch, step)

    def _resolution(self, epoch: int, step: int) -> int:
        choices = self._config.resolutions(self._res, epoch)
        return choices[np.random.default_rng((self._config.seed, epoch, step, 1)).integers(len(choices))]

    def _dataset(self, epoch: int, first: int, context: Any) -> Any:
        """One element for each of this worker's replicas, step after step."""
        import tensorflow as tf

        replicas = self._strategy.num_replicas_in_sync
        local = replicas // context.num_input_pipelines
        order = np.random.default_rng((self._config.seed, epoch)).permutation(len(self._canvases))

        def load(element: Any) -> Any:
            step, place = divmod(int(element), local)
            return self._share(order, epoch, step, context.input_pipeline_id * local + place, replicas)

        def shaped(element: Any) -> Any:
            canvas, *rest, labels = tf.numpy_function(load, [element], [tf.uint8, tf.float32, tf.float32, tf.int64])
            side, share = self._canvases.side, self._config.batch_size // replicas
            canvas = tf.ensure_shape(canvas, (share, side, side, 3))
            boxes, factors = (tf.ensure_shape(x, (share, n)) for x, n in zip(rest, (4, 3), strict=True))
            return canvas, boxes, factors, tf.ensure_shape(labels, (share,))

        elements = tf.data.Dataset.range(first * local, self.steps * local)
        return elements.map(shaped, num_parallel_calls=DECODERS, deterministic=True).prefetch(2)

    def _share(self, order: NDArray[np.int64], epoch: int, step: int, replica: int, replicas: int) -> Any:
        size = self._config.batch_size
        cut = cuts_of(self._config.augmentation, size, np.random.default_rng((self._config.seed, epoch, step)))
        share = slice(replica * size // replicas, (replica + 1) * size // replicas)
        indices = order[step * size : (step + 1) * size][share]
        return self._canvases[indices], cut.boxes[share], cut.factors[share], self._canvases.labels[indices]
