"""The correction that needs no training: one pass over the layers, after which int8 is nearly as good as float.

`correct` chooses the ranges of int8 activations (sensitive_ranges.py). Then it walks the folded graph once with two
sets of activations, those of the float network and those of the quantized one. At each layer it quantizes the kernel
(scales.py, rounding.py), compares the two pre-activations, and shifts the bias of each channel by the mean difference,
so that the inputs of the next layer have the right mean (Nagel et al. 2019, "Data-Free Quantization Through Weight
Equalization and Bias Correction", section 4.2, with the expectation measured on calibration images). TensorFlow is
loaded with this module.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mobilenet_tf.contract.preprocessing import check_images
from mobilenet_tf.keras_loader import tf
from mobilenet_tf.progress import OnProgress, ignore_progress, part_of

from .graph import IMAGE, Graph, Node
from .ignored_tails import SIGMOID_ENDS
from .ops import Range
from .ranges import fake_quantize, observed_ranges, quantized_constants, scale_groups
from .rounding import gptq_helps, input_moments, round_with_gptq
from .scales import channel_ranges, full_scales, round_to_nearest, tensor_scale, weight_scales
from .sensitive_ranges import prepared_for_int8
from .sensitivity import SHRUNK
from .simulation import Quantized, QuantizedLayer

__all__ = ["correct", "logit_range", "quantize_uncorrected"]

RESHAPING = ("RESHAPE", "SQUEEZE", "EXPAND_DIMS", "TRANSPOSE")  # their outputs are the numbers that they take
FARTHEST = 3.0  # standard deviations that an image counts as in a mean, at most
PREPARING = 0.5  # share of the time
TRIAL_IMAGES = 8  # images that the scale of a whole kernel is chosen on

Array = NDArray[np.float32]


def correct(
    graph: Graph,
    images: NDArray[np.uint8],
    *,
    weights: str | None = "int8",
    activations: str | None = "int8",
    per_tensor: bool = False,
    gptq: bool | None = None,
    on_progress: OnProgress = ignore_progress,
) -> Quantized:
    """Quantize every layer with weights and correct its bias on calibration images, uint8 (n, res, res, 3).

    weights:     int8, or None for float, which shows what quantized activations cost on their own.
    activations: the type of the quantized network's activations: int8, int16, or None for float.
    per_tensor:  one weight scale per kernel instead of one per output channel.
    gptq:        round weights with GPTQ rather than to the nearest level; None for what `gptq_helps` says.
    Raises ImagesError for images that cannot calibrate.
    """
    check_images(images)
    rng = np.random.default_rng(0)  # chooses the output positions for GPTQ's moments
    if activations == "int8":
        graph, ranges = prepared_for_int8(graph, images, part_of(on_progress, 0.0, PREPARING))
    else:
        ranges = observed_ranges(graph, images, activations)
    image = graph.chunks(images)
    seen = [graph.seen_by_int8(x) for x in image] if activations == "int8" else image
    floats, quantized = {IMAGE: image}, {IMAGE: seen}
    layers: list[QuantizedLayer] = []
    rounding = Rounding(weights, per_tensor, gptq_helps(activations, per_tensor) if gptq is None else gptq)
    walking = part_of(on_progress, PREPARING, 1.0)
    for index, node in enumerate(graph.nodes):
        walking("correct", index / len(graph.nodes))
        exact = _linear(node, floats, node.kernel, node.bias)
        if node.kernel is None:
            integer = replace(node, constants=quantized_constants(node, ranges[index], activations))
            rounded = _linear(integer, quantized, None, None)
        else:
            layer = _rounded(node, quantized[node.inputs[0]], exact, rounding, rng)
            rounded = _linear(node, quantized, layer.real(node.kind), layer.bias)
            shift = _shift(rounded, exact)
            layers.append(replace(layer, bias=layer.bias - shift))
            rounded = [x - shift for x in rounded]
        floats[index] = [node.activate(x) for x in exact]
        if index == graph.logits and activations == "int8":
            ranges.update(_logit_ranges(graph, np.concatenate(floats[index]), _activated(node, rounded)))
        dtype = None if node.stays_float else activations
        quantized[index] = [fake_quantize(node.activate(x), ranges[index], dtype) for x in rounded]
        graph.drop_used(floats, index)
        graph.drop_used(quantized, index)
    return Quantized(graph, tuple(layers), ranges, activations, per_tensor)


def quantize_uncorrected(
    graph: Graph, images: NDArray[np.uint8], *, activations: str | None = "int8", per_tensor: bool = False
) -> Quantized:
    """What the plain converter does: each weight rounded to the nearest level, biases unchanged, ranges as observed."""
    ranges = observed_ranges(graph, images, activations)
    layers = []
    for node in graph.nodes:
        if node.kernel is not None and node.bias is not None:
            largest = channel_ranges(node.kernel, node.kind)
            scale = full_scales(np.full_like(largest, largest.max()) if per_tensor else largest)
            layers.append(QuantizedLayer(node.name, round_to_nearest(node.kernel, scale, node.kind), scale, node.bias))
    return Quantized(graph, tuple(layers), ranges, activations, per_tensor)


def _activated(node: Node, values: Sequence[Any]) -> Array:
    return np.concatenate([node.activate(x) for x in values])


def _logit_ranges(graph: Graph, exact: Array, rounded: Array) -> dict[int, Range]:
    """`logit_range`, of each node that shares the logits' scale; nothing if one of these has other values."""
    members = next(group for group in scale_groups(graph) if graph.logits in group)
    first = min(members)
    if first == IMAGE or any(graph.nodes[index].op not in RESHAPING for index in members if index != first):
        return {}
    return dict.fromkeys(members, logit_range(*(logits.reshape(len(logits), -1) for logits in (exact, rounded))))


def logit_range(exact: Array, rounded: Array) -> Range:
    """The range for int8 logits (n, classes) with the least Kullback-Leibler divergence from the exact softmax.

    exact: the float network's logits. rounded: those of the quantized one before they are quantized themselves, beyond
    whose ends no range need reach: they are nearer to each other if activations before them were cut.
    Logits far below the largest of an image do not matter to the softmax, nor how far the largest is above all others:
    a range without them has finer steps. Each end is chosen with the other one fixed, twice. If the first of two is
    always 0, as for what was a sigmoid, no end reaches further than its int8 output changes.
    """
    low, high = min(0.0, float(rounded.min())), max(float(rounded.max()), 1e-6)
    if exact.shape[1] == 2 and not exact[:, 0].any():
        low, high = max(low, SIGMOID_ENDS[0]), min(high, SIGMOID_ENDS[1])
    lows, highs = [*(low * SHRUNK).tolist(), 0.0], (high * SHRUNK).tolist()  # 0 must be within the range
    expected = tf.nn.log_softmax(exact)

    def divergence(limits: Range) -> float:
        found = tf.nn.log_softmax(fake_quantize(exact, limits, "int8"))
        return float(tf.reduce_mean(tf.reduce_sum(tf.exp(expected) * (expected - found), 1)))

    best = low, high
    for _ in range(2):
        best = min(((candidate, best[1]) for candidate in lows), key=divergence)
        best = min(((best[0], candidate) for candidate in highs), key=divergence)
    return best


def _linear(node: Node, values: dict[int, list[Any]], kernel: Array | None, bias: Array | None) -> list[Any]:
    outputs = [
        node.before_bias(parts, kernel) for parts in zip(*(values[source] for source in node.inputs), strict=True)
    ]
    return outputs if bias is None else [x + bias for x in outputs]


def _shift(rounded: Sequence[Any], exact: Sequence[Any]) -> Array:
    """How much larger the first values are than the others, for each channel: the mean over the images' means.

    An image that is further than three standard deviations from the median counts as that far: one whose values are far
    outside the ranges would shift all others. (The deviation is 1.4826 times the median absolute one, as for normally
    distributed values; Huber 1981, "Robust Statistics", section 5.1.)
    """
    pairs = zip(rounded, exact, strict=True)
    differences = np.concatenate(
        [np.asarray(tf.reduce_mean(x - y, range(1, x.ndim - 1)), np.float64) for x, y in pairs]
    )
    centre = np.median(differences, 0)
    reach = FARTHEST * 1.4826 * np.median(np.abs(differences - centre), 0)
    shift: Array = np.clip(differences, centre - reach, centre + reach).mean(0).astype(np.float32)
    return shift


@dataclass(frozen=True)
class Rounding:
    """How weights are rounded: see `correct`."""

    weights: str | None
    per_tensor: bool
    gptq: bool


def _rounded(
    node: Node, inputs: Sequence[Any], exact: Sequence[Any], rounding: Rounding, rng: np.random.Generator
) -> QuantizedLayer:
    """The node with its kernel quantized, or as it is, and its bias as it is."""
    assert node.kernel is not None
    assert node.bias is not None
    kernel, bias = node.kernel, node.bias
    if rounding.weights is None:
        return QuantizedLayer(node.name, kernel, np.ones_like(bias), bias)
    if not rounding.gptq:
        scale = weight_scales(kernel, node.kind)
        return QuantizedLayer(node.name, round_to_nearest(kernel, scale, node.kind), scale, bias)
    moments = input_moments(node, inputs, rng)
    if rounding.per_tensor:
        scale = _scale_of_kernel(node, inputs[0], exact[0], moments)
    else:
        scale = weight_scales(kernel, node.kind)
    return QuantizedLayer(node.name, round_with_gptq(kernel, scale, moments), scale, bias)


def _scale_of_kernel(node: Node, inputs: Any, exact: Any, moments: NDArray[np.float64]) -> Array:
    """The scale for the whole kernel that brings the outputs nearest to the exact ones, repeated (channels,)."""
    assert node.kernel is not None
    assert node.bias is not None
    kernel, bias = node.kernel, node.bias
    inputs, exact = inputs[:TRIAL_IMAGES], exact[:TRIAL_IMAGES]
    target = node.activate(exact)

    def error(scale: Array) -> float:
        """Mean squared error of the layer's output with its mean corrected, on the first images."""
        # GPTQ takes no time for depthwise kernels; for the others the nearest levels are a good enough estimate.
        fast = node.kind == "depthwise"
        levels = round_with_gptq(kernel, scale, moments) if fast else round_to_nearest(kernel, scale, node.kind)
        x = node.before_bias([inputs], QuantizedLayer(node.name, levels, scale, bias).real(node.kind))
        x -= tf.reduce_mean(x - exact, range(x.ndim - 1))
        return float(tf.reduce_mean(tf.square(node.activate(x) - target)))

    return tensor_scale(kernel, node.kind, error)
