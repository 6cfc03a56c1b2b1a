"""The graph of a float .tflite: what is corrected, and what integer files are written from.

Batch norm is folded into the convolutions and activations are fused already: TensorFlow's converter and LiteRT Torch do
both. graph_reader.py reads it. TensorFlow is loaded with this module.
"""

import math
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mobilenet_tf.contract.preprocessing import normalize
from mobilenet_tf.keras_loader import tf
from mobilenet_tf.tflite.given_input import Normalization
from mobilenet_tf.tflite.input_tensor import OUR_NORMALIZATION

from .ops import ACTIVATIONS, ceiling

__all__ = ["IMAGE", "Graph", "Node"]

IMAGE = -1  # the index that stands for the network's input
CHUNK = 20  # images at a time: this bounds the memory

Array = NDArray[np.float32]


@dataclass(frozen=True)
class Node:
    """One op.

    op:         its name in TFLite's schema, such as CONV_2D.
    inputs:     indices of the nodes whose outputs it takes; IMAGE is the network's input.
    kind:       conv, depthwise or dense for an op with weights, else `op`.
    shape:      the shape of its output, with batch 1.
    options:    its options in the schema, a table object such as Conv2DOptionsT; None if it has none.
    linear:     (inputs, kernel, constants) -> output without bias; kernel is None for an op without weights.
    kernel:     (h, w, in, out); (h, w, channels, 1) if depthwise, its input's channels repeated if there are
                fewer; (in, out) if dense.
    activation: the number of the fused activation in the schema; 0 is none. `linear` has that of an op without weights.
    strides, dilation, padding: of a convolution.
    constants:  its inputs that are constants, by their place among its inputs; without kernel and bias.
    stays_float: whether integer files compute it in float: TFLite has no int8 kernel for it, or it is not known here.
    version:    the op's version in the file that it was read from, if it is not known here.
    """

    name: str
    op: str
    inputs: tuple[int, ...]
    kind: str
    shape: tuple[int, ...]
    options: Any
    linear: Callable[[Sequence[Any], Any, Mapping[int, Any]], Any]
    kernel: Array | None = None
    bias: Array | None = None
    activation: int = 0
    strides: tuple[int, int] = (1, 1)
    dilation: tuple[int, int] = (1, 1)
    padding: str = "VALID"
    constants: Mapping[int, NDArray[Any]] = field(default_factory=dict)
    stays_float: bool = False
    version: int = 1

    @property
    def ceiling(self) -> float:
        """The largest value that the activation lets through."""
        return ceiling(self.activation)

    @property
    def learned(self) -> bool:
        """Whether the weights are trained: those of an average, written as a depthwise convolution, are not."""
        assert self.kernel is not None
        assert self.bias is not None
        return self.kind != "depthwise" or bool(np.ptp(self.kernel) or self.bias.any())

    def activate(self, x: Any) -> Any:
        """The fused activation of `x`."""
        return ACTIVATIONS[self.activation][1](x)

    def before_bias(self, inputs: Sequence[Any], kernel: Any) -> Any:
        """The output for a kernel, without bias and activation."""
        return self.linear(inputs, kernel, self.constants)

    def __call__(self, inputs: Sequence[Any]) -> Any:
        x = self.before_bias(inputs, self.kernel)
        return self.activate(x if self.bias is None else x + self.bias)


@dataclass(frozen=True)
class Graph:
    """Nodes in an order in which each follows its inputs; the last one's output is the network's.

    normalization: what the network expects bytes to become; with one value for all channels if integers are written:
                   prologue.for_bytes sees to it.
    """

    nodes: tuple[Node, ...]
    input_shape: tuple[int, int, int]
    normalization: Normalization = OUR_NORMALIZATION

    def image_range(self, activations: str | None) -> tuple[float, float]:
        """The range of the image: for int8 that in which each byte is one step, so that bytes go in as they are."""
        mean = np.array([self.zero_byte] if activations == "int8" else self.normalization.mean)
        ends = np.array([[0.0], [255.0]]) - mean
        values = ends / np.array(self.normalization.std)
        return float(values.min()), float(values.max())

    @property
    def zero_byte(self) -> int:
        """The byte that stands for 0 in the integer network: the mean, rounded down if it is halfway."""
        return math.ceil(self._one_value[0] - 0.5)

    @property
    def _one_value(self) -> tuple[float, float]:
        """The mean and the standard deviation of all channels. Raises ValueError if they differ between channels."""
        means, deviations = {*self.normalization.mean}, {*self.normalization.std}
        if len(means) != 1 or len(deviations) != 1:
            raise ValueError(f"bytes go into an integer file by one mean and std; got {self.normalization}")
        return means.pop(), deviations.pop()

    def normalize(self, images: NDArray[np.uint8]) -> Array:
        """uint8 images -> what the network takes."""
        return normalize(images, self.normalization.mean, self.normalization.std)

    def chunks(self, images: NDArray[np.uint8], size: int = CHUNK) -> list[Any]:
        """Images (n, res, res, 3) as normalized tensors of at most `size` images."""
        return [tf.constant(self.normalize(images[start : start + size])) for start in range(0, len(images), size)]

    def scores(self, images: NDArray[np.uint8]) -> Array:
        """Images (n, res, res, 3) -> the network's outputs (n, outputs)."""
        outputs = (np.asarray(self(chunk), np.float32) for chunk in self.chunks(images))
        return np.concatenate([x.reshape(len(x), -1) for x in outputs])

    def seen_by_int8(self, image: Any) -> Any:
        """The real values of the int8 network's input for a normalized image: its zero point is a whole number."""
        mean, std = self._one_value
        return image + np.float32((mean - self.zero_byte) / std)

    def consumers(self, index: int) -> list[int]:
        """The nodes that take node `index`'s output."""
        return [user for user, node in enumerate(self.nodes) if index in node.inputs]

    def width(self, index: int) -> int:
        """The number of channels of a node's output, or of the image."""
        return self.input_shape[-1] if index == IMAGE else self.nodes[index].shape[-1]

    @property
    def logits(self) -> int | None:
        """The node whose output a final softmax takes; None if the network does not end in a softmax."""
        return self._taken_by_last("SOFTMAX")

    @property
    def before_unit_length(self) -> int | None:
        """The node whose output a final L2_NORMALIZATION takes, which gives an embedding a length of 1; None if the
        network does not end in one.
        """
        return self._taken_by_last("L2_NORMALIZATION")

    @property
    def compared(self) -> int | None:
        """The node by whose output two networks are compared, before it is rounded to a softmax or to a vector of
        length 1; None if the network ends in neither.
        """
        return self.before_unit_length if self.logits is None else self.logits

    def _taken_by_last(self, op: str) -> int | None:
        """The node whose output the last op takes, if that is `op`; ops that change the shape alone do not count."""
        index = len(self.nodes) - 1
        while self.nodes[index].op in ("RESHAPE", "SQUEEZE") and self.nodes[index].inputs[0] != IMAGE:
            index = self.nodes[index].inputs[0]
        return self.nodes[index].inputs[0] if self.nodes[index].op == op else None

    def before_last(self) -> "Graph":
        """The graph without its final softmax or L2_NORMALIZATION; as it is if it ends in neither."""
        last = self.compared
        return self if last is None or last == IMAGE else replace(self, nodes=self.nodes[: last + 1])

    def compared_among(self, outputs: Iterator[tuple[int, Any]]) -> Any:
        """The output of the node `compared`, among nodes' outputs as `walk` gives them."""
        return next(x for index, x in outputs if index == self.compared)

    def walk(self, image: Any) -> Iterator[tuple[int, Any]]:
        """Each node's index and output for images (n, res, res, 3), in order. Outputs that were used are dropped."""
        values = {IMAGE: image}
        for index, node in enumerate(self.nodes):
            values[index] = node([values[source] for source in node.inputs])
            yield index, values[index]
            self.drop_used(values, index)

    def drop_used(self, values: dict[int, Any], index: int) -> None:
        """Remove from `values` the inputs of node `index` that no later node takes."""
        for source in set(self.nodes[index].inputs):
            if max(self.consumers(source)) == index:
                del values[source]

    def __call__(self, image: Any) -> Any:
        """Normalized images (n, res, res, 3) -> the network's output."""
        return deque(self.walk(image), maxlen=1)[0][1]
