"""Folded graph -> .tflite bytes. Touches no files of ours; TensorFlow is loaded when a function is called."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from mobilenet_tf.contract.preprocessing import normalize

from .recipes import Recipe

if TYPE_CHECKING:
    from mobilenet_tf.quantization.graph import Graph

__all__ = ["convert", "convertible_forms", "freeze"]


def convertible_forms(graph: "Graph") -> dict[bool, tuple["Graph", Any]]:
    """The graph that a recipe's file is made from, by `recipe.integer`, and what `freeze` makes of it.

    Integer kernels are faster ungrouped, float ones grouped: `make bench-archs`.
    """
    from mobilenet_tf.quantization.ungroup import ungroup

    plain, frozen = ungroup(graph), freeze(graph)
    return {False: (graph, frozen), True: (plain, frozen if plain is graph else freeze(plain))}


def freeze(graph: "Graph") -> Any:
    """The graph at a static batch of 1, as the converter takes it.

    A dynamic batch would leave SHAPE, STRIDED_SLICE and PACK ops in the converted graph.
    """
    import tensorflow as tf
    from tensorflow.python.framework.convert_to_constants import convert_variables_to_constants_v2

    signature = tf.TensorSpec((1, *graph.input_shape), tf.float32, name="image")
    return convert_variables_to_constants_v2(tf.function(graph).get_concrete_function(signature))


def convert(
    *, frozen: Any, recipe: Recipe, calibration: NDArray[np.uint8], io: str = "int8", per_tensor: bool = False
) -> bytes:
    """Convert a frozen graph by `recipe` -> the bytes of a .tflite file.

    frozen:      what `freeze` returns; input (1, res, res, 3).
    calibration: the representative dataset, uint8 (n, res, res, 3), preprocessed; used by integer recipes only.
    io:          the int8 recipe's input and output: int8, uint8 or float32. Others have their own: int16x8 int16,
                 the rest float32.
    per_tensor:  one weight scale per kernel instead of one per output channel.
    """
    import tensorflow as tf

    converter = tf.lite.TFLiteConverter.from_concrete_functions([frozen])
    if recipe.name != "float32":
        converter.optimizations = [tf.lite.Optimize.DEFAULT]
    if recipe.name == "float16":
        converter.target_spec.supported_types = [tf.float16]
    if recipe.integer:
        converter.representative_dataset = lambda: representative(calibration)
        ops, dtype = {
            "int8": (tf.lite.OpsSet.TFLITE_BUILTINS_INT8, tf.dtypes.as_dtype(io)),
            "int16x8": (
                tf.lite.OpsSet.EXPERIMENTAL_TFLITE_BUILTINS_ACTIVATIONS_INT16_WEIGHTS_INT8,
                tf.int16,
            ),
        }[recipe.name]
        converter.target_spec.supported_ops = [ops]
        converter.inference_input_type = converter.inference_output_type = dtype
    if per_tensor:
        converter._experimental_disable_per_channel = True
        converter._experimental_disable_per_channel_quantization_for_dense_layers = True
    converted: bytes = converter.convert()
    return converted


def representative(images: NDArray[np.uint8]) -> Iterator[list[NDArray[np.float32]]]:
    """One normalized image at a time, (1, res, res, 3).

    The first image's first and last pixel become black and white: they pin the observed input range to [-1, 1], so
    the input scale is 1/127.5 whatever the photos hold, and camera bytes go in as byte - 128.
    """
    first = images[:1].copy()
    first[0, 0, 0], first[0, -1, -1] = 0, 255
    yield [normalize(first)]
    for index in range(1, len(images)):
        yield [normalize(images[index : index + 1])]
