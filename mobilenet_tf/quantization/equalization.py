"""Cross-layer equalization: channels are rescaled between two layers so that one scale suits the whole kernel.

Nagel et al. 2019, "Data-Free Quantization Through Weight Equalization and Bias Correction", section 4.1. The paper
replaces ReLU6 by ReLU. Here ReLU6 and with it the network's function stay: a channel that reaches the maximum of its
activation is not rescaled, and any other only as far as it stays below the maximum.

TensorFlow is loaded with this module.
"""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from mobilenet_tf.keras_loader import tf

from .graph import Graph, Node
from .scales import channel_ranges
from .simulation import along_channels

__all__ = ["equalize"]

ROUNDS = 4  # over all pairs: the factors change little after that
LIMIT = 1e3  # the largest factor: channels that are nearly always 0 would have a larger one

Array = NDArray[np.float64]


def equalize(graph: Graph, images: NDArray[np.uint8]) -> tuple[Graph, list[str]]:
    """The same function with other weights, and the names of the layers that were skipped.

    images: uint8 (n, res, res, 3). The function is unchanged as long as each channel stays within its range on them.
    A pair is a layer and the only layer that takes its output, both with weights. A layer that is not the first of a
    pair is skipped, except the last layer.
    """
    peaks = _peaks(graph, images)
    nodes = list(graph.nodes)
    pairs = {index: users[0] for index in peaks if len(users := graph.consumers(index)) == 1}
    pairs = {first: second for first, second in pairs.items() if nodes[second].kernel is not None}
    factors = {first: np.ones(len(peaks[first])) for first in pairs}
    for _ in range(ROUNDS):
        for first, second in pairs.items():
            balanced = factors[first] * _balance(nodes[first], nodes[second], _saturates(nodes[first], peaks[first]))
            allowed = _allowed(nodes[first], peaks[first], balanced)
            change, factors[first] = allowed / factors[first], allowed
            nodes[first], nodes[second] = _rescaled(nodes[first], nodes[second], change)
    last = max(peaks, default=0)
    skipped = [nodes[index].name for index in peaks if index not in pairs and index != last]
    return replace(graph, nodes=tuple(nodes)), skipped


def _peaks(graph: Graph, images: NDArray[np.uint8]) -> dict[int, Array]:
    """The largest output of each channel of the nodes with weights."""
    peaks: dict[int, Array] = {}
    for chunk in graph.chunks(images):
        for index, x in graph.walk(chunk):
            if graph.nodes[index].kernel is not None:
                peak = np.asarray(tf.reduce_max(x, range(x.ndim - 1)), np.float64)
                peaks[index] = np.maximum(peaks.get(index, peak), peak)
    return peaks


def _saturates(node: Node, peak: Array) -> NDArray[np.bool_]:
    return peak >= node.ceiling - 1e-3


def _allowed(node: Node, peak: Array, factors: Array) -> Array:
    """The factors, limited to those that do not change the function."""
    room = np.where(peak > 0, node.ceiling / np.maximum(peak, 1e-9), LIMIT)
    allowed = np.clip(np.minimum(factors, room), 1 / LIMIT, LIMIT)
    return np.where(_saturates(node, peak), 1.0, allowed)


def _balance(first: Node, second: Node, fixed: NDArray[np.bool_]) -> Array:
    """Factors that bring both layers' ranges of a channel to their geometric mean, relative to the fixed channels."""
    out = channel_ranges(first.kernel, first.kind).astype(np.float64)  # type: ignore[arg-type]
    into = _input_ranges(second)
    live = (out > 1e-8) & (into > 1e-8)
    anchor = fixed & live
    if not live.any():
        return np.ones_like(out)
    ratio = out[anchor].max() / into[anchor].max() if anchor.any() else np.median(out[live]) / np.median(into[live])
    safe = np.where(live, out, 1.0)
    return np.where(live, np.sqrt(ratio * into / safe), 1.0)


def _input_ranges(node: Node) -> Array:
    """The largest weight that each input channel is multiplied by."""
    assert node.kernel is not None
    # An input channel is the last axis but one in every layout.
    largest: Array = np.abs(np.moveaxis(node.kernel, -2, -1)).reshape(-1, node.kernel.shape[-2]).max(0)
    return largest.astype(np.float64)


def _rescaled(first: Node, second: Node, factor: Array) -> tuple[Node, Node]:
    assert first.kernel is not None
    assert first.bias is not None
    assert second.kernel is not None
    factor = factor.astype(np.float32)
    raised = replace(first, kernel=first.kernel * along_channels(factor, first.kind), bias=first.bias * factor)
    return raised, replace(second, kernel=second.kernel / factor[:, None])
