"""The range of each node's output, and the integers that stand for real numbers within a range.

int8 is asymmetric and int16 symmetric, with a scale for the whole tensor (Jacob et al. 2018, "Quantization and Training
of Neural Networks for Efficient Integer-Arithmetic-Only Inference", equation 1). TensorFlow is loaded with this module.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mobilenet_tf.keras_loader import tf
from mobilenet_tf.tflite.model_builder import Steps

from .graph import IMAGE, Graph, Node
from .ops import OPS, Range

__all__ = [
    "Channels",
    "constant_range",
    "fake_quantize",
    "observed_channels",
    "observed_ranges",
    "quantized_constants",
    "quantized_values",
    "ranges_of",
    "scale_groups",
    "shares_scale",
    "step_of",
    "steps_of",
    "tied",
]

BOUNDED = {(0.0, 255 / 256): 1 / 32768, (-1.0, 127 / 128): 1 / 32768}  # ranges that kernels fix: their int16 steps
# The smallest range that is quantized. Kernels clip at 6 / step, which must not pass 2**31 if ReLU6 gives nothing.
SMALLEST_RANGE = 1e-6
SMALLEST_INT16_RANGE = 1e-4

Array = NDArray[np.float32]
Channels = tuple[Array, Array]  # (channels,) each: the smallest and the largest values


def observed_ranges(graph: Graph, images: NDArray[np.uint8], activations: str | None = "int8") -> dict[int, Range]:
    """The range of each node's output on images (n, res, res, 3), as integer kernels can have it; see `tied`."""
    return ranges_of(graph, observed_channels(graph, images), activations)


def observed_channels(graph: Graph, images: NDArray[np.uint8]) -> dict[int, Channels]:
    """The smallest and the largest value along the last axis of each node's output on images (n, res, res, 3)."""
    found: dict[int, list[Channels]] = {}
    for chunk in graph.chunks(images):
        for index, x in graph.walk(chunk):
            axes = range(x.ndim - 1)
            found.setdefault(index, []).append((np.asarray(tf.reduce_min(x, axes)), np.asarray(tf.reduce_max(x, axes))))
    return {
        index: (np.min([low for low, _ in parts], 0), np.max([high for _, high in parts], 0))
        for index, parts in found.items()
    }


def ranges_of(graph: Graph, channels: Mapping[int, Channels], activations: str | None = "int8") -> dict[int, Range]:
    """The range of each node's output, with 0, and of the image. channels: as `observed_channels` gives them."""
    ranges = {
        index: (min(0.0, float(low.min())), max(0.0, float(high.max()))) for index, (low, high) in channels.items()
    }
    return tied(graph, ranges | {IMAGE: graph.image_range(activations)})


def tied(graph: Graph, ranges: Mapping[int, Range]) -> dict[int, Range]:
    """The ranges, widened where integer kernels demand one scale of several nodes, or fix the range.

    Nodes that share a scale have the widest of their ranges, but the one that a kernel fixes if one does. What is tied
    to the image has its range.
    """
    result = dict(ranges)
    for members in scale_groups(graph):
        result.update(dict.fromkeys(members, _common(graph, ranges, members)))
    return result


def scale_groups(graph: Graph) -> list[list[int]]:
    """All nodes and the image, those together whose outputs integer kernels demand one scale of."""
    group_of = {index: index for index in range(IMAGE, len(graph.nodes))}

    def root(index: int) -> int:
        while group_of[index] != index:
            index = group_of[index]
        return index

    for index, node in enumerate(graph.nodes):
        if shares_scale(node):
            for source in node.inputs:
                group_of[root(source)] = root(index)
    groups: dict[int, list[int]] = {}
    for index in group_of:
        groups.setdefault(root(index), []).append(index)
    return list(groups.values())


def shares_scale(node: Node) -> bool:
    """Whether the integer kernel of a node takes and gives one scale."""
    return not node.stays_float and node.op in OPS and OPS[node.op].same_scale


def _common(graph: Graph, ranges: Mapping[int, Range], members: Sequence[int]) -> Range:
    if IMAGE in members:
        return ranges[IMAGE]
    for index in members:
        op = OPS.get(graph.nodes[index].op)
        if op is not None and op.range is not None:
            return op.range
    lows, highs = zip(*(ranges[index] for index in members), strict=True)
    return min(lows), max(highs)


def step_of(limits: Range, activations: str | None) -> float:
    """The quantization step for values within `limits`; int8's step if activations stay float."""
    low, high = limits
    if activations != "int16":
        return max(high - low, SMALLEST_RANGE) / 255
    return BOUNDED.get(limits, max(-low, high, SMALLEST_INT16_RANGE) / 32767)


def steps_of(limits: Range, dtype: str) -> Steps:
    """The scale and zero point of the int8, uint8 or int16 values within `limits`."""
    scale = step_of(limits, dtype)
    if dtype == "int16":
        return Steps.of(scale)
    zero_point = round(-128 - limits[0] / scale)  # of int8
    return Steps.of(scale, zero_point + 128 * (dtype == "uint8"))


def fake_quantize(x: Any, limits: Range, activations: str | None) -> Any:
    """`x` rounded to the quantized values within `limits`: asymmetric int8 or symmetric int16; unchanged for None."""
    if activations is None:
        return x
    low, high = limits
    if activations == "int16":
        scale = step_of(limits, activations)
        return tf.clip_by_value(tf.round(x / scale), -32768, 32767) * scale
    return tf.quantization.fake_quant_with_min_max_vars(x, low, max(high, low + SMALLEST_RANGE))


def constant_range(node: Node, values: Array, limits: Range) -> Range:
    """The range that the integers of a node's constant have. limits: that of its output, whose scale it may share."""
    if shares_scale(node):
        return limits
    return min(0.0, float(values.min())), max(0.0, float(values.max()))


def quantized_values(values: Array, limits: Range, dtype: str) -> tuple[NDArray[Any], Steps]:
    """A constant's integers, and what they stand for."""
    steps, bounds = steps_of(limits, dtype), np.iinfo(dtype)
    levels = np.rint(values / steps.scale[0]) + steps.zero_point[0]
    return np.clip(levels, bounds.min, bounds.max).astype(dtype), steps


def quantized_constants(node: Node, limits: Range, activations: str | None) -> dict[int, NDArray[Any]]:
    """The constants of a node as its integer kernel has them, in real numbers. limits: the range of its output."""
    if activations is None or node.stays_float:
        return dict(node.constants)
    rounded = {}
    for place, values in node.constants.items():
        if values.dtype == np.float32:
            levels, steps = quantized_values(values, constant_range(node, values, limits), activations)
            values = ((levels.astype(np.int32) - steps.zero_point[0]) * steps.scale[0]).astype(np.float32)
        rounded[place] = values
    return rounded
