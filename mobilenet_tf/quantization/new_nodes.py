"""Nodes that are added to a graph that was read: ops of the schema with options of their own. TensorFlow is loaded with
this module.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .graph import Array, Node
from .linear import LINEAR, in_places
from .ops import OPS

__all__ = ["dense_node", "pixelwise_node", "plain_node"]

SAME = 0  # the schema's number of the padding


def plain_node(
    op: str,
    name: str,
    source: int,
    shape: tuple[int, ...],
    constants: Mapping[int, NDArray[Any]] | None = None,
    **options: Any,
) -> Node:
    """An op without weights on one tensor.

    shape:   of its output, with batch 1.
    options: of its options table, by their names in the schema, such as `beta` of a softmax.
    """
    table = _options(op, options)

    def linear(x: Sequence[Any], _: Any, constants: Mapping[int, Any]) -> Any:
        return OPS[op].compute(table, in_places(x, constants), (-1, *shape[1:]))

    return Node(name, op, (source,), op, shape, table, linear, constants=constants or {})


def dense_node(name: str, source: int, kernel: Array, bias: Array) -> Node:
    """A fully connected layer on (1, inputs). kernel: (inputs, outputs)."""
    shape = (1, kernel.shape[1])
    options = _options("FULLY_CONNECTED", {})
    product = LINEAR["dense"](options, shape)
    return Node(name, "FULLY_CONNECTED", (source,), "dense", shape, options, product, kernel, bias)


def pixelwise_node(name: str, source: int, shape: tuple[int, ...], factor: Array, offset: Array) -> Node:
    """factor * x + offset, each (channels,), as a depthwise convolution of 1 x 1. shape: (1, h, w, channels)."""
    given = dict.fromkeys(("strideH", "strideW", "dilationHFactor", "dilationWFactor", "depthMultiplier"), 1)
    options = _options("DEPTHWISE_CONV_2D", {**given, "padding": SAME})
    kernel = factor.reshape(1, 1, -1, 1).astype(np.float32)
    product = LINEAR["depthwise"](options, shape)
    bias = offset.astype(np.float32)
    return Node(
        name, "DEPTHWISE_CONV_2D", (source,), "depthwise", shape, options, product, kernel, bias, padding="SAME"
    )


_TABLES = {
    "DEPTHWISE_CONV_2D": "DepthwiseConv2DOptionsT",
    "FULLY_CONNECTED": "FullyConnectedOptionsT",
    "L2_NORMALIZATION": "L2NormOptionsT",
    "RESHAPE": "ReshapeOptionsT",
    "SOFTMAX": "SoftmaxOptionsT",
    "STRIDED_SLICE": "StridedSliceOptionsT",
    "TRANSPOSE": "TransposeOptionsT",
}


def _options(op: str, values: Mapping[str, Any]) -> Any:
    from ai_edge_litert import schema_py_generated as schema

    table = getattr(schema, _TABLES[op])()
    for name, value in values.items():
        setattr(table, name, value)
    return table
