"""Ranges of int8 activations without the values that every op after them treats alike.

A hard-swish gives 0 for anything below -3, and a swish nearly so below -6: the long negative tail of a convolution in
front of one would cost steps, and changes nothing. Only what the ops themselves ignore is left out: ranges that clip
rare values because their mean squared error is smaller lose answers on photos that did not calibrate.
"""

from collections.abc import Mapping

from .graph import Graph
from .ops import Range

__all__ = ["SIGMOID_ENDS", "without_ignored_tails"]

INFINITY = float("inf")
# A sigmoid, whose int8 output always has steps of 1/256, is within half a step of 0 or of 1 beyond these.
SIGMOID_ENDS = (-6.24, 6.24)
# The inputs beyond which an op's output no longer changes.
SEEN: dict[str, Range] = {
    "HARD_SWISH": (-3.0, INFINITY),
    "LOGISTIC": SIGMOID_ENDS,
    "RELU": (0.0, INFINITY),
    "RELU6": (0.0, 6.0),
    "RELU_0_TO_1": (0.0, 1.0),
    "RELU_N1_TO_1": (-1.0, 1.0),
}
EVERYTHING = (-INFINITY, INFINITY)


def without_ignored_tails(graph: Graph, observed: Mapping[int, Range]) -> dict[int, Range]:
    """The observed ranges of nodes' outputs, without what none of the ops that take an output sees."""
    result = dict(observed)
    for index, (low, high) in observed.items():
        users = graph.consumers(index)
        if index < 0 or not users:
            continue
        lows, highs = zip(*(_seen(graph, index, user) for user in users), strict=True)
        result[index] = max(low, min(lows)), min(high, max(highs))
    return result


def _seen(graph: Graph, index: int, user: int) -> Range:
    """What op `user` sees of node `index`'s output."""
    node = graph.nodes[user]
    if node.op == "MUL" and _is_swish(graph, index, user):
        return SIGMOID_ENDS[0], INFINITY
    return SEEN.get(node.op, EVERYTHING)


def _is_swish(graph: Graph, index: int, product: int) -> bool:
    """Whether a product is that of node `index`'s output and its sigmoid."""
    others = [source for source in graph.nodes[product].inputs if source != index]
    if len(others) != 1 or others[0] < 0:
        return False
    other = graph.nodes[others[0]]
    return other.op == "LOGISTIC" and other.inputs == (index,)
