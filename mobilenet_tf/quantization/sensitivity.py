"""How much the rounding of each node's output costs, channel by channel, by the gradients of the float network.

An error e of a node's output moves the softmax by a divergence of e' F e / 2 nats, F being the Fisher information of
the output (Martens 2020, "New Insights and Perspectives on the Natural Gradient Method", section 9; BRECQ, Li et al.
2021, section 3.1, weights its errors in the same way). Of F the diagonal is measured. The Fisher information of the
logits is diag(p) - p p' = B B' with B = diag(sqrt p) - p sqrt(p)': if v is a random vector of signs, the squares of the
gradient of (B v)' logits have the diagonal of F as their mean. TensorFlow is loaded with this module.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mobilenet_tf.keras_loader import tf
from mobilenet_tf.progress import OnProgress, ignore_progress

from .detection_end import detection_root, end_of
from .graph import Graph
from .ops import Range

__all__ = ["SHRUNK", "NodeStatistics", "best_range", "divergence_within", "fisher_root", "measured"]

DRAWS = 3  # random vectors for each image
BINS = 4096  # of a histogram
# Shares of an observed end that a range may have; a photo or two may have activations far beyond those of all others.
SHRUNK = np.concatenate([np.linspace(1.0, 0.2, 33), np.geomspace(0.2, 0.01, 33)[1:]])
GIVEN_UP = 0.1  # share of the images that clipping may cost more than it counts
GIVEN_UP_FROM = 0.02  # nats from which an image may be one of them
CLIPPED = 4.0  # weight of clipping: its errors are alike at neighbouring places and add up, unlike those of rounding

Float64 = NDArray[np.float64]


@dataclass
class NodeStatistics:
    """What was seen of a node's output.

    low, high:   the smallest and the largest value of each channel, (channels,).
    square:      mean square of each channel over the images' places, (channels,).
    sensitivity: the Fisher information summed over the places of an image, mean of the images, (channels,). Values of
                 exactly 0 are left out, since they are rounded without error.
    edges:       of the bins between the smallest and the largest value, (BINS + 1,).
    weights:     the Fisher information of the values in each bin, of each image, (images, BINS).
    """

    low: Float64
    high: Float64
    square: Float64
    sensitivity: Float64
    edges: Float64
    weights: NDArray[np.float32]


def measured(
    graph: Graph,
    images: NDArray[np.uint8],
    ranges: Mapping[int, Range],
    seed: int = 0,
    *,
    draws: int = DRAWS,
    on_progress: OnProgress = ignore_progress,
) -> list[NodeStatistics]:
    """The NodeStatistics of each node up to the logits, in order, on images (n, res, res, 3).

    For a network that does not end in a softmax, they are of all nodes, and the divergence is half the squared error of
    its outputs; for a detector that of detection_end.py.

    ranges: the observed range of each node, between which the histograms are.
    draws:  of random vectors for each image.
    """
    rng = np.random.default_rng(seed)
    outputs_shape = graph.nodes[-1 if graph.logits is None else graph.logits].shape[1:]
    statistics: list[NodeStatistics] = []
    chunks = graph.chunks(images, size=10)
    for number, chunk in enumerate(chunks):
        on_progress("measuring sensitivities", number / len(chunks))
        of_chunk: list[NodeStatistics] = []
        for _ in range(draws):
            signs = rng.choice(np.array([-1, 1], np.float32), (len(chunk), *outputs_shape))
            outputs, slopes = _gradients(graph, chunk, signs)
            pairs = enumerate(zip(outputs, slopes, strict=True))
            parts = [_statistics(np.asarray(x), np.asarray(slope), ranges[i]) for i, (x, slope) in pairs]
            of_chunk = _sums(of_chunk, parts, np.add)
        statistics = _sums(statistics, of_chunk, lambda *weights: np.concatenate(weights))
    count = len(images) * draws
    for node in statistics:
        node.square /= count
        node.sensitivity /= count
        node.weights /= draws
    return statistics


def _gradients(graph: Graph, image: Any, signs: Any) -> tuple[list[Any], list[Any]]:
    with tf.GradientTape() as tape:
        tape.watch(image)
        outputs = []
        for index, x in graph.walk(image):
            outputs.append(x)
            if index == graph.logits:
                break
        root = _root(graph, outputs[-1], signs)
        total = tf.reduce_sum(outputs[-1] * tf.stop_gradient(root))
    return outputs, tape.gradient(total, outputs, unconnected_gradients="zero")


def _root(graph: Graph, output: Any, signs: Any) -> Any:
    """B v for random signs v; see above. output: the logits, or that of a graph that does not end in a softmax."""
    if graph.logits is not None:
        return fisher_root(output, signs)
    return signs if end_of(graph) is None else detection_root(output, signs)


def fisher_root(logits: Any, signs: Any) -> Any:
    """B v for random signs v, each (n, classes), if B B' is the Fisher information of the logits; see above."""
    p = tf.nn.softmax(logits)
    scaled = tf.sqrt(p) * signs
    return scaled - p * tf.reduce_sum(scaled, -1, keepdims=True)


def _statistics(x: Any, slope: Any, limits: Range) -> NodeStatistics:
    axes = tuple(range(x.ndim - 1))
    information = np.where(x != 0, slope * slope, 0)
    low, high = limits
    high = max(high, low + 1e-6)
    places = np.clip((x.reshape(len(x), -1) - low) * (BINS / (high - low)), 0, BINS - 1).astype(np.int32)
    pairs = zip(places, information.reshape(places.shape), strict=True)
    weights = np.stack([np.bincount(of_image, seen, BINS) for of_image, seen in pairs]).astype(np.float32)
    square = np.square(x).mean(axes[1:]).sum(0, dtype=np.float64)
    return NodeStatistics(
        x.min(axes).astype(np.float64),
        x.max(axes).astype(np.float64),
        square,
        information.sum(axes, dtype=np.float64),
        np.linspace(low, high, BINS + 1),
        weights,
    )


def _sums(one: list[NodeStatistics], other: list[NodeStatistics], weights: Callable[..., Any]) -> list[NodeStatistics]:
    """Of each node; weights: adds those of the same images, or puts those of others behind them."""
    if not one:
        return other
    return [
        NodeStatistics(
            np.minimum(a.low, b.low),
            np.maximum(a.high, b.high),
            a.square + b.square,
            a.sensitivity + b.sensitivity,
            a.edges,
            weights(a.weights, b.weights),
        )
        for a, b in zip(one, other, strict=True)
    ]


def divergence_within(node: NodeStatistics, limits: Range) -> float:
    """What int8 steps within `limits` add to the divergence of the softmaxes, in nats an image.

    Rounding costs step^2 / 12 times the Fisher information of the values within the range; a value outside costs its
    squared distance from the range.
    """
    values = (node.edges[1:] + node.edges[:-1]) / 2
    outside = np.maximum(0, np.maximum(limits[0] - values, values - limits[1]))
    step = (limits[1] - limits[0]) / 255
    return float(0.5 * (node.weights.mean(0) @ ((outside == 0) * step**2 / 12 + CLIPPED * outside**2)))


def best_range(node: NodeStatistics, *, gives_up: bool) -> Range:
    """The int8 range of a node's output with the least divergence of the softmaxes, of those that SHRUNK gives.

    gives_up: whether of the tenth of the images that clipping costs most none counts more than the one below them: a
    few far beyond all others are given up rather than that all others have coarse steps. Else as `divergence_within`.
    """
    values, weights = (node.edges[1:] + node.edges[:-1]) / 2, node.weights.mean(0)
    lows, highs = (SHRUNK * end if end else np.zeros(1) for end in (min(0.0, node.edges[0]), max(0.0, node.edges[-1])))
    below, above = np.maximum(0, lows[:, None] - values), np.maximum(0, values - highs[:, None])
    inside = weights.sum() - ((below > 0) @ weights)[:, None] - (above > 0) @ weights
    clipped = (below**2 @ node.weights.T)[:, None] + above**2 @ node.weights.T  # (lows, highs, images)
    clipping = 0.5 * CLIPPED * clipped
    if gives_up:
        kept = int((1 - GIVEN_UP) * (clipping.shape[2] - 1))
        clipping = np.minimum(clipping, np.maximum(GIVEN_UP_FROM, np.partition(clipping, kept)[:, :, kept, None]))
    step = (highs - lows[:, None]) / 255
    low, high = np.unravel_index((0.5 * inside * step**2 / 12 + clipping.mean(2)).argmin(), step.shape)
    return float(lows[low]), float(highs[high])
