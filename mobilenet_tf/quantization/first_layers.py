"""The layers that take the image, or a padded or pooled form of it: what the normalization of the image can be folded
into. TensorFlow is loaded with this module.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from .graph import IMAGE, Graph, Node

__all__ = ["border_sums", "first_layers", "reordered", "rescaled"]

# Ops that treat all channels alike, and that leave an image of one colour as it is, apart from its border.
ALIKE = ("AVERAGE_POOL_2D", "MAX_POOL_2D", "PAD", "RESIZE_BILINEAR", "RESIZE_NEAREST_NEIGHBOR")

Float64 = NDArray[np.float64]


def first_layers(graph: Graph) -> tuple[int, ...] | None:
    """The nodes with weights that take the image, or what ops that treat all channels alike make of it.

    None if any other op takes it, or a convolution in groups.
    """
    found, taken = set(), [IMAGE]
    while taken:
        for index in graph.consumers(taken.pop()):
            node = graph.nodes[index]
            if _by_channel(node, graph.input_shape[-1]) is not None:
                found.add(index)
            elif node.op in ALIKE and not getattr(node.options, "fusedActivationFunction", 0):
                taken.append(index)
            elif not (node.op == "RESHAPE" and _only_dense(graph, index)):
                return None
            else:
                taken.append(index)
    return tuple(sorted(found))


def rescaled(graph: Graph, layers: Sequence[int], factor: Float64, offset: Float64) -> Graph:
    """The graph that takes x if `graph` takes factor * x + offset, each (channels,).

    It is the same function, but where the image is padded with zeros: 0 stands for another value. layers: first_layers.
    """

    def fold(node: Node, weights: Float64) -> tuple[Float64, Float64]:
        shift = (weights * offset[:, None]).sum(0)  # (channels, outputs of each)
        return weights * factor[:, None], shift.ravel() if node.kind == "depthwise" else shift.sum(0)

    return _changed(graph, layers, fold)


def reordered(graph: Graph, layers: Sequence[int], order: Sequence[int]) -> Graph | None:
    """The graph that takes x if `graph` takes x[..., order]; None if one of its first layers is depthwise."""
    if any(graph.nodes[index].kind == "depthwise" for index in layers):
        return None
    return _changed(graph, layers, lambda _, weights: (weights[:, np.argsort(order)], np.zeros(1)))


def border_sums(graph: Graph, layers: Sequence[int]) -> Float64:
    """What the first layers' outputs at the image's edges lack for each unit of a channel, as 0 is padded there:
    (edges and outputs, channels).
    """
    sums = [np.zeros((0, graph.input_shape[-1]))]
    for index in layers:
        node = graph.nodes[index]
        weights = _by_channel(node, graph.input_shape[-1])
        if node.kind == "dense" or weights is None:
            continue
        for rows in _padded_taps(graph, node):
            outside = weights[rows.ravel()].sum(0)  # (channels, outputs)
            each = outside.T if node.kind == "conv" else np.einsum("co,cd->cod", outside, np.eye(len(outside)))
            sums.append(each.reshape(-1, outside.shape[0]))
    return np.concatenate(sums)


def _by_channel(node: Node, channels: int) -> Float64 | None:
    """A kernel as (taps, input channels, outputs), or (taps, input channels, outputs of each) if it is depthwise; None
    for another node, or for another number of channels.
    """
    if node.kernel is None:
        return None
    if node.kind == "conv":
        fits = node.kernel.shape[2] == channels
        outputs = node.kernel.shape[-1]
    else:
        length = node.kernel.shape[2 if node.kind == "depthwise" else 0]
        fits = length % channels == 0
        outputs = length // channels if node.kind == "depthwise" else node.kernel.shape[-1]
    return node.kernel.reshape(-1, channels, outputs).astype(np.float64) if fits else None


def _only_dense(graph: Graph, index: int) -> bool:
    """Whether a node makes one row of the pixels, for fully connected layers alone."""
    users = [graph.nodes[user] for user in graph.consumers(index)]
    return len(graph.nodes[index].shape) == 2 and all(user.kind == "dense" for user in users)


def _changed(graph: Graph, layers: Sequence[int], change: Callable[[Node, Float64], tuple[Float64, Float64]]) -> Graph:
    """The graph with other kernels in some layers. change: (node, weights as of _by_channel) -> the new weights, and
    what to add to the bias.
    """
    nodes = list(graph.nodes)
    for index in layers:
        node = nodes[index]
        weights = _by_channel(node, graph.input_shape[-1])
        assert weights is not None
        assert node.kernel is not None
        assert node.bias is not None
        weights, shift = change(node, weights)
        kernel = weights.reshape(node.kernel.shape).astype(np.float32)
        nodes[index] = replace(node, kernel=kernel, bias=(node.bias + shift).astype(np.float32))
    return replace(graph, nodes=tuple(nodes))


def _padded_taps(graph: Graph, node: Node) -> Iterator[NDArray[np.bool_]]:
    """For each edge of the image that is padded, which of a kernel's taps (h, w) fall outside at the first output."""
    assert node.kernel is not None
    size = node.kernel.shape[:2]
    (source,) = node.inputs
    before = [[0, 0], [0, 0]]
    shape = graph.input_shape if source == IMAGE else graph.nodes[source].shape[1:]
    if source != IMAGE and graph.nodes[source].op == "PAD":
        before = graph.nodes[source].constants[1][1:3].tolist()
    for axis in (0, 1):
        steps, reach = node.strides[axis], (size[axis] - 1) * node.dilation[axis] + 1
        length = shape[axis]
        outputs = node.shape[1 + axis]
        missing = max((outputs - 1) * steps + reach - length, 0) if node.padding == "SAME" else 0
        taps = np.arange(size[axis]) * node.dilation[axis]
        start = taps - missing // 2  # of the first output, in the padded image
        last = start + (outputs - 1) * steps
        for outside in (start < before[axis][0], last >= length - before[axis][1]):
            if outside.any():
                yield np.broadcast_to(outside[:, None] if axis == 0 else outside, size)
