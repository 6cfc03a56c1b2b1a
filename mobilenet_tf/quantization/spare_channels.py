"""Channels that are 0 on every image carry copies of those whose rounding costs most.

A trained MobileNet has such channels, most of them in its first layers, where rounding costs most too. If the biases of
m copies of a channel differ by an m-th of a step, each copy is rounded at other places: their mean has an m-th of the
step, and so 1 / m^2 of the squared error. What takes the channel has an m-th of its weight for each copy. Duplicates of
channels for quantization: Zhao et al. 2019, "Improving Neural Network Quantization without Retraining using Outlier
Channel Splitting"; there they are added to the network, here they take the place of what it has already.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from .graph import IMAGE, Graph, Node
from .ops import Range
from .ranges import Channels, step_of
from .scales import grid_step, weight_scales
from .sensitivity import NodeStatistics

__all__ = ["with_spare_channels_used"]

Array = NDArray[np.float32]
Copies = dict[int, list[int]]  # channel -> itself and the spare channels that carry copies of it


@dataclass(frozen=True)
class Block:
    """A convolution, the depthwise convolution that alone takes it, and the convolution that alone takes that: nodes.

    A channel of the first is one of the second: copies within a block change nothing outside.
    """

    first: int
    depthwise: int
    last: int


def with_spare_channels_used(
    graph: Graph, statistics: Sequence[NodeStatistics], channels: Mapping[int, Channels], ranges: Mapping[int, Range]
) -> Graph:
    """The same function, but for values within a step of where an activation begins to clip.

    statistics: of each node up to the logits.
    channels:   the smallest and the largest value of each node's channels: a channel that was always 0 is spare.
    ranges:     of each node's int8 output.
    """
    nodes = list(graph.nodes)
    for block in _blocks(graph):
        if block.last >= len(statistics):
            continue
        outputs = [statistics[index] for index in (block.first, block.depthwise)]
        steps = [step_of(ranges[index], "int8") for index in (block.first, block.depthwise)]
        costs = np.sum([one.sensitivity * step**2 for one, step in zip(outputs, steps, strict=True)], 0)
        low, high = channels[block.depthwise]
        copies = _copies(costs, np.flatnonzero((low == 0) & (high == 0)).tolist())
        for index, node in _copied(nodes, block, copies, steps).items():
            nodes[index] = node
    return replace(graph, nodes=tuple(nodes))


def _blocks(graph: Graph) -> Iterator[Block]:
    for index, node in enumerate(graph.nodes):
        if node.kind != "depthwise":
            continue
        users, source = graph.consumers(index), node.inputs[0]
        while source != IMAGE and graph.nodes[source].op == "PAD" and len(graph.consumers(source)) == 1:
            source = graph.nodes[source].inputs[0]
        whole = source != IMAGE and len(graph.consumers(source)) == 1 and graph.width(source) == graph.width(index)
        if whole and len(users) == 1 and all(_takes_all(graph, other) for other in (source, users[0])):
            yield Block(source, index, users[0])


def _takes_all(graph: Graph, index: int) -> bool:
    """Whether a node is a convolution that is not grouped."""
    node = graph.nodes[index]
    return node.kind == "conv" and node.kernel is not None and node.kernel.shape[2] == graph.width(node.inputs[0])


def _copies(costs: NDArray[np.float64], spare: Sequence[int]) -> Copies:
    """Each spare channel goes to that whose cost, an m^2-th of what it was with one of m copies, falls most by it."""
    copies = {channel: [channel] for channel in range(len(costs)) if channel not in spare}

    def gain(channel: int) -> float:
        count = len(copies[channel])
        return float(costs[channel] * (count**-2 - (count + 1) ** -2))

    for place in spare:
        best = max(copies, key=gain, default=None)
        if best is not None and gain(best) > 0:
            copies[best].append(place)
    return {channel: places for channel, places in copies.items() if len(places) > 1}


def _copied(nodes: Sequence[Node], block: Block, copies: Copies, steps: Sequence[float]) -> dict[int, Node]:
    """The nodes of a block with the copies. steps: of the outputs of its first two."""
    indices = (block.first, block.depthwise, block.last)
    first, depthwise, last = (np.array(nodes[index].kernel) for index in indices)
    biases = [np.array(nodes[index].bias) for index in indices]
    unit = grid_step(last) or weight_scales(last, "conv")
    for channel, places in copies.items():
        shifts = (np.arange(len(places)) + 0.5) / len(places) - 0.5  # in steps
        taps = depthwise[:, :, channel]
        first[..., places] = first[..., [channel]]
        depthwise[:, :, places] = taps[:, :, None]
        biases[0][places] = biases[0][channel] + shifts * steps[0]
        # Without what the shift of the first becomes.
        biases[1][places] = biases[1][channel] + shifts * (steps[1] - steps[0] * taps.sum())
        last[:, :, places] = np.stack(_parts(last[:, :, channel], len(places), unit), 2)
    return {
        index: replace(nodes[index], kernel=kernel, bias=bias)
        for index, kernel, bias in zip(indices, (first, depthwise, last), biases, strict=True)
    }


def _parts(weights: Array, count: int, unit: Array | float) -> list[Array]:
    """Weights (h, w, out) as a sum of about equal parts.

    All but the last are whole multiples of the unit: the sum is rounded as one weight is, and not at all if the weights
    are such multiples themselves.
    """
    parts = []
    for left in range(count, 1, -1):
        parts.append((np.rint(weights / unit / left) * unit).astype(np.float32))
        weights = weights - parts[-1]
    return [*parts, weights]
