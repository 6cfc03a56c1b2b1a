"""Grouped convolutions and channel shuffles as plain convolutions: the same function, more Mult-Adds, fewer ops.

A grouped kernel is a plain one with zeros where a group does not look, and a shuffle permutes channels. The depthwise
convolution after it may as well work on the channels as they were, its kernel permuted back, and so may the plain
convolution after that: no shuffle is left. One large matrix product takes the place of several small ones; `make
bench-archs` measures for which files that is faster. TensorFlow is loaded with this module.
"""

from dataclasses import replace

import numpy as np

from .graph import IMAGE, Array, Graph, Node

__all__ = ["ungroup", "ungrouped", "without"]


def ungroup(graph: Graph) -> Graph:
    """The same function without grouped convolutions, and without a shuffle that only a depthwise and then a grouped
    convolution follow. A graph that has neither is given back as it is.
    """
    widths = _widths(graph)
    nodes = [_plain(node, widths[node.inputs[0]]) for node in graph.nodes]
    if all(new is old for new, old in zip(nodes, graph.nodes, strict=True)):
        return graph
    passed: dict[int, int] = {}  # shuffle -> what goes in
    for index, node in enumerate(graph.nodes):
        users = _users(graph, index) if node.kind == "ChannelShuffle" else None
        if users is not None:
            back = _back(graph.nodes[users[1]], widths[index])
            for user in users:
                nodes[user] = _permuted(nodes[user], back)
            passed[index] = node.inputs[0]
    return without(replace(graph, nodes=tuple(nodes)), passed)


def ungrouped(kernel: Array, channels: int) -> Array:
    """A grouped kernel (h, w, channels / groups, out) as the plain one (h, w, channels, out) that does the same."""
    height, width, rows, out = kernel.shape
    groups = channels // rows
    plain = np.zeros((height, width, groups, rows, groups, out // groups), kernel.dtype)
    for group, part in enumerate(np.split(kernel, groups, axis=-1)):
        plain[:, :, group, :, group] = part
    return plain.reshape(height, width, channels, out)


def _widths(graph: Graph) -> dict[int, int]:
    """The channels of each node's output."""
    widths = {IMAGE: graph.input_shape[-1]}
    for index, node in enumerate(graph.nodes):
        taken = [widths[source] for source in node.inputs]
        joined = sum(taken) if node.kind == "Concatenate" else taken[0]
        widths[index] = joined if node.bias is None else len(node.bias)
    return widths


def _plain(node: Node, channels: int) -> Node:
    if node.kind != "conv" or node.kernel is None or node.kernel.shape[2] == channels:
        return node
    return replace(node, kernel=ungrouped(node.kernel, channels))


def _users(graph: Graph, index: int) -> tuple[int, int] | None:
    """The depthwise and the other convolution that alone follow a node; None where others do."""
    first = graph.consumers(index)
    second = graph.consumers(first[0]) if len(first) == 1 else []
    if len(second) != 1 or (graph.nodes[first[0]].kind, graph.nodes[second[0]].kind) != ("depthwise", "conv"):
        return None
    return first[0], second[0]


def _back(grouped: Node, channels: int) -> "np.ndarray[tuple[int], np.dtype[np.intp]]":
    """Where each channel before the shuffle is after it, by the groups of the convolution that it deals out for."""
    assert grouped.kernel is not None
    return np.argsort(np.arange(channels).reshape(channels // grouped.kernel.shape[2], -1).T.ravel())


def _permuted(node: Node, back: "np.ndarray[tuple[int], np.dtype[np.intp]]") -> Node:
    """The node as it works on the channels before the shuffle; a depthwise one's bias goes with its channels."""
    assert node.kernel is not None
    assert node.bias is not None
    bias = node.bias[back] if node.kind == "depthwise" else node.bias
    return replace(node, kernel=node.kernel[:, :, back], bias=bias)


def without(graph: Graph, passed: dict[int, int]) -> Graph:
    """The graph without the nodes of `passed`, whose users take what these took."""
    kept = [index for index in range(len(graph.nodes)) if index not in passed]
    place = {old: new for new, old in enumerate(kept)} | {IMAGE: IMAGE}
    place |= {gone: place[source] for gone, source in passed.items()}
    nodes = (replace(graph.nodes[i], inputs=tuple(place[source] for source in graph.nodes[i].inputs)) for i in kept)
    return replace(graph, nodes=tuple(nodes))
