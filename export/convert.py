"""The forms of a float graph that files are made from, and its file by each recipe."""

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from mobilenet_tf.terminal import counted_list
from mobilenet_tf.tflite.flatbuffer import pack

from .float_ops import float_ops
from .recipes import Recipe
from .settings import DEFAULT_SETTINGS, ExportSettings

if TYPE_CHECKING:
    from mobilenet_tf.quantization.graph import Graph
    from mobilenet_tf.quantization.simulation import Quantized

__all__ = ["GraphForms", "convert", "uncorrected", "written"]


class GraphForms:
    """The forms of a network that files are made from: one for files in float, and one for those in integers.

    Integer kernels are faster without groups and without hard-swish, float kernels with them: `make bench-archs`.
    Integer files take the bytes of photos as they are, so that one normalization holds for all channels. Most networks
    have neither and such a normalization, and both forms are one.
    """

    def __init__(self, graph: "Graph") -> None:
        from mobilenet_tf.quantization.hard_swish import split_hard_swish
        from mobilenet_tf.quantization.prologue import for_bytes
        from mobilenet_tf.quantization.ungroup import ungroup

        self.grouped, self.ungrouped = graph, for_bytes(split_hard_swish(ungroup(graph)))

    def for_recipe(self, recipe: Recipe, io: str = "int8") -> "Graph":
        """The form that files of `recipe` are made from, with inputs and outputs of type `io` if it is int8.

        The int8 kernel of L2_NORMALIZATION has steps of 1/128, which are coarse for the parts of a long vector: if the
        output is float, the length is divided in float.
        """
        if recipe.name == "int8" and io == "float32":
            return _with_float_length(self.ungrouped)
        return self.ungrouped if recipe.integer else self.grouped


def _with_float_length(graph: "Graph") -> "Graph":
    """The graph whose final L2_NORMALIZATION stays float in integer files; as it is if it does not end in one."""
    if graph.before_unit_length is None:
        return graph
    return replace(graph, nodes=(*graph.nodes[:-1], replace(graph.nodes[-1], stays_float=True)))


def convert(
    graph: "Graph", recipe: Recipe, calibration: NDArray[np.uint8], settings: ExportSettings = DEFAULT_SETTINGS
) -> bytes:
    """A graph by `recipe`, without correction -> the bytes of a .tflite file without metadata.

    calibration: the representative dataset, uint8 (n, res, res, 3), preprocessed; used if weights are quantized.
    settings:    see `written`.
    """
    return pack(written(graph, recipe, settings, uncorrected(graph, recipe, calibration, settings)))


def uncorrected(
    graph: "Graph", recipe: Recipe, calibration: NDArray[np.uint8], settings: ExportSettings
) -> "Quantized | None":
    """The network quantized without correction; None if the recipe quantizes nothing."""
    if not recipe.quantized:
        return None
    from mobilenet_tf.quantization.correction import quantize_uncorrected

    return quantize_uncorrected(
        graph, calibration, activations=recipe.activations_dtype, per_tensor=settings.per_tensor
    )


def written(graph: "Graph", recipe: Recipe, settings: ExportSettings, quantized: "Quantized | None") -> Any:
    """The ModelT of a graph by `recipe`.

    settings:  `io` is the type of int8's input and output (int16x8 has int16, the others float32).
    quantized: the network in integers, if the recipe quantizes it.
    """
    from mobilenet_tf.quantization.file_writer import write_float, write_integer

    description = recipe.describe(per_tensor=settings.per_tensor, float_ops=counted_list(float_ops(quantized)))
    if quantized is None:
        return write_float(graph, recipe.weights, description)
    if not recipe.integer:
        return write_float(graph, recipe.weights, description, quantized.layers)
    return write_integer(quantized, settings.io if recipe.name == "int8" else "int16", description)
