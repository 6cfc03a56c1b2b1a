"""Hard-swish in integer files as an addition and two products: XNNPACK has no int8 kernel for HARD_SWISH.

x * relu6(x + 3) / 6 (Howard et al. 2019, section 5.2). `make bench-archs` measures what that gains. TensorFlow is
loaded with this module.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from .graph import IMAGE, Graph, Node
from .linear import in_places
from .ops import OPS

__all__ = ["split_hard_swish"]

RELU6 = 3  # the schema's number of the fused activation


def split_hard_swish(graph: Graph) -> Graph:
    """The same function without HARD_SWISH; a graph that has none is returned as it is."""
    if all(node.op != "HARD_SWISH" for node in graph.nodes):
        return graph
    nodes: list[Node] = []
    places = {IMAGE: IMAGE}  # index in `graph` -> index in the new graph
    for index, node in enumerate(graph.nodes):
        inputs = tuple(places[source] for source in node.inputs)
        if node.op == "HARD_SWISH":
            nodes += _parts(node, inputs[0], len(nodes))
        else:
            nodes.append(replace(node, inputs=inputs))
        places[index] = len(nodes) - 1
    return replace(graph, nodes=tuple(nodes))


def _parts(node: Node, source: int, first: int) -> list[Node]:
    """The three nodes that compute `node` on the node `source`. first: the index of the first of them."""
    three, sixth = np.array([3], np.float32), np.array([1 / 6], np.float32)
    return [
        _elementwise(node, "ADD", "gate", (source,), {1: three}, activation=RELU6),
        # The steps of its output are a sixth of those of its input: no value is rounded.
        _elementwise(node, "MUL", "share", (first,), {1: sixth}),
        _elementwise(node, "MUL", "product", (source, first + 1), {}),
    ]


def _elementwise(
    node: Node, op: str, part: str, inputs: tuple[int, ...], constants: Mapping[int, Any], activation: int = 0
) -> Node:
    """ADD or MUL with the shape and the name of `node`."""
    from ai_edge_litert import schema_py_generated as schema

    options = {"ADD": schema.AddOptionsT, "MUL": schema.MulOptionsT}[op]()
    options.fusedActivationFunction = activation

    def linear(x: Sequence[Any], _: Any, constants: Mapping[int, Any]) -> Any:
        return OPS[op].compute(options, in_places(x, constants), (-1, *node.shape[1:]))

    return replace(
        node, name=f"{node.name}/{part}", op=op, kind=op, inputs=inputs, options=options, linear=linear,
        constants=constants, version=1,
    )  # fmt: skip
