"""What makes int8 as good as float without training: one pass over the layers.

`correct` walks the folded graph once with two sets of activations, the float network's and the quantized one's. At
each layer it quantizes the kernel (scales.py, rounding.py), compares the two pre-activations, and moves the bias by
the mean difference of each channel, so that the next layer sees inputs with the right mean (Nagel et al. 2019,
"Data-Free Quantization Through Weight Equalization and Bias Correction", section 4.2, with the expectation measured
on calibration images). Cost: two forward passes, and the rounding. TensorFlow is loaded with this module.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from mobilenet_tf.contract.preprocessing import check_images

from .graph import IMAGE, Graph, Node
from .rounding import input_moments, round_second_order, second_order_pays
from .scales import channel_ranges, full_scales, nearest, tensor_scale, weight_scales
from .simulation import Quantized, QuantizedLayer, Range, chunks, observed_ranges, shown_image, stored

__all__ = ["correct", "logit_range", "round_plainly"]

TRIED = 8  # images that a scale for a whole kernel is tried on

Array = NDArray[np.float32]


def correct(
    graph: Graph,
    images: NDArray[np.uint8],
    *,
    weights: str | None = "int8",
    activations: str | None = "int8",
    per_tensor: bool = False,
) -> Quantized:
    """Quantize every layer with weights and correct its bias on calibration images, uint8 (n, res, res, 3).

    weights:     int8, or None to leave them float: what the activations alone cost.
    activations: what the quantized network's activations are stored in: int8, int16, or None for float.
    per_tensor:  one weight scale per kernel instead of one per output channel.
    Raises ImagesError for images that cannot calibrate.
    """
    check_images(images)
    rng = np.random.default_rng(0)  # of the positions that the moments are taken at
    image = chunks(images)
    floats, quantized = {IMAGE: image}, {IMAGE: [shown_image(x) for x in image] if activations == "int8" else image}
    layers: list[QuantizedLayer] = []
    ranges = observed_ranges(graph, images)
    for index, node in enumerate(graph.nodes):
        exact = _linear(node, floats, node.kernel, node.bias)
        if node.kernel is None:
            rounded = _linear(node, quantized, None, None)
        else:
            layer = _rounded(node, quantized[node.inputs[0]], exact, weights, activations, per_tensor, rng)
            rounded = _linear(node, quantized, layer.real(node.kind), layer.bias)
            shift = _mean(rounded) - _mean(exact)
            layers.append(replace(layer, bias=layer.bias - shift))
            rounded = [x - shift for x in rounded]
        floats[index] = [node.activate(x) for x in exact]
        if index == graph.logits and activations == "int8":
            ranges[index] = logit_range(np.concatenate(floats[index]))
        quantized[index] = [stored(node.activate(x), ranges[index], activations) for x in rounded]
        graph.forget(floats, index)
        graph.forget(quantized, index)
    return Quantized(graph, tuple(layers), ranges, activations, per_tensor)


def round_plainly(
    graph: Graph, images: NDArray[np.uint8], *, activations: str | None = "int8", per_tensor: bool = False
) -> Quantized:
    """What the plain converter does: each weight to its nearest level, biases as they are, ranges as observed."""
    ranges = observed_ranges(graph, images)
    layers = []
    for node in graph.nodes:
        if node.kernel is not None and node.bias is not None:
            largest = channel_ranges(node.kernel, node.kind)
            scale = full_scales(np.full_like(largest, largest.max()) if per_tensor else largest)
            layers.append(QuantizedLayer(node.name, nearest(node.kernel, scale, node.kind), scale, node.bias))
    return Quantized(graph, tuple(layers), ranges, activations, per_tensor)


def logit_range(logits: Array) -> Range:
    """The range of int8 logits (n, classes) whose softmax is nearest to the exact one in Kullback-Leibler divergence.

    Logits far below an image's largest do not matter to softmax; leaving the lowest out makes the steps finer.
    """
    low, high = min(0.0, float(logits.min())), max(float(logits.max()), 1e-6)
    exact = tf.nn.log_softmax(logits)

    def divergence(candidate: float) -> float:
        rounded = tf.nn.log_softmax(stored(logits, (candidate, high), "int8"))
        return float(tf.reduce_mean(tf.reduce_sum(tf.exp(exact) * (exact - rounded), 1)))

    return min(np.linspace(low, 0, 25).tolist(), key=divergence), high  # 0 must be among the values stored


def _linear(node: Node, values: dict[int, list[Any]], kernel: Array | None, bias: Array | None) -> list[Any]:
    outputs = [node.linear(parts, kernel) for parts in zip(*(values[source] for source in node.inputs), strict=True)]
    return outputs if bias is None else [x + bias for x in outputs]


def _mean(parts: Sequence[Any]) -> Array:
    """The mean of each channel over all images and positions."""
    sums = [np.asarray(tf.reduce_mean(x, range(x.ndim - 1)), np.float64) * len(x) for x in parts]
    return (np.sum(sums, 0) / sum(len(x) for x in parts)).astype(np.float32)


def _rounded(
    node: Node,
    inputs: Sequence[Any],
    exact: Sequence[Any],
    weights: str | None,
    activations: str | None,
    per_tensor: bool,
    rng: np.random.Generator,
) -> QuantizedLayer:
    """The node's kernel in whole levels, or as it is, and its bias as it is."""
    assert node.kernel is not None
    assert node.bias is not None
    kernel, bias = node.kernel, node.bias
    if weights is None:
        return QuantizedLayer(node.name, kernel, np.ones_like(bias), bias)
    if not second_order_pays(activations, per_tensor):
        scale = weight_scales(kernel, node.kind)
        return QuantizedLayer(node.name, nearest(kernel, scale, node.kind), scale, bias)
    moments = input_moments(node, inputs, rng)
    scale = _one_scale(node, inputs[0], exact[0], moments) if per_tensor else weight_scales(kernel, node.kind)
    return QuantizedLayer(node.name, round_second_order(kernel, scale, moments), scale, bias)


def _one_scale(node: Node, inputs: Any, exact: Any, moments: NDArray[np.float64]) -> Array:
    """(channels,) of the one step for the whole kernel that brings the layer's outputs nearest to the exact ones."""
    assert node.kernel is not None
    assert node.bias is not None
    kernel, bias, shown, wanted = node.kernel, node.bias, inputs[:TRIED], exact[:TRIED]
    target = node.activate(wanted)

    def error(scale: Array) -> float:
        """Mean squared error of the layer's output with its mean corrected, on the first images."""
        # Second order costs nothing for depthwise kernels; for the others the nearest levels stand in.
        cheap = node.kind == "depthwise"
        tried = round_second_order(kernel, scale, moments) if cheap else nearest(kernel, scale, node.kind)
        x = node.linear([shown], QuantizedLayer(node.name, tried, scale, bias).real(node.kind))
        x -= tf.reduce_mean(x - wanted, range(x.ndim - 1))
        return float(tf.reduce_mean(tf.square(node.activate(x) - target)))

    return tensor_scale(kernel, node.kind, error)
