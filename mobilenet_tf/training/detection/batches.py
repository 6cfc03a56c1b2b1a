"""Photos with boxes -> batches to train on: stretched photos, the frames of their views, and what the anchors are to
find.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from mobilenet_tf.data.boxes.boxed_photos import BoxedPhotos
from mobilenet_tf.training.config import SizedConfig
from mobilenet_tf.training.epoch_batches import EpochBatches

from .matching import AnchorMatcher
from .photos import StretchedPhotos, working_side
from .settings import DetectionSettings
from .views import moved_boxes, random_view

__all__ = ["DetectionBatches"]


class DetectionBatches(EpochBatches):
    """Batches of (squares, frames, factors, labels, encodings)."""

    def __init__(
        self,
        photos: BoxedPhotos,
        config: SizedConfig,
        settings: DetectionSettings,
        res: int,
        matcher: AnchorMatcher,
        strategy: Any,
    ) -> None:
        self._boxed, self._settings, self._res, self._matcher = photos, settings, res, matcher
        self._squares = StretchedPhotos(photos, working_side(len(photos), res))
        side, anchors = self._squares.side, len(matcher)
        views = (("uint8", (side, side, 3)), ("float32", (4,)), ("float32", (3,)))
        super().__init__(len(photos), config, strategy, (*views, ("int32", (anchors,)), ("float32", (anchors, 4))))

    def resolution(self, epoch: int, step: int) -> int:
        """See EpochBatches: it is always the same."""
        del epoch, step
        return self._res

    def share(self, order: NDArray[np.int64], epoch: int, step: int, replica: int, replicas: int) -> Any:
        """See EpochBatches."""
        size = self.config.batch_size
        part = range(replica * size // replicas, (replica + 1) * size // replicas)
        indices = order[step * size + part.start : step * size + part.stop]
        rows = [
            self._row(int(index), (self.config.seed, epoch, step, place))
            for place, index in zip(part, indices, strict=True)
        ]
        return self._squares[indices], *map(np.stack, zip(*rows, strict=True))

    def _row(self, index: int, seed: tuple[int, ...]) -> Any:
        """The frame, the factors, the labels and the encodings of one view."""
        photos = self._boxed
        boxes = photos.boxes[index]
        view = random_view(self.config.augmentation, self._settings.expand, boxes, np.random.default_rng(seed))
        moved, seen = moved_boxes(boxes, view.frame)
        targets = self._matcher.targets(moved, photos.classes[index][seen], photos.ignored[index][seen])
        return view.frame, view.factors, targets.labels, targets.encodings
