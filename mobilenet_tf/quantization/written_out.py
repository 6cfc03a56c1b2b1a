"""Activations that a file has as several ops: a softmax of EXP, SUM and DIV, and a hard sigmoid. TensorFlow is loaded
with this module.
"""

import numpy as np

from .graph import IMAGE, Graph, Node

__all__ = ["is_hard_sigmoid", "softmax_at"]

RELU6 = 3  # the schema's number of the fused activation


def softmax_at(graph: Graph, index: int) -> int | None:
    """The node whose softmax a node's output is, by exp(x) / sum(exp(x)), with or without the largest x subtracted
    from all; None if it is not.
    """
    node = graph.nodes[index]
    if node.op != "DIV" or IMAGE in node.inputs or len(node.inputs) != 2:
        return None
    exponential, total = (graph.nodes[source] for source in node.inputs)
    if exponential.op != "EXP" or total.op != "SUM" or total.inputs != node.inputs[:1]:
        return None
    (source,) = exponential.inputs
    if source == IMAGE or not _over_channels(total, graph.nodes[node.inputs[0]]):
        return None
    shifted = graph.nodes[source]
    if shifted.op == "SUB" and len(shifted.inputs) == 2 and IMAGE not in shifted.inputs:
        largest = graph.nodes[shifted.inputs[1]]
        if largest.op == "REDUCE_MAX" and largest.inputs == shifted.inputs[:1]:
            return shifted.inputs[0]
    return source


def _over_channels(total: Node, of: Node) -> bool:
    """Whether a sum is over the axis of the outputs, and over no other that has several values."""
    axes = {int(axis) % len(of.shape) for axis in np.ravel(total.constants[1])}
    return all((axis in axes) == (length > 1) for axis, length in enumerate(of.shape) if length > 1)


def is_hard_sigmoid(graph: Graph, index: int) -> bool:
    """Whether a node's output is clipped to 0 to 1, be it at once or from 0 to 6 and then divided by 6."""
    node = graph.nodes[index]
    if node.op == "RELU_0_TO_1":
        return True
    if node.inputs[0] == IMAGE:
        return False
    inner = graph.nodes[node.inputs[0]]
    if {_limit(node), _limit(inner)} == {("low", 0.0), ("high", 1.0)}:
        return True
    sixth = {"MUL": 1 / 6, "DIV": 6.0}.get(node.op)
    is_clipped = inner.op == "RELU6" or getattr(inner.options, "fusedActivationFunction", 0) == RELU6
    factor = _number(node)
    return is_clipped and sixth is not None and factor is not None and bool(np.isclose(factor, sixth))


def _limit(node: Node) -> tuple[str, float] | None:
    """The lowest or the highest value that a node lets through, if it does nothing else."""
    number = _number(node)
    if node.op == "RELU":
        return "low", 0.0
    if number is None or node.op not in ("MAXIMUM", "MINIMUM"):
        return None
    return ("low" if node.op == "MAXIMUM" else "high"), number


def _number(node: Node) -> float | None:
    """The constant of a node, if it has one that is one number."""
    numbers = [float(value.item()) for value in node.constants.values() if value.size == 1]
    return numbers[0] if len(numbers) == 1 else None
