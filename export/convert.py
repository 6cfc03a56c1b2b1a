"""Folded graph -> .tflite bytes by TensorFlow's converter, which is loaded when a function is called."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from mobilenet_tf.contract.preprocessing import normalize

from .recipes import Recipe
from .settings import DEFAULT_SETTINGS, ExportSettings

if TYPE_CHECKING:
    from mobilenet_tf.quantization.graph import Graph

__all__ = ["ConvertibleGraph", "GraphForms", "convert", "representative"]


@dataclass(frozen=True, eq=False)
class ConvertibleGraph:
    """A folded graph, and the same as the TensorFlow function that the converter takes."""

    graph: "Graph"

    @cached_property
    def function(self) -> Any:
        """The concrete function of the graph, its weights constants: image (1, res, res, 3) -> output.

        Its batch is 1: a dynamic batch would leave SHAPE, STRIDED_SLICE and PACK ops in the converted graph.
        """
        from mobilenet_tf.keras_loader import tf

        # isort: split
        from tensorflow.python.framework.convert_to_constants import convert_variables_to_constants_v2

        signature = tf.TensorSpec((1, *self.graph.input_shape), tf.float32, name="image")
        return convert_variables_to_constants_v2(tf.function(self.graph).get_concrete_function(signature))


class GraphForms:
    """The forms of a network that files are made from: with grouped convolutions as they are, and without any.

    Integer kernels are faster ungrouped, float kernels grouped: `make bench-archs`. Most networks have no groups, and
    both forms are one.
    """

    def __init__(self, graph: "Graph") -> None:
        from mobilenet_tf.quantization.ungroup import ungroup

        ungrouped = ungroup(graph)
        self.grouped = ConvertibleGraph(graph)
        self.ungrouped = self.grouped if ungrouped is graph else ConvertibleGraph(ungrouped)

    def for_recipe(self, recipe: Recipe) -> ConvertibleGraph:
        """The form that runs faster in the kernels of `recipe`."""
        return self.ungrouped if recipe.integer else self.grouped


def convert(
    graph: ConvertibleGraph,
    recipe: Recipe,
    calibration: NDArray[np.uint8],
    settings: ExportSettings = DEFAULT_SETTINGS,
) -> bytes:
    """Convert a graph by `recipe` -> the bytes of a .tflite file.

    calibration: the representative dataset, uint8 (n, res, res, 3), preprocessed; used by integer recipes only.
    settings:    `io` is the type of int8's input and output (int16x8 has int16, the others float32); `per_tensor`
                 gives each kernel one scale instead of one per output channel.
    """
    from mobilenet_tf.keras_loader import tf

    converter = tf.lite.TFLiteConverter.from_concrete_functions([graph.function])
    if recipe.name != "float32":
        converter.optimizations = [tf.lite.Optimize.DEFAULT]
    if recipe.name == "float16":
        converter.target_spec.supported_types = [tf.float16]
    if recipe.integer:
        converter.representative_dataset = lambda: representative(calibration)
        ops, dtype = {
            "int8": (tf.lite.OpsSet.TFLITE_BUILTINS_INT8, tf.dtypes.as_dtype(settings.io)),
            "int16x8": (
                tf.lite.OpsSet.EXPERIMENTAL_TFLITE_BUILTINS_ACTIVATIONS_INT16_WEIGHTS_INT8,
                tf.int16,
            ),
        }[recipe.name]
        converter.target_spec.supported_ops = [ops]
        converter.inference_input_type = converter.inference_output_type = dtype
    if settings.per_tensor:
        converter._experimental_disable_per_channel = True
        converter._experimental_disable_per_channel_quantization_for_dense_layers = True
    converted: bytes = converter.convert()
    return converted


def representative(images: NDArray[np.uint8]) -> Iterator[list[NDArray[np.float32]]]:
    """One normalized image at a time, (1, res, res, 3).

    The first image's first and last pixel become black and white, so that the observed input range is always [-1, 1],
    whatever is on the photos. The input scale is then 1/127.5, and camera bytes go in as byte - 128.
    """
    first = images[:1].copy()
    first[0, 0, 0], first[0, -1, -1] = 0, 255
    yield [normalize(first)]
    for index in range(1, len(images)):
        yield [normalize(images[index : index + 1])]
