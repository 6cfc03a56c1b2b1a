"""Channels of the activations are rescaled so that the rounding of activations costs the softmax least.

One step serves all channels of an activation, so quiet channels are rounded coarsely. A layer's output channel may be
multiplied by a gain if whatever takes it is divided by it: cross-layer equalization (Nagel et al. 2019, section 4.1).
There the gains equalize the ranges of weights. Here weights have a step for each output channel, and gains are chosen
for the activations: by gradient descent on the expected divergence of the softmaxes, which sensitivity.py measures,
and to which the rounding of the weights that are divided adds. TensorFlow is loaded with this module.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mobilenet_tf.keras_loader import keras, tf

from .graph import IMAGE, Graph, Node
from .sensitivity import NodeStatistics
from .simulation import along_channels

__all__ = ["rescaled", "shared_channels"]

STEPS, RATE = 200, 0.05  # of Adam, in logarithms of gains
LIMIT = np.log(100.0)  # of the logarithm of a gain
NORM = 24  # of the vector norm that stands for the maximum
WEIGHT_NOISE = 3.0  # weight of the rounding of weights: its errors are alike at all places of an image, and add up
MARGIN = 1.2  # below the ceiling of ReLU6, for images that were not measured
PASSING = ("MEAN", "AVERAGE_POOL_2D", "MAX_POOL_2D", "PAD", "RELU", "RELU6")  # f(gain * x) = gain * f(x)
LINEAR, RELU, RELU6 = 0, 1, 3  # fused activations in the schema

Array = NDArray[np.float32]


def rescaled(graph: Graph, statistics: Sequence[NodeStatistics]) -> Graph:
    """The same function with other weights. statistics: of each node up to the logits.

    The function is unchanged as long as channels stay below ReLU6's ceiling that did so on the images measured.
    """
    groups = shared_channels(graph)
    logarithms = _chosen(graph, statistics, groups)
    gains = {group: np.exp(values).astype(np.float32) for group, values in logarithms.items()}
    return _with_gains(graph, {index: gains[group] for index, group in groups.items()})


def shared_channels(graph: Graph) -> dict[int, int]:
    """Node -> the group that it is in: outputs whose channels must have the same gains. Fixed ones are left out."""
    parent = {index: index for index in range(IMAGE, len(graph.nodes))}
    fixed = {IMAGE, len(graph.nodes) - 1}

    def root(index: int) -> int:
        while parent[index] != index:
            index = parent[index]
        return index

    for index, node in enumerate(graph.nodes):
        if node.kernel is not None:
            if node.activation not in (LINEAR, RELU, RELU6):
                fixed.add(index)
            if node.kind != "depthwise" and node.kernel.shape[-2] != graph.width(node.inputs[0]):
                fixed.add(node.inputs[0])
            continue
        passed = _passed(graph, index)
        for other in passed:
            parent[root(other)] = root(index)
        fixed.update(set(node.inputs) - set(passed))
        if not passed:
            fixed.add(index)
    roots = {root(index) for index in fixed}
    return {index: root(index) for index in range(len(graph.nodes)) if root(index) not in roots}


def _passed(graph: Graph, index: int) -> tuple[int, ...]:
    """The inputs of an op without weights that its output shares its gains with."""
    node = graph.nodes[index]
    shapes = [(1, *graph.input_shape) if source == IMAGE else graph.nodes[source].shape for source in node.inputs]
    activation = getattr(node.options, "fusedActivationFunction", LINEAR)
    if activation not in (LINEAR, RELU):
        return ()
    if node.op in PASSING and shapes[0][-1] == node.shape[-1]:
        return node.inputs[:1]
    if node.op in ("RESHAPE", "SQUEEZE") and shapes[0][-1] == node.shape[-1] == np.prod(node.shape):
        return node.inputs
    if node.op == "ADD" and not node.constants and all(shape == node.shape for shape in shapes):
        return node.inputs
    if node.op == "MUL" and len(shapes) == 2 and (shapes[0] == node.shape) != (shapes[1] == node.shape):
        return (node.inputs[0 if shapes[0] == node.shape else 1],)  # the other is a gate
    return ()


@dataclass(frozen=True)
class _Layer:
    """A layer with weights, for the cost of their rounding: one that takes a group's channels.

    largest: the largest weight from each input channel to each output channel, (in, out).
    power:   the mean square of each input channel, times the taps that take it, (in,).
    """

    group: int
    largest: Array
    power: Array
    sensitivity: Array


def _chosen(graph: Graph, statistics: Sequence[NodeStatistics], groups: dict[int, int]) -> dict[int, Any]:
    """The logarithms of the gains of each group, (channels,)."""
    members = {index: group for index, group in groups.items() if index < len(statistics)}
    gains = {group: tf.Variable(tf.zeros(graph.width(index))) for index, group in members.items()}
    ceilings = {group: np.full(gain.shape, LIMIT, np.float32) for group, gain in gains.items()}
    floors = {group: np.full(gain.shape, -LIMIT, np.float32) for group, gain in gains.items()}
    for index, group in members.items():
        if graph.nodes[index].ceiling == 6 or graph.nodes[index].op == "RELU6":
            peak = np.maximum(statistics[index].high, 1e-3)
            ceilings[group] = np.minimum(ceilings[group], np.log(6 / (MARGIN * peak)))
            floors[group] = np.where(peak >= 6 - 1e-3, 0, floors[group])
    ceilings = {group: np.clip(values, 0, LIMIT).astype(np.float32) for group, values in ceilings.items()}
    layers = _layers(graph, statistics, members)
    optimizer = keras.optimizers.Adam(keras.optimizers.schedules.CosineDecay(RATE, STEPS))
    variables = list(gains.values())
    if not variables:
        return {}
    optimizer.build(variables)

    def step() -> Any:
        with tf.GradientTape() as tape:
            loss = tf.math.log(_divergence(statistics, members, layers, gains))
        optimizer.apply(tape.gradient(loss, variables), variables)
        for group, gain in gains.items():
            gain.assign(tf.clip_by_value(gain, floors[group], ceilings[group]))
        return loss

    compiled = tf.function(step, autograph=False)
    for _ in range(STEPS):
        compiled()
    return {group: gain.numpy() for group, gain in gains.items()}


def _layers(graph: Graph, statistics: Sequence[NodeStatistics], members: dict[int, int]) -> list[_Layer]:
    layers = []
    for index, node in enumerate(graph.nodes[: len(statistics)]):
        if node.kernel is None or node.kind == "depthwise" or node.inputs[0] not in members:
            continue
        taps = np.abs(node.kernel).reshape(-1, *node.kernel.shape[-2:])
        power = statistics[node.inputs[0]].square * len(taps)
        sensitivity = statistics[index].sensitivity
        layers.append(
            _Layer(members[node.inputs[0]], taps.max(0), power.astype(np.float32), sensitivity.astype(np.float32))
        )
    return layers


def _divergence(
    statistics: Sequence[NodeStatistics], members: dict[int, int], layers: Sequence[_Layer], gains: dict[int, Any]
) -> Any:
    """The expected divergence of the softmaxes in nats an image: of rounding the activations and the weights."""
    total = 0.0
    for index, group in members.items():
        node, gain = statistics[index], tf.exp(gains[group])
        reach = _maximum(gain * np.maximum(node.high, 0)) + _maximum(gain * np.maximum(-node.low, 0))
        noise = tf.reduce_sum(node.sensitivity.astype(np.float32) / tf.square(gain))
        total += tf.square(reach / 255) / 24 * noise
    for layer in layers:
        gain = tf.exp(gains[layer.group])
        step = _maximum(layer.largest / gain[:, None]) / 127
        total += (
            WEIGHT_NOISE
            * tf.reduce_sum(layer.sensitivity * tf.square(step))
            / 24
            * tf.reduce_sum(layer.power * tf.square(gain))
        )
    return total


def _maximum(x: Any) -> Any:
    """A smooth maximum along the first axis, of numbers that are not negative."""
    x = tf.maximum(tf.cast(x, tf.float32), 1e-9)
    top = tf.stop_gradient(tf.reduce_max(x, 0))
    return top * tf.pow(tf.reduce_sum(tf.pow(x / top, NORM), 0), 1 / NORM)


def _with_gains(graph: Graph, gains: dict[int, Array]) -> Graph:
    return replace(graph, nodes=tuple(_node_with_gains(graph, index, gains) for index in range(len(graph.nodes))))


def _node_with_gains(graph: Graph, index: int, gains: dict[int, Array]) -> Node:
    node = graph.nodes[index]
    if node.kernel is None or node.bias is None:
        return node
    kernel, bias, source = node.kernel, node.bias, node.inputs[0]
    if source in gains:
        taken = gains[source]
        kernel = (
            kernel / (np.repeat(taken, kernel.shape[-2] // len(taken)) if node.kind == "depthwise" else taken)[:, None]
        )
    if index in gains:
        kernel, bias = kernel * along_channels(gains[index], node.kind), bias * gains[index]
    return replace(node, kernel=kernel.astype(np.float32), bias=bias.astype(np.float32))
