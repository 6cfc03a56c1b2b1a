"""A network that gives vectors, with a centre for each class that ArcFace learns beside it.

TensorFlow is loaded with this module.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mobilenet_tf.keras_loader import keras
from mobilenet_tf.training.learner import KerasNetwork

__all__ = ["NetworkWithCentres"]


class NetworkWithCentres(KerasNetwork):
    """A Keras network that ends in vectors of length 1. The centres (classes, dimensions) are learned, and saved in the
    state of the run, but no part of its model.
    """

    def __init__(self, model: keras.Model, classes: int, replicas: int = 1) -> None:
        super().__init__(model, replicas)
        start = keras.initializers.GlorotUniform()((classes, model.output_shape[-1]))
        self.centres = keras.Variable(start, name="centres")
        self.variables = [*self.variables, self.centres]
        self.trainable = [*self.trainable, self.centres]
        self.classifier = [*self.classifier, self.centres]

    def set_centres(self, vectors: NDArray[np.float32], labels: NDArray[np.int64]) -> None:
        """Put each centre in the middle of the unit vectors (n, dimensions) of its class; labels (n,).

        A class without a photo among them keeps its random centre.
        """
        centres = np.array(self.centres)
        for label in np.unique(labels):
            centres[label] = vectors[labels == label].mean(0)
        self.centres.assign(centres)

    def model(self, values: Sequence[Any]) -> keras.Model:
        """See Network."""
        return super().model(values[:-1])
