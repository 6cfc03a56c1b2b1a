"""A trained network that gives a vector for a photo, which a smaller one learns."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mobilenet_tf.contract.preprocessing import normalize
from mobilenet_tf.data.dataset import Photos
from mobilenet_tf.errors import WeightsError
from mobilenet_tf.tasks.embeddings import unit
from mobilenet_tf.training.evaluation import EvaluationImages

from .teacher_end import LinearEnd

__all__ = ["VectorTeacher"]


@dataclass(frozen=True)
class VectorTeacher:
    """The network of a teacher.

    res:        the resolution that it is made for.
    dimensions: how many numbers its vector has.
    function:   of TensorFlow, from images (n, res, res, 3) in [-1, 1] to vectors (n, dimensions) of any length.
    origin:     its file and sha256.
    notes:      what the person should know.
    linear_end: of a network of anybody's, the layer without an activation that it ends in; None if it ends otherwise.
    """

    res: int
    dimensions: int
    function: Callable[[Any], Any] = field(repr=False)
    origin: dict[str, Any]
    notes: tuple[str, ...] = ()
    linear_end: LinearEnd | None = None

    def vectors(self, photos: Photos, on_photos: Callable[[int], None] = lambda _: None) -> NDArray[np.float32]:
        """The unit vectors (n, dimensions) of photos by the evaluation rule.

        on_photos: called with how many are done, after each batch.
        Raises WeightsError for numbers that are not finite.
        """
        from mobilenet_tf.keras_loader import tf

        compute = tf.function(self.function, reduce_retracing=True, autograph=False)
        found: list[NDArray[np.float32]] = []
        for batch, _ in EvaluationImages(photos, self.res, cache_bytes=0):
            vectors = np.asarray(compute(normalize(batch)))
            if not np.isfinite(vectors).all():
                raise WeightsError(
                    f"expected finite vectors of the --teacher {self.origin.get('file', '')}; some are not.\n"
                    "Its weights are damaged, or it was not trained to its end: give another file."
                )
            found.append(unit(vectors))
            on_photos(sum(map(len, found)))
        return np.concatenate(found)
