"""The quantized network in float arithmetic: what its integers stand for, layer by layer.

Activations are rounded as TFLite stores them, asymmetric int8 or symmetric int16 (Jacob et al. 2018, eq. 1).
TensorFlow is loaded with this module.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from mobilenet_tf.preprocessing import normalize

from .folding import IMAGE, Graph

__all__ = ["LEVELS", "Quantized", "QuantizedLayer", "along_channels", "chunks", "range_of", "shown_image", "stored"]

LEVELS = 127  # int8 weights are symmetric: -127 to 127
CHUNK = 20  # images at a time, which bounds the memory

Array = NDArray[np.float32]
Range = tuple[float, float]


@dataclass(frozen=True)
class QuantizedLayer:
    """A layer's int8 kernel in Keras layout, its scale per output channel, and its corrected float bias."""

    name: str
    kernel: NDArray[np.int8]
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

    @property
    def logit_range(self) -> Range | None:
        """The range of the logits, where it may differ from what the converter observes: in int8."""
        logits = self.graph.logits
        return self.ranges[logits] if self.activations == "int8" and logits is not None else None

    def outputs(self, image: Any) -> Iterator[tuple[int, Any]]:
        """Each node's index and output as stored, for normalized images (n, res, res, 3)."""
        values = {IMAGE: shown_image(image) if self.activations == "int8" else image}
        layers = iter(self.layers)
        for index, node in enumerate(self.graph.nodes):
            layer = next(layers) if node.kernel is not None else None
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
    return min(0.0, _extreme(tf.reduce_min, parts, min)), max(0.0, _extreme(tf.reduce_max, parts, max))


def _extreme(reduce: Any, parts: Iterable[Any], choose: Any) -> float:
    return choose(float(reduce(part)) for part in parts)


def stored(x: Any, limits: Range, activations: str | None) -> Any:
    """`x` rounded as TFLite stores it within `limits`: asymmetric int8, symmetric int16, or None: as it is."""
    if activations is None:
        return x
    low, high = limits
    if activations == "int16":
        scale = max(-low, high, 1e-6) / 32767
        return tf.clip_by_value(tf.round(x / scale), -32768, 32767) * scale
    return tf.quantization.fake_quant_with_min_max_vars(x, low, max(high, low + 1e-6))
