"""A Keras model as a float .tflite, by TensorFlow's converter, and as the graph in it.

This is all that the converter does here: it folds batch norm into convolutions and fuses activations. TensorFlow is
loaded with this module.
"""

from collections.abc import Callable, Sequence
from typing import Any

from mobilenet_tf.errors import ModelError, reason_of
from mobilenet_tf.keras_loader import keras, tf

from tensorflow.python.framework.convert_to_constants import convert_variables_to_constants_v2  # isort: skip

from .graph import Graph
from .graph_reader import read_graph

__all__ = ["convert_function", "converted", "float_file", "frozen", "graph_of"]


def float_file(model: keras.Model) -> bytes:
    """The float32 .tflite of a Keras model that takes one image of a fixed size, (n, res, res, 3).

    Its batch is 1: a dynamic batch would leave SHAPE, STRIDED_SLICE and PACK ops in the graph.
    Raises ModelError for a model that the converter does not take.
    """
    try:
        return convert_function(lambda image: model(image, training=False), model.input_shape[1:])
    except Exception as error:  # the converter raises errors of many kinds
        raise ModelError(f"TensorFlow's converter does not take {model.name}: {reason_of(error, 160)}") from error


def convert_function(function: Callable[[Any], Any], shape: Sequence[int]) -> bytes:
    """The float32 .tflite of a function of one image (1, *shape)."""
    return converted(frozen(function, shape))


def frozen(function: Callable[[Any], Any], shape: Sequence[int], dtype: str = "float32") -> Any:
    """A function of one image (1, *shape) of a dtype as a concrete one, its variables as constants."""
    image = tf.TensorSpec((1, *shape), dtype, name="image")
    concrete = tf.function(function, autograph=False).get_concrete_function(image)
    return convert_variables_to_constants_v2(concrete)


def converted(concrete: Any) -> bytes:
    """The float32 .tflite of a frozen function."""
    content: bytes = tf.lite.TFLiteConverter.from_concrete_functions([concrete]).convert()
    return content


def graph_of(model: keras.Model) -> Graph:
    """The graph of a Keras model; see float_file and read_graph."""
    return read_graph(float_file(model), model.name)
