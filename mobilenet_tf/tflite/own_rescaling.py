"""The range of values that a float .tflite takes, if its first ops rescale the image, as Keras's Rescaling does."""

from collections import defaultdict

import numpy as np
from numpy.typing import NDArray

from .flat_table import UNREADABLE, Table
from .given_input import BYTES, ZERO_TO_ONE, Normalization
from .graph_reader import OP_INPUTS, OP_OUTPUTS, OPCODE_INDEX, OPERATOR_CODES, OPERATORS, SUBGRAPHS, Op, op_number
from .input_tensor import OUR_NORMALIZATION

__all__ = ["normalization_by_graph", "usual_input"]

# The numbers of fields and of dtypes in TFLite's schema.fbs.
BUFFERS, TENSORS, GRAPH_INPUTS, BUFFER_DATA, TENSOR_TYPE, TENSOR_BUFFER = 4, 0, 1, 0, 1, 2
FLOAT32 = 0

# What images are usually normalized to, as (lowest value, highest value, the normalization of bytes).
USUAL_INPUTS = (
    (0, 255, BYTES),
    (0, 1, ZERO_TO_ONE),
    (-1, 1, OUR_NORMALIZATION),
)
# The width of what a network computes on: 1 for values from 0 to 1, 2 for -1 to 1, about 4.5 for ImageNet's mean and
# standard deviation; or that of bytes of which only a mean was subtracted.
USUAL_WIDTHS = ((0.9, 6), (200, 260))
MOST_OFF_CENTRE = 0.15  # of the width, for a range that should lie around 0, or begin there

Float64 = NDArray[np.float64]


def normalization_by_graph(model: bytes) -> Normalization | None:
    """What bytes must become for the first ops of the graph to make a range of them that networks compute on.

    None if no op rescales the input, or if not exactly one of the usual inputs fits.
    """
    try:
        rescaling = _rescaling(model)
    except (*UNREADABLE, ValueError):
        return None
    return None if rescaling is None else usual_input(*rescaling)


def usual_input(factor: Float64, offset: Float64) -> Normalization | None:
    """What bytes become for a network whose first layers make factor * x + offset, each () or (channels,), of them.

    None if not exactly one of the usual inputs fits.
    """
    fitting = [normalization for low, high, normalization in USUAL_INPUTS if _fits(factor, offset, low, high)]
    return fitting[0] if len(fitting) == 1 else None


def _fits(factor: Float64, offset: Float64, low: float, high: float) -> bool:
    """Whether factor * x + offset brings inputs from `low` to `high` into a range that networks compute on."""
    width, lowest = float(np.mean(factor * (high - low))), float(np.mean(factor * low + offset))
    off_centre = min(abs(lowest), abs(lowest + width / 2))
    return any(least <= width <= most for least, most in USUAL_WIDTHS) and off_centre <= MOST_OFF_CENTRE * width


def _rescaling(model: bytes) -> tuple[Float64, Float64] | None:
    """(factor, offset), each () or (3,), of what the first ops make of the input; None if they do another thing."""
    root = Table.root(model)
    graph = root.tables(SUBGRAPHS)[0]
    (tensor,) = graph.ints(GRAPH_INPUTS)
    readers, factor, offset = _readers(root, graph), np.array(1.0), np.array(0.0)
    is_rescaled = False
    while len(readers[tensor]) == 1:
        code, op = readers[tensor].pop()
        if code == Op.TRANSPOSE:  # from channels first to channels last
            (tensor,) = op.ints(OP_OUTPUTS)
            continue
        step = _step(code, _constant(root, graph, op, tensor), is_first=op.ints(OP_INPUTS)[0] == tensor)
        if step is None:
            break
        factor, offset = factor * step[0], offset * step[0] + step[1]
        (tensor,), is_rescaled = op.ints(OP_OUTPUTS), True
    return (factor, offset) if is_rescaled else None


def _readers(root: Table, graph: Table) -> dict[int, list[tuple[int, Table]]]:
    """Tensor -> the ops that read it, each with its number."""
    codes = [op_number(code) for code in root.tables(OPERATOR_CODES)]
    readers = defaultdict(list)
    for op in graph.tables(OPERATORS):
        for tensor in op.ints(OP_INPUTS):
            readers[tensor].append((codes[op.uint(OPCODE_INDEX)], op))
    return readers


def _step(code: int, value: Float64 | None, *, is_first: bool) -> tuple[Float64, Float64] | None:
    """(factor, offset) of one op with a constant; None for another op. is_first: whether the constant is the second."""
    if value is None or not (is_first or code in (Op.MUL, Op.ADD)):
        return None
    one, nothing = np.ones_like(value), np.zeros_like(value)
    steps: dict[int, tuple[Float64, Float64]] = {
        Op.MUL: (value, nothing),
        Op.DIV: (1 / value, nothing),
        Op.ADD: (one, value),
        Op.SUB: (one, -value),
    }
    return steps.get(code)


def _constant(root: Table, graph: Table, op: Table, image: int) -> Float64 | None:
    """The constant of an op on the image: one number, or one for each channel. None if it has no such constant."""
    others = [tensor for tensor in op.ints(OP_INPUTS) if tensor != image]
    if len(others) != 1:
        return None
    tensor = graph.tables(TENSORS)[others[0]]
    data = root.tables(BUFFERS)[tensor.uint(TENSOR_BUFFER)].string(BUFFER_DATA)
    if tensor.byte(TENSOR_TYPE) != FLOAT32 or len(data) not in (4, 12):
        return None
    value = np.frombuffer(data, np.float32).astype(np.float64)
    return value if np.isfinite(value).all() and value.all() else None
