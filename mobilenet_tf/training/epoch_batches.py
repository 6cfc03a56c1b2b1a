"""The batches of an epoch for any task, in a random order of the epoch's own, on any number of replicas.

All randomness is seeded by (seed, epoch, step): a batch is the same whatever came before it, on any number of
workers. TensorFlow is loaded when it is needed.
"""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .config import SizedConfig
from .evaluation import DECODERS

__all__ = ["EpochBatches"]


class EpochBatches:
    """Under a strategy every replica gets its share of each global batch, so that the batches are those of one device.

    The last photos of an epoch that fill no batch are left out; every epoch leaves out others.
    """

    def __init__(
        self, photos: int, config: SizedConfig, strategy: Any, parts: Sequence[tuple[str, tuple[int, ...]]]
    ) -> None:
        """parts: the dtype of each part of a batch, and its shape without the photos' axis."""
        self.config, self.steps = config, photos // config.batch_size
        self._photos, self._strategy, self._parts = photos, strategy, parts

    def share(self, order: NDArray[np.int64], epoch: int, step: int, replica: int, replicas: int) -> Sequence[Any]:
        """The parts of one replica's share of a global batch. order: of all photos in this epoch."""
        raise NotImplementedError

    def resolution(self, epoch: int, step: int) -> int:
        """The one to train a batch at."""
        raise NotImplementedError

    def batches_of_epoch(self, epoch: int, first: int) -> Iterator[tuple[Any, int]]:
        """From step `first` of an epoch: what each replica gets, and the resolution to train it at."""
        batches = self._strategy.distribute_datasets_from_function(lambda context: self._dataset(epoch, first, context))
        for step, batch in zip(range(first, self.steps), batches, strict=True):
            yield batch, self.resolution(epoch, step)

    def _dataset(self, epoch: int, first: int, context: Any) -> Any:
        """One element for each of this worker's replicas, step after step."""
        from mobilenet_tf.keras_loader import tf

        replicas = self._strategy.num_replicas_in_sync
        local, count = replicas // context.num_input_pipelines, self.config.batch_size // replicas
        order = np.random.default_rng((self.config.seed, epoch)).permutation(self._photos)

        def load(element: Any) -> Any:
            step, replica = divmod(int(element), local)
            return self.share(order, epoch, step, context.input_pipeline_id * local + replica, replicas)

        def load_with_shapes(element: Any) -> Any:
            loaded = tf.numpy_function(load, [element], [tf.as_dtype(dtype) for dtype, _ in self._parts])
            shapes = [(count, *shape) for _, shape in self._parts]
            return tuple(tf.ensure_shape(part, shape) for part, shape in zip(loaded, shapes, strict=True))

        elements = tf.data.Dataset.range(first * local, self.steps * local)
        # AutoGraph would write files into the system's temporary folder.
        unconverted = tf.autograph.experimental.do_not_convert(load_with_shapes)
        return elements.map(unconverted, num_parallel_calls=DECODERS, deterministic=True).prefetch(2)
