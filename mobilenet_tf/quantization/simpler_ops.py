"""Ops without an integer kernel as ops that have one: the same function, but for the last bit of a quotient."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["PlainOp", "simpler"]

NEVER_LARGEST = -1e30  # padding below this never is the largest value of a window
SYMMETRIC = 1  # in the schema: the pixels of the edge are repeated too


@dataclass(frozen=True)
class PlainOp:
    """An op without weights. inputs: the nodes that it takes; constants: its other inputs, by their places."""

    op: str
    inputs: tuple[int, ...]
    constants: Mapping[int, NDArray[Any]]
    options: Any


def simpler(op: PlainOp, *, never_negative: bool, windows: Sequence[tuple[int, int]] = ()) -> PlainOp:
    """The op, or another one that computes the same with an integer kernel.

    never_negative: whether the values that the op takes are at least 0.
    windows:        the height and width of each MAX_POOL_2D that takes its output; none if another op takes it too.
    """
    if op.op == "NEG":
        return _product(op, op.inputs, {1: np.array([-1], np.float32)})
    if op.op == "DIV" and 1 in op.constants:
        return _product(op, op.inputs, {1: (1 / op.constants[1]).astype(np.float32)})
    if op.op == "SQUARE":
        return _product(op, op.inputs * 2, {})
    if op.op == "POW" and 1 in op.constants and op.constants[1].size == 1:
        return _power(op, float(op.constants[1].ravel()[0]))
    if op.op == "PADV2" and op.constants.keys() == {1, 2}:
        return _padding(op, never_negative, windows)
    return op


def _padding(op: PlainOp, never_negative: bool, windows: Sequence[tuple[int, int]]) -> PlainOp:
    """PADV2 with a constant as PAD, or as MIRROR_PAD, if the ops that take its output do not see the difference."""
    edges, value = op.constants[1], float(op.constants[2].ravel()[0])
    never_largest = value <= NEVER_LARGEST and bool(windows)
    # Among values of at least 0, padding of 0 is no larger than the largest of a window either.
    if value == 0 or (never_largest and never_negative):
        return replace(op, op="PAD", constants={1: edges}, options=_options("Pad"))
    # A window that is padded by at most half of its size holds the pixels that the mirrored ones repeat.
    if never_largest and all((2 * edges[1:3].max(1) <= window).all() for window in windows) and edges.shape == (4, 2):
        mirrored = _options("MirrorPad")
        mirrored.mode = SYMMETRIC
        return replace(op, op="MIRROR_PAD", constants={1: edges}, options=mirrored)
    return op


def _power(op: PlainOp, exponent: float) -> PlainOp:
    if exponent == 2:
        return _product(op, op.inputs * 2, {})
    named = {0.5: "SQRT", -0.5: "RSQRT"}.get(exponent)
    return op if named is None else replace(op, op=named, constants={}, options=None)


def _product(op: PlainOp, inputs: tuple[int, ...], constants: Mapping[int, NDArray[Any]]) -> PlainOp:
    options = _options("Mul")
    options.fusedActivationFunction = getattr(op.options, "fusedActivationFunction", 0)
    return PlainOp("MUL", inputs, constants, options)


def _options(kind: str) -> Any:
    from ai_edge_litert import schema_py_generated as schema

    return getattr(schema, f"{kind}OptionsT")()
