"""The quantized network simulated in float arithmetic, layer by layer.

Activations are rounded to the values that TFLite's integers stand for, asymmetric int8 or symmetric int16 (Jacob et al.
2018, "Quantization and Training of Neural Networks for Efficient Integer-Arithmetic-Only Inference", equation 1).
TensorFlow is loaded with this module.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from mobilenet_tf.contract.preprocessing import normalize
from mobilenet_tf.keras_loader import tf

from .graph import IMAGE, Graph

__all__ = [
    "LEVELS",
    "Quantized",
    "QuantizedLayer",
    "RunnableLayer",
    "along_channels",
    "chunks",
    "fake_quantize",
    "image_seen_by_int8",
    "observed_ranges",
    "step_of",
]

LEVELS = 127  # int8 weights are symmetric: -127 to 127
# Ops whose inputs and output share one scale, by the definition of TFLite's integer kernels.
SAME_SCALE_KINDS = ("MaxPooling2D", "AveragePooling2D", "ChannelShuffle", "Concatenate")
CHUNK = 20  # images at a time: this bounds the memory

Array = NDArray[np.float32]
Range = tuple[float, float]


class RunnableLayer(Protocol):
    """What a quantized network needs of a layer to run: its kernel in real numbers, and its bias."""

    @property
    def bias(self) -> Any:
        """(channels,)."""

    def real(self, kind: str) -> Any:
        """The kernel that the integers stand for, in Keras layout."""


@dataclass(frozen=True)
class QuantizedLayer:
    """A layer's int8 kernel in Keras layout, its scale per output channel, and its corrected float bias.

    A kernel that stays float has scale 1; it cannot be written to a file.
    """

    name: str
    kernel: NDArray[np.int8] | Array
    scale: Array
    bias: Array

    def real(self, kind: str) -> Array:
        """The kernel that the integers stand for."""
        return self.kernel.astype(np.float32) * along_channels(self.scale, kind)


@dataclass(frozen=True)
class Quantized:
    """A folded graph with its quantized layers, in the order of its nodes that have weights.

    ranges:      the smallest and the largest value that each node's quantized output can have.
    activations: the type of the outputs: int8, int16, or None for float.
    per_tensor:  whether each kernel has a single scale.
    """

    graph: Graph
    layers: tuple[QuantizedLayer, ...]
    ranges: dict[int, Range]
    activations: str | None = "int8"
    per_tensor: bool = False

    def outputs(self, image: Any, layers: Sequence[RunnableLayer] | None = None) -> Iterator[tuple[int, Any]]:
        """Each node's index and quantized output in real values, for normalized images (n, res, res, 3).

        layers: replace the network's layers for this run.
        """
        values = {IMAGE: image_seen_by_int8(image) if self.activations == "int8" else image}
        remaining = iter(self.layers if layers is None else layers)
        for index, node in enumerate(self.graph.nodes):
            layer = next(remaining) if node.kernel is not None else None
            x = node.linear([values[source] for source in node.inputs], layer and layer.real(node.kind))
            x = node.activate(x if layer is None else x + layer.bias)
            values[index] = fake_quantize(x, self.ranges[index], self.activations)
            yield index, values[index]
            self.graph.drop_used(values, index)


def chunks(images: NDArray[np.uint8], size: int = CHUNK) -> list[Any]:
    """Images (n, res, res, 3) as normalized tensors of at most `size` images."""
    return [tf.constant(normalize(images[start : start + size])) for start in range(0, len(images), size)]


def along_channels(scale: NDArray[Any], kind: str) -> NDArray[Any]:
    """Per-channel scales shaped to multiply a kernel: the channels of a depthwise kernel are its axis 2."""
    return scale[:, None] if kind == "depthwise" else scale


def image_seen_by_int8(image: Any) -> Any:
    """The real values of the int8 network's input for an image: its zero point is -1, while -0.5 would be exact."""
    return image + np.float32(0.5 / 127.5)


def range_of(parts: Sequence[Any]) -> Range:
    """The range of all values in `parts`, extended to include 0."""
    lows, highs = zip(*((float(tf.reduce_min(part)), float(tf.reduce_max(part))) for part in parts), strict=True)
    return min(0.0, *lows), max(0.0, *highs)


def observed_ranges(graph: Graph, images: NDArray[np.uint8]) -> dict[int, Range]:
    """The range of each node's output on images (n, res, res, 3).

    Nodes whose outputs share one scale in TFLite all have the widest of their ranges.
    """
    observed: dict[int, list[Any]] = {}
    for chunk in chunks(images):
        for index, x in graph.walk(chunk):
            observed.setdefault(index, []).extend(range_of([x]))
    ranges = {index: (min(extremes), max(extremes)) for index, extremes in observed.items()}
    same_scale = [index for index, node in enumerate(graph.nodes) if node.kind in SAME_SCALE_KINDS]
    for index in (*same_scale, *reversed(same_scale)):  # forward and back: the widest may be at either end
        tied = [index, *(source for source in graph.nodes[index].inputs if source in ranges)]
        lows, highs = zip(*(ranges[member] for member in tied), strict=True)
        ranges.update(dict.fromkeys(tied, (min(lows), max(highs))))
    return ranges


def step_of(limits: Range, activations: str | None) -> float:
    """The quantization step for values within `limits`; int8's step if activations stay float."""
    low, high = limits
    return max(-low, high, 1e-6) / 32767 if activations == "int16" else max(high - low, 1e-6) / 255


def fake_quantize(x: Any, limits: Range, activations: str | None) -> Any:
    """`x` rounded to the quantized values within `limits`: asymmetric int8 or symmetric int16; unchanged for None."""
    if activations is None:
        return x
    low, high = limits
    if activations == "int16":
        scale = step_of(limits, activations)
        return tf.clip_by_value(tf.round(x / scale), -32768, 32767) * scale
    return tf.quantization.fake_quant_with_min_max_vars(x, low, max(high, low + 1e-6))
