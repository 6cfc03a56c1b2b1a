"""Grouped convolutions and channel shuffles as plain convolutions: the same function, more Mult-Adds, fewer ops.

A grouped kernel is a plain kernel with zeros for the channels of other groups. A shuffle permutes channels: it can be
left out if the kernels of the depthwise and of the plain convolution after it are permuted back. One large matrix
product replaces several small ones; `make bench-archs` measures for which files that is faster. TensorFlow is loaded
with this module.
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from .graph import IMAGE, Array, Graph, Node

__all__ = ["Shuffle", "remove_nodes", "shuffle_at", "ungroup", "ungrouped"]

Order = NDArray[np.intp]


def ungroup(graph: Graph) -> Graph:
    """The same function without grouped convolutions, and without each shuffle that is followed by a depthwise and then
    a grouped convolution alone. A graph that has neither is returned as it is.
    """
    nodes = [_plain(node, graph.width(node.inputs[0])) for node in graph.nodes]
    if all(new is old for new, old in zip(nodes, graph.nodes, strict=True)):
        return graph
    removed: dict[int, int] = {}  # shuffle -> its input
    for index, node in enumerate(graph.nodes):
        shuffle = shuffle_at(graph, index)
        users = _users(graph, shuffle.last) if shuffle is not None else None
        if shuffle is not None and users is not None:
            for user in users:
                nodes[user] = _permuted(nodes[user], np.argsort(shuffle.order))
            removed.update(dict.fromkeys(range(index, shuffle.last + 1), node.inputs[0]))
    return remove_nodes(replace(graph, nodes=tuple(nodes)), removed)


def ungrouped(kernel: Array, channels: int) -> Array:
    """A grouped kernel (h, w, channels / groups, out) -> the plain one with the same output, (h, w, channels, out)."""
    height, width, rows, out = kernel.shape
    groups = channels // rows
    plain = np.zeros((height, width, groups, rows, groups, out // groups), kernel.dtype)
    for group, part in enumerate(np.split(kernel, groups, axis=-1)):
        plain[:, :, group, :, group] = part
    return plain.reshape(height, width, channels, out)


@dataclass(frozen=True)
class Shuffle:
    """Three nodes that permute channels: reshape into groups, transpose, reshape back.

    last:  the index of the third.
    order: the channel of the input that each channel of the output is.
    """

    last: int
    order: Order


def shuffle_at(graph: Graph, index: int) -> Shuffle | None:
    """The shuffle that begins with node `index`; None if none does."""
    nodes = graph.nodes[index : index + 3]
    if [node.op for node in nodes] != ["RESHAPE", "TRANSPOSE", "RESHAPE"]:
        return None
    if any(graph.consumers(index + i) != [index + i + 1] for i in (0, 1)):
        return None
    # The converter may merge all axes before the groups.
    (*_, groups, size), swapped = nodes[0].shape, tuple(nodes[1].constants[1])
    last = len(swapped) - 1
    if swapped != (*range(last - 1), last, last - 1) or nodes[2].shape[-1] != groups * size:
        return None
    if graph.width(nodes[0].inputs[0]) != groups * size:
        return None
    return Shuffle(index + 2, np.arange(groups * size).reshape(groups, size).T.ravel())


def _plain(node: Node, channels: int) -> Node:
    if node.kind != "conv" or node.kernel is None or node.kernel.shape[2] == channels:
        return node
    return replace(node, kernel=ungrouped(node.kernel, channels))


def _users(graph: Graph, index: int) -> tuple[int, int] | None:
    """The depthwise convolution and then the convolution that alone follow a node; None if other nodes do."""
    first = graph.consumers(index)
    second = graph.consumers(first[0]) if len(first) == 1 else []
    if len(second) != 1 or (graph.nodes[first[0]].kind, graph.nodes[second[0]].kind) != ("depthwise", "conv"):
        return None
    return first[0], second[0]


def _permuted(node: Node, back: Order) -> Node:
    """The node with its kernel permuted to take the channels before the shuffle, and a depthwise node's bias too."""
    assert node.kernel is not None
    assert node.bias is not None
    bias = node.bias[back] if node.kind == "depthwise" else node.bias
    return replace(node, kernel=node.kernel[:, :, back], bias=bias)


def remove_nodes(graph: Graph, removed: dict[int, int]) -> Graph:
    """The graph without some nodes. removed: node -> the node whose output its consumers take instead."""
    kept = [index for index in range(len(graph.nodes)) if index not in removed]
    place = {old: new for new, old in enumerate(kept)} | {IMAGE: IMAGE}
    place |= {index: place[source] for index, source in removed.items()}
    nodes = (replace(graph.nodes[i], inputs=tuple(place[source] for source in graph.nodes[i].inputs)) for i in kept)
    return replace(graph, nodes=tuple(nodes))
