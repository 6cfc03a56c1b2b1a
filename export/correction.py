"""What makes int8 as good as float: weight scales that keep a grid, and bias correction, in one pass over the layers.

`correct` walks the folded graph once with two sets of activations, the float network's and the quantized one's. At
each layer it quantizes the kernel, compares the two pre-activations, and moves the bias by the mean difference of
each channel, so that the next layer sees inputs with the right mean (Nagel et al. 2019, "Data-Free Quantization
Through Weight Equalization and Bias Correction", section 4.2, with the expectation measured on calibration images;
TFLite's own scheme: Jacob et al. 2018, eq. 1-7). Cost: two forward passes.

TensorFlow is loaded with this module.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from mobilenet_tf.preprocessing import normalize

from .folding import IMAGE, Graph, Node

__all__ = ["QuantizedLayer", "correct", "grid_step", "weight_scales"]

LEVELS = 127  # int8 weights are symmetric: -127 to 127

Array = NDArray[np.float32]


@dataclass(frozen=True)
class QuantizedLayer:
    """A layer's int8 kernel in Keras layout, its scale per output channel, and its corrected float bias."""

    name: str
    kernel: NDArray[np.int8]
    scale: Array
    bias: Array

    def real(self, kind: str) -> Array:
        """The kernel that the integers stand for."""
        return self.kernel.astype(np.float32) * _along_channels(self.scale, kind)


def correct(graph: Graph, images: NDArray[np.uint8], *, activations: str | None = "int8") -> list[QuantizedLayer]:
    """Quantize every layer with weights and correct its bias on calibration images, uint8 (n, res, res, 3).

    activations: what the quantized network's activations are stored in: int8, int16, or None for float.
    """
    image = tf.constant(normalize(images))
    floats, quantized = {IMAGE: image}, {IMAGE: _shown_image(image) if activations == "int8" else image}
    last_use = {source: index for index, node in enumerate(graph.nodes) for source in node.inputs}
    layers = []
    for index, node in enumerate(graph.nodes):
        exact = node.linear([floats[source] for source in node.inputs], node.kernel)
        inputs = [quantized[source] for source in node.inputs]
        if node.kernel is None:
            rounded = node.linear(inputs, None)
        else:
            exact += node.bias
            layer, rounded = _corrected(node, inputs, exact)
            layers.append(layer)
        floats[index] = node.activate(exact)
        quantized[index] = _stored(node.activate(rounded), floats[index], activations)
        for source in {source for source in node.inputs if last_use[source] == index}:
            del floats[source], quantized[source]
    return layers


def _corrected(node: Node, inputs: Sequence[Any], exact: Any) -> tuple[QuantizedLayer, Any]:
    """The layer quantized, its bias moved so that each channel's mean is that of `exact`; and its pre-activation."""
    assert node.kernel is not None
    assert node.bias is not None
    scale = weight_scales(node.kernel, node.kind)
    levels = np.rint(node.kernel / _along_channels(scale, node.kind))
    kernel = np.clip(levels, -LEVELS, LEVELS).astype(np.int8)
    layer = QuantizedLayer(node.name, kernel, scale, node.bias)
    rounded = node.linear(inputs, layer.real(node.kind)) + node.bias
    shift = tf.reduce_mean(rounded - exact, range(rounded.ndim - 1))
    bias = np.asarray(node.bias - shift.numpy(), np.float32)
    return QuantizedLayer(node.name, kernel, scale, bias), rounded - shift


def weight_scales(kernel: Array, kind: str) -> Array:
    """The step of each output channel's int8 weights: largest / 127, or the weights' own grid where that fits.

    Weights read from a quantized file are whole multiples of one step; a channel that spans at most 127 of them is
    stored without any error at that step, and with one at largest / 127.
    """
    axes = (0, 1, 3) if kind == "depthwise" else tuple(range(kernel.ndim - 1))
    largest = np.abs(kernel).max(axes)
    scale = np.where(largest > 0, largest / LEVELS, 1).astype(np.float32)
    step = grid_step(kernel)
    if step is None:
        return scale
    fits = np.rint(largest / step) <= LEVELS
    return np.where(fits, np.float32(step), scale)


def grid_step(kernel: Array) -> float | None:
    """The step of which all weights are whole multiples, or None. A uint8 file has at most 256 distinct values."""
    values = np.unique(np.abs(kernel))
    values = values[values > 0]
    if not 2 <= len(values) <= 256:
        return None
    gaps = np.diff(values, prepend=0)
    # Values are float32 products: equal ones may differ by an ulp, so that gaps that small are no steps.
    step = gaps[gaps > 1e-5 * values[-1]].min()
    step = float(values[-1] / np.rint(values[-1] / step))
    whole = values / step
    return step if np.abs(whole - np.rint(whole)).max() < 1e-2 and whole[-1] <= 255.5 else None


def _along_channels(scale: Array, kind: str) -> Array:
    """Per-channel scales shaped to multiply a kernel: the channels of a depthwise kernel are its axis 2."""
    return scale[:, None] if kind == "depthwise" else scale


def _shown_image(image: Any) -> Any:
    """What the int8 network takes the bytes for: its zero point is -1 where -0.5 would be exact."""
    return image + np.float32(0.5 / 127.5)


def _stored(x: Any, exact: Any, activations: str | None) -> Any:
    """`x` rounded as TFLite stores it, its range that of `exact` and 0: asymmetric int8, or symmetric int16."""
    if activations is None:
        return x
    low, high = min(0.0, float(tf.reduce_min(exact))), max(0.0, float(tf.reduce_max(exact)))
    if activations == "int16":
        scale = max(-low, high, 1e-6) / 32767
        return tf.clip_by_value(tf.round(x / scale), -32768, 32767) * scale
    scale = max(high - low, 1e-6) / 255
    zero_point = round(-128 - low / scale)
    return (tf.clip_by_value(tf.round(x / scale) + zero_point, -128, 127) - zero_point) * scale
