"""The quantized network in float arithmetic: what its integers stand for, layer by layer.

Activations are rounded as TFLite stores them, asymmetric int8 or symmetric int16 (Jacob et al. 2018, eq. 1).
TensorFlow is loaded with this module.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from mobilenet_tf.contract.preprocessing import normalize

from .graph import IMAGE, Graph

__all__ = [
    "LEVELS",
    "Layer",
    "Quantized",
    "QuantizedLayer",
    "along_channels",
    "chunks",
    "observed_ranges",
    "range_of",
    "shown_image",
    "step_of",
    "stored",
]

LEVELS = 127  # int8 weights are symmetric: -127 to 127
# Ops whose inputs and output have one scale, by definition of TFLite's integer kernels.
KEEPING_SCALE = ("MaxPooling2D", "AveragePooling2D", "ChannelShuffle", "Concatenate")
CHUNK = 20  # images at a time, which bounds the memory

Array = NDArray[np.float32]
Range = tuple[float, float]


class Layer(Protocol):
    """What running a quantized network needs of a layer: its kernel in real numbers, and its bias."""

    @property
    def bias(self) -> Any:
        """(channels,)."""

    def real(self, kind: str) -> Any:
        """The kernel that the integers stand for, in Keras layout."""


@dataclass(frozen=True)
class QuantizedLayer:
    """A layer's int8 kernel in Keras layout, its scale per output channel, and its corrected float bias.

    A kernel left float has scale 1; no file can hold it.
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

    ranges:      the smallest and largest value that each node's output is stored with.
    activations: what they are stored in: int8, int16, or None for float.
    per_tensor:  whether each kernel has a single scale.
    """

    graph: Graph
    layers: tuple[QuantizedLayer, ...]
    ranges: dict[int, Range]
    activations: str | None = "int8"
    per_tensor: bool = False

    def outputs(self, image: Any, layers: Sequence[Layer] | None = None) -> Iterator[tuple[int, Any]]:
        """Each node's index and output as stored, for normalized images (n, res, res, 3).

        layers: take the place of its own, for one run.
        """
        values = {IMAGE: shown_image(image) if self.activations == "int8" else image}
        left = iter(self.layers if layers is None else layers)
        for index, node in enumerate(self.graph.nodes):
            layer = next(left) if node.kernel is not None else None
            x = node.linear([values[source] for source in node.inputs], layer and layer.real(node.kind))
            x = node.activate(x if layer is None else x + layer.bias)
            values[index] = stored(x, self.ranges[index], self.activations)
            yield index, values[index]
            self.graph.forget(values, index)


def chunks(images: NDArray[np.uint8], size: int = CHUNK) -> list[Any]:
    """Images (n, res, res, 3) as normalized tensors of at most `size` images."""
    return [tf.constant(normalize(images[start : start + size])) for start in range(0, len(images), size)]


def along_channels(scale: NDArray[Any], kind: str) -> NDArray[Any]:
    """Per-channel scales shaped to multiply a kernel: the channels of a depthwise kernel are its axis 2."""
    return scale[:, None] if kind == "depthwise" else scale


def shown_image(image: Any) -> Any:
    """What the int8 network takes the bytes for: its zero point is -1 where -0.5 would be exact."""
    return image + np.float32(0.5 / 127.5)


def range_of(parts: Sequence[Any]) -> Range:
    """The smallest and the largest value, and 0."""
    lows, highs = zip(*((float(tf.reduce_min(part)), float(tf.reduce_max(part))) for part in parts), strict=True)
    return min(0.0, *lows), max(0.0, *highs)


def observed_ranges(graph: Graph, images: NDArray[np.uint8]) -> dict[int, Range]:
    """What each node's output is stored within: its range on images (n, res, res, 3), or where TFLite keeps a scale
    through ops, the widest of theirs.
    """
    observed: dict[int, list[Any]] = {}
    for chunk in chunks(images):
        for index, x in graph.walk(chunk):
            observed.setdefault(index, []).extend(range_of([x]))
    ranges = {index: (min(extremes), max(extremes)) for index, extremes in observed.items()}
    keeping = [index for index, node in enumerate(graph.nodes) if node.kind in KEEPING_SCALE]
    for index in (*keeping, *reversed(keeping)):  # there and back: the widest may stand at either end
        tied = [index, *(source for source in graph.nodes[index].inputs if source in ranges)]
        lows, highs = zip(*(ranges[member] for member in tied), strict=True)
        ranges.update(dict.fromkeys(tied, (min(lows), max(highs))))
    return ranges


def step_of(limits: Range, activations: str | None) -> float:
    """The step that values within `limits` are stored with; int8's where they stay float."""
    low, high = limits
    return max(-low, high, 1e-6) / 32767 if activations == "int16" else max(high - low, 1e-6) / 255


def stored(x: Any, limits: Range, activations: str | None) -> Any:
    """`x` rounded as TFLite stores it within `limits`: asymmetric int8, symmetric int16, or None: as it is."""
    if activations is None:
        return x
    low, high = limits
    if activations == "int16":
        scale = step_of(limits, activations)
        return tf.clip_by_value(tf.round(x / scale), -32768, 32767) * scale
    return tf.quantization.fake_quant_with_min_max_vars(x, low, max(high, low + 1e-6))
