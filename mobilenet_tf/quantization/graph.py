"""A Keras model as the graph that TFLite runs, with batch norm folded into the convolutions and activations fused.

This graph is what is corrected and converted. TensorFlow is loaded with this module.
"""

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mobilenet_tf.errors import ModelError
from mobilenet_tf.keras_loader import keras, tf
from mobilenet_tf.networks.builder import ZeroPaddedAverage

__all__ = ["IMAGE", "Graph", "Node", "fold"]

IMAGE = -1  # the index that stands for the network's input

Array = NDArray[np.float32]


@dataclass(frozen=True)
class Node:
    """One op of the folded graph.

    inputs:     indices of the nodes whose outputs it takes; IMAGE is the network's input.
    kind:       conv, depthwise, dense, or the class name of a layer without weights.
    linear:     (inputs, kernel) -> output without bias; kernel is None for a layer without weights.
    kernel:     (h, w, in, out); (h, w, channels, 1) if depthwise; (in, out) if dense.
    activation: the fused activation, or None.
    strides, padding: of a convolution.
    learned:    whether the kernel can be trained; that of an average is fixed.
    """

    name: str
    inputs: tuple[int, ...]
    kind: str
    linear: Callable[[Sequence[Any], Any], Any]
    kernel: Array | None = None
    bias: Array | None = None
    activation: Callable[[Any], Any] | None = None
    strides: tuple[int, int] = (1, 1)
    padding: str = "VALID"
    learned: bool = True

    @property
    def ceiling(self) -> float:
        """The largest value the activation lets through."""
        limit = getattr(self.activation, "max_value", None)
        return float("inf") if limit is None else float(limit)

    def activate(self, x: Any) -> Any:
        """The fused activation of `x`, or `x`."""
        return x if self.activation is None else self.activation(x)

    def __call__(self, inputs: Sequence[Any]) -> Any:
        x = self.linear(inputs, self.kernel)
        return self.activate(x if self.bias is None else x + self.bias)


@dataclass(frozen=True)
class Graph:
    """Nodes in an order in which each follows its inputs; the last one's output is the network's."""

    nodes: tuple[Node, ...]
    input_shape: tuple[int, int, int]
    name: str = field(default="")

    def consumers(self, index: int) -> list[int]:
        """The nodes that take node `index`'s output."""
        return [user for user, node in enumerate(self.nodes) if index in node.inputs]

    @property
    def logits(self) -> int | None:
        """The node whose output a final softmax takes; None if the network does not end in a softmax."""
        last = self.nodes[-1]
        return last.inputs[0] if last.kind == "Softmax" else None

    def logits_among(self, outputs: Iterator[tuple[int, Any]]) -> Any:
        """The output that the final softmax takes, among nodes' outputs as `walk` gives them."""
        return next(x for index, x in outputs if index == self.logits)

    def walk(self, image: Any) -> Iterator[tuple[int, Any]]:
        """Each node's index and output for images (n, res, res, 3), in order. Outputs that were used are dropped."""
        values = {IMAGE: image}
        for index, node in enumerate(self.nodes):
            with tf.name_scope(node.name):
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


def fold(model: keras.Model) -> Graph:
    """Fold a functional Keras model. Raises ModelError for a batch norm or activation that follows no convolution."""
    nodes: list[Node] = []
    index_of = {id(model.inputs[0]): IMAGE}
    for layer in model.layers:
        if isinstance(layer, keras.layers.InputLayer):
            continue
        tensors = layer.input if isinstance(layer.input, list) else [layer.input]
        inputs = tuple(index_of[id(tensor)] for tensor in tensors)
        if isinstance(layer, keras.layers.BatchNormalization):
            nodes[inputs[0]] = _fold_batch_norm(nodes, inputs[0], layer)
            index_of[id(layer.output)] = inputs[0]
        elif isinstance(layer, keras.layers.ReLU) and inputs[0] != IMAGE and nodes[inputs[0]].activation is None:
            nodes[inputs[0]] = replace(nodes[inputs[0]], activation=layer)
            index_of[id(layer.output)] = inputs[0]
        else:
            nodes.append(_node(layer, inputs))
            index_of[id(layer.output)] = len(nodes) - 1
    return Graph(_in_file_order(nodes), tuple(model.input_shape[1:]), model.name)


def _in_file_order(nodes: Sequence[Node]) -> tuple[Node, ...]:
    """The nodes in the order in which the converter writes them: branches in the order of a node's inputs, then it."""
    place = {IMAGE: IMAGE}

    def visit(index: int) -> None:
        for source in nodes[index].inputs:
            if source not in place:
                visit(source)
        place[index] = len(place) - 1

    visit(len(nodes) - 1)
    return tuple(
        replace(nodes[index], inputs=tuple(place[source] for source in nodes[index].inputs))
        for index in place
        if index != IMAGE
    )


def _node(layer: keras.Layer, inputs: tuple[int, ...]) -> Node:
    if isinstance(layer, keras.layers.DepthwiseConv2D):
        return _convolution(layer, inputs, "depthwise", layer.padding.upper(), *_weights(layer))
    if isinstance(layer, keras.layers.Conv2D):
        return _convolution(layer, inputs, "conv", layer.padding.upper(), *_weights(layer))
    if isinstance(layer, ZeroPaddedAverage):
        channels = layer.output.shape[-1]
        bias = np.zeros(channels, np.float32)
        average = _convolution(layer, inputs, "depthwise", "SAME", layer.kernel(channels), bias)
        return replace(average, learned=False)
    if isinstance(layer, keras.layers.Dense):
        return Node(layer.name, inputs, "dense", lambda x, kernel: tf.matmul(x[0], kernel), *_weights(layer))
    if layer.weights:
        raise ModelError(f"cannot fold layer {layer.name} ({type(layer).__name__}): its weights are of no known kind.")
    return Node(layer.name, inputs, type(layer).__name__, lambda x, _: layer(x[0] if len(x) == 1 else list(x)))


def _convolution(
    layer: keras.Layer, inputs: tuple[int, ...], kind: str, padding: str, kernel: Array, bias: Array
) -> Node:
    strides = layer.strides

    def depthwise(x: Sequence[Any], kernel: Any) -> Any:
        return tf.nn.depthwise_conv2d(x[0], kernel, (1, *strides, 1), padding)

    def conv(x: Sequence[Any], kernel: Any) -> Any:
        return tf.nn.conv2d(x[0], kernel, strides, padding)

    linear = depthwise if kind == "depthwise" else conv
    return Node(layer.name, inputs, kind, linear, kernel, bias, strides=strides, padding=padding)


def _weights(layer: keras.Layer) -> tuple[Array, Array]:
    kernel, *bias = (np.asarray(weight) for weight in layer.get_weights())
    channels = kernel.shape[-2] if isinstance(layer, keras.layers.DepthwiseConv2D) else kernel.shape[-1]
    return kernel, bias[0] if bias else np.zeros(channels, np.float32)


def _fold_batch_norm(nodes: Sequence[Node], index: int, layer: keras.layers.BatchNormalization) -> Node:
    """kernel * gamma / sqrt(var + eps); (bias - mean) * gamma / sqrt(var + eps) + beta. In float64, rounded once."""
    node = nodes[index] if index != IMAGE else None
    if node is None or node.kernel is None or node.bias is None or node.activation is not None:
        raise ModelError(
            f"batch norm {layer.name} cannot be folded: it does not follow a convolution directly.\n"
            "Put it between the convolution and its activation."
        )
    gamma, beta, mean, variance = (np.asarray(weight, np.float64) for weight in layer.get_weights())
    factor = gamma / np.sqrt(variance + layer.epsilon)
    kernel = node.kernel * (factor[:, None] if node.kind == "depthwise" else factor)
    bias = (node.bias - mean) * factor + beta
    return replace(node, kernel=kernel.astype(np.float32), bias=bias.astype(np.float32))
