"""A trained network of the same tags, whose answers a smaller one learns. TensorFlow is loaded when it answers."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mobilenet_tf.data.dataset import Photos
from mobilenet_tf.tasks.classification import logits_model
from mobilenet_tf.tasks.tags import UNKNOWN, sigmoid, tags_above
from mobilenet_tf.training.augmentation import make_views
from mobilenet_tf.training.evaluation import EvaluationImages, outputs_of, predictor_of

__all__ = ["TagTeacher"]


@dataclass(frozen=True)
class TagTeacher:
    """model: (n, res, res, 3) -> (n, tags), sigmoids. thresholds: from which score on each tag is true."""

    model: Any
    thresholds: tuple[float, ...] | None

    @property
    def res(self) -> int:
        """The resolution that it is made for."""
        res: int = self.model.input_shape[1]
        return res

    def soft_labels(self, temperature: float) -> Callable[[Any, Any, Any], Any]:
        """(squares, boxes, factors) of random views -> the teacher's sigmoid at this temperature (n, tags)."""
        from mobilenet_tf.keras_loader import tf

        logits, res = logits_model(self.model), self.res

        def soft(squares: Any, boxes: Any, factors: Any) -> Any:
            return tf.sigmoid(logits(make_views(squares, boxes, factors, res), training=False) / temperature)

        return soft

    def scores(self, photos: Photos) -> NDArray[np.float64]:
        """(n, tags) of photos by the evaluation rule."""
        return sigmoid(outputs_of(predictor_of(self.model), EvaluationImages(photos, self.res, cache_bytes=0)))

    def labels_of(self, photos: Photos) -> NDArray[np.int64]:
        """The labels (n, tags) of photos, in place of those of photos without any the decisions of the teacher."""
        labels: NDArray[np.int64] = photos.labels
        without = (labels == UNKNOWN).all(1)
        if not without.any():
            return labels
        return np.where(without[:, None], tags_above(self.scores(photos), self.thresholds), labels).astype(np.int64)
