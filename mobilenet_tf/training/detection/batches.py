"""Photos with boxes -> batches to train on: stretched photos, the frames of their views, and what the anchors are to
find.

All randomness is seeded by (seed, epoch, step), as in batches.py of classification. TensorFlow is loaded when it is
needed.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mobilenet_tf.data.boxes.boxed_photos import BoxedPhotos
from mobilenet_tf.training.config import SizedConfig
from mobilenet_tf.training.evaluation import DECODERS

from .matching import AnchorMatcher
from .photos import StretchedPhotos, working_side
from .settings import DetectionSettings
from .views import moved_boxes, random_view

__all__ = ["DetectionBatches"]


class DetectionBatches:
    """An epoch's batches, in a random order of the epoch's own, each as (squares, frames, factors, labels, encodings).

    Under a strategy every replica gets its share of each global batch. The last photos of an epoch that fill no batch
    are left out; every epoch leaves out others.
    """

    def __init__(
        self,
        photos: BoxedPhotos,
        config: SizedConfig,
        settings: DetectionSettings,
        res: int,
        matcher: AnchorMatcher,
        strategy: Any,
    ) -> None:
        self._photos, self._config, self._settings, self._res = photos, config, settings, res
        self._matcher, self._strategy = matcher, strategy
        self._squares = StretchedPhotos(photos, working_side(len(photos), res))
        self.steps = len(photos) // config.batch_size

    def batches_of_epoch(self, epoch: int, first: int) -> Iterator[tuple[Any, int]]:
        """From step `first` of an epoch: what each replica gets, and the resolution."""
        batches = self._strategy.distribute_datasets_from_function(lambda context: self._dataset(epoch, first, context))
        for _, batch in zip(range(first, self.steps), batches, strict=True):
            yield batch, self._res

    def _dataset(self, epoch: int, first: int, context: Any) -> Any:
        """One element for each of this worker's replicas, step after step."""
        from mobilenet_tf.keras_loader import tf

        replicas = self._strategy.num_replicas_in_sync
        local = replicas // context.num_input_pipelines
        order = np.random.default_rng((self._config.seed, epoch)).permutation(len(self._photos))

        def load(element: Any) -> Any:
            step, replica = divmod(int(element), local)
            return self.share(order, epoch, step, context.input_pipeline_id * local + replica, replicas)

        def load_with_shapes(element: Any) -> Any:
            kinds = [tf.uint8, tf.float32, tf.float32, tf.int32, tf.float32]
            side, count, anchors = self._squares.side, self._config.batch_size // replicas, len(self._matcher)
            shapes = [(side, side, 3), (4,), (3,), (anchors,), (anchors, 4)]
            parts = tf.numpy_function(load, [element], kinds)
            return tuple(tf.ensure_shape(part, (count, *shape)) for part, shape in zip(parts, shapes, strict=True))

        elements = tf.data.Dataset.range(first * local, self.steps * local)
        # AutoGraph would write files into the system's temporary folder.
        unconverted = tf.autograph.experimental.do_not_convert(load_with_shapes)
        return elements.map(unconverted, num_parallel_calls=DECODERS, deterministic=True).prefetch(2)

    def share(self, order: NDArray[np.int64], epoch: int, step: int, replica: int, replicas: int) -> Any:
        """One replica's part of a global batch. order: of all photos in this epoch."""
        size = self._config.batch_size
        part = range(replica * size // replicas, (replica + 1) * size // replicas)
        indices = order[step * size + part.start : step * size + part.stop]
        rows = [
            self._row(int(index), (self._config.seed, epoch, step, place))
            for place, index in zip(part, indices, strict=True)
        ]
        return self._squares[indices], *map(np.stack, zip(*rows, strict=True))

    def _row(self, index: int, seed: tuple[int, ...]) -> Any:
        """The frame, the factors, the labels and the encodings of one view."""
        photos = self._photos
        boxes = photos.boxes[index]
        view = random_view(self._config.augmentation, self._settings.expand, boxes, np.random.default_rng(seed))
        moved, seen = moved_boxes(boxes, view.frame)
        targets = self._matcher.targets(moved, photos.classes[index][seen], photos.ignored[index][seen])
        return view.frame, view.factors, targets.labels, targets.encodings
