"""The quantized network simulated in float arithmetic, layer by layer. TensorFlow is loaded with this module."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from mobilenet_tf.tflite.model_builder import Steps

from .graph import IMAGE, Graph, Node
from .ops import Range
from .ranges import fake_quantize, quantized_constants, steps_of

__all__ = ["LEVELS", "Quantized", "QuantizedLayer", "RunnableLayer", "along_channels"]

LEVELS = 127  # int8 weights are symmetric: -127 to 127

Array = NDArray[np.float32]


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
    """A graph with its quantized layers, in the order of its nodes that have weights.

    ranges:      the smallest and the largest value that each node's quantized output can have.
    activations: the type of the outputs: int8, int16, or None for float.
    per_tensor:  whether each kernel has a single scale.
    exceptions:  nodes whose output has another type than `activations`.
    """

    graph: Graph
    layers: tuple[QuantizedLayer, ...]
    ranges: Mapping[int, Range]
    activations: str | None = "int8"
    per_tensor: bool = False
    exceptions: Mapping[int, str] = field(default_factory=dict)

    def type_of(self, index: int) -> str:
        """The type of a node's output, or of the image as the first op takes it."""
        stays_float = index != IMAGE and self.graph.nodes[index].stays_float
        return self.exceptions.get(index, "float32" if stays_float else self.activations or "float32")

    def steps_of(self, index: int, dtype: str) -> Steps:
        """The scale and zero point of a node's output, or of the image, in a type."""
        return steps_of(self.ranges[index], dtype)

    @cached_property
    def _nodes(self) -> tuple[Node, ...]:
        """The graph's nodes with their constants rounded."""
        return tuple(
            replace(node, constants=quantized_constants(node, self.ranges[index], self.activations))
            for index, node in enumerate(self.graph.nodes)
        )

    def outputs(self, image: Any, layers: Sequence[RunnableLayer] | None = None) -> Iterator[tuple[int, Any]]:
        """Each node's index and quantized output in real values, for normalized images (n, res, res, 3).

        layers: replace the network's layers for this run.
        """
        values = {IMAGE: self.graph.seen_by_int8(image) if self.activations == "int8" else image}
        remaining = iter(self.layers if layers is None else layers)
        for index, node in enumerate(self._nodes):
            layer = next(remaining) if node.kernel is not None else None
            x = [self._as(values[source], source, self.type_of(index)) for source in node.inputs]
            x = node.before_bias(x, layer and layer.real(node.kind))
            x = node.activate(x if layer is None else x + layer.bias)
            values[index] = self._quantized(x, index, self.type_of(index))
            yield index, values[index]
            self.graph.drop_used(values, index)

    def _as(self, x: Any, source: int, dtype: str) -> Any:
        """A node's output as a node of another type takes it: converted first."""
        return x if dtype == self.type_of(source) else self._quantized(x, source, dtype)

    def _quantized(self, x: Any, index: int, dtype: str) -> Any:
        return fake_quantize(x, self.ranges[index], None if dtype == "float32" else dtype)


def along_channels(scale: NDArray[Any], kind: str) -> NDArray[Any]:
    """Per-channel scales shaped to multiply a kernel: the channels of a depthwise kernel are its axis 2."""
    return scale[:, None] if kind == "depthwise" else scale
