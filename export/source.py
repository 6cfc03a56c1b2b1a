"""The float model that an export starts from: what files are made from, and what they must agree with."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from mobilenet_tf.contract.preprocessing import normalize
from mobilenet_tf.tasks.classification import classifier_layer
from mobilenet_tf.weights.keras_model import run_keras
from mobilenet_tf.weights.load import Weights, model_with

from .convert import GraphForms

if TYPE_CHECKING:
    import keras

__all__ = ["Source", "features_of", "keras_scores", "source_of_weights"]

Float32 = NDArray[np.float32]
UInt8 = NDArray[np.uint8]


@dataclass(frozen=True)
class Source:
    """A float model.

    graphs: what files are made from.
    scores: preprocessed photos, uint8 (n, res, res, 3) -> the scores (n, classes), or the vectors (n, dimensions), that
            files must agree with. They are computed by what the model was made for, Keras or an interpreter of its own
            file, before any rewriting.
    original: as `scores`, by the quantized file that the weights were taken from, which computes otherwise; else None.
    """

    graphs: GraphForms
    scores: Callable[[UInt8], Float32]
    original: Callable[[UInt8], Float32] | None = None


def source_of_weights(weights: Weights, *, features: bool = False) -> Source:
    """The float model of one of our networks, built and filled with `weights`.

    features: whether it ends in what the layer of its classes takes, as a vector of length 1.
    """
    from mobilenet_tf.quantization.keras_graph import graph_of

    model = model_with(weights)
    if features:
        model = _features_model(model)
    return Source(GraphForms(graph_of(model)), lambda images: keras_scores(model, images))


def features_of(weights: Weights) -> int:
    """How many features the layer of the classes takes: the rows of the last kernel of a network of ours."""
    return int(weights.arrays[-2].shape[0])


def _features_model(model: "keras.Model") -> "keras.Model":
    """A classifier up to its features, which get a length of 1: (n, res, res, 3) -> (n, features)."""
    from mobilenet_tf.keras_loader import keras
    from mobilenet_tf.networks.builder import UnitLength

    return keras.Model(model.input, UnitLength(name="embedding")(classifier_layer(model).input))


def keras_scores(model: "keras.Model", images: UInt8) -> Float32:
    """The scores of a Keras model of ours for preprocessed images, uint8 (n, res, res, 3) -> (n, classes)."""
    return run_keras(model, normalize(images))
