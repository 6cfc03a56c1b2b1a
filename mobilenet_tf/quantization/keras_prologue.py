"""What a Keras model makes of its image before the first layer with weights.

TensorFlow's converter may fold that into the layer, and leave no trace in the graph: the Keras model is asked itself.
TensorFlow is loaded with this module.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mobilenet_tf.keras_loader import keras, tf
from mobilenet_tf.tflite.given_input import Normalization
from mobilenet_tf.tflite.own_rescaling import usual_input

from .prologue import fitted

__all__ = ["normalization_by_layers"]

COLOURS = 16  # images, each of one colour: what resizes, crops or pads them leaves the pixel in the middle as it is
OF_PIXELS = ("BatchNormalization", "Normalization")  # layers with weights that only rescale

Float32 = NDArray[np.float32]


def normalization_by_layers(model: keras.Model) -> Normalization | None:
    """What bytes must become for the first layers of a model to make a range of them that networks compute on.

    None if no layer rescales the image, or if not exactly one of the usual ranges fits.
    """
    _, height, width, channels = model.input_shape
    colours = np.random.default_rng(0).integers(256, size=(COLOURS, channels)).astype(np.float32)
    images = np.broadcast_to(colours[:, None, None], (COLOURS, height, width, channels))
    taken = _taken_by_first_layer(model, images)
    if taken is None or taken.shape[-1] % channels:
        return None
    pixels = taken if taken.ndim == 4 else taken.reshape(COLOURS, 1, -1, channels)
    line = fitted(colours, pixels[:, pixels.shape[1] // 2, pixels.shape[2] // 2])
    return usual_input(line.factor, line.offset) if line is not None and line.rescales else None


def _taken_by_first_layer(model: keras.Model, images: Float32) -> Float32 | None:
    """What the first layer with weights is given for some images; None if the model cannot be run."""
    taken: list[Any] = []

    def stop(x: Any, *_: Any, **__: Any) -> Any:
        taken.append(x)
        raise _FirstLayerReachedError

    with _called_instead(model, stop):
        try:
            model(tf.constant(images), training=False)
        except Exception:  # Keras may raise another error in place of the one that was raised within it
            return np.asarray(taken[0]) if taken else None
    return None


class _FirstLayerReachedError(Exception):
    pass


@contextmanager
def _called_instead(model: keras.Model, function: Any) -> Iterator[None]:
    """Call `function` in place of each layer with weights that do more than rescale."""
    layers = [layer for layer in model._flatten_layers(include_self=False) if _is_first_layer(layer)]
    for layer in layers:
        vars(layer)["call"] = function
    try:
        yield
    finally:
        for layer in layers:
            del vars(layer)["call"]


def _is_first_layer(layer: keras.layers.Layer) -> bool:
    is_group = any(True for _ in layer._flatten_layers(include_self=False))
    return not is_group and bool(layer.weights) and type(layer).__name__ not in OF_PIXELS
