"""What the graph in a .tflite says about its answers: probabilities or not, and the ops that no interpreter has."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Literal

from .flat_table import UNREADABLE, Table

__all__ = ["Op", "OutputKind", "custom_ops", "op_number", "output_kind"]

# softmax: probabilities of classes. sigmoid: a score of its own, 0 to 1, for each class. logits: numbers of any size.
OutputKind = Literal["softmax", "sigmoid", "logits", "unknown"]

# The numbers of fields in the tables of TFLite's schema.fbs.
OPERATOR_CODES, SUBGRAPHS = 1, 2
OLD_CODE, CUSTOM_CODE, CODE = 0, 1, 3
GRAPH_OUTPUTS, OPERATORS = 2, 3
OPCODE_INDEX, OP_INPUTS, OP_OUTPUTS = 0, 1, 2


class Op(IntEnum):
    """The ops of the schema's BuiltinOperator that say what an output is."""

    ADD = 0
    CONCATENATION = 2
    DEQUANTIZE = 6
    LOGISTIC = 14
    MUL = 18
    RELU = 19
    RELU6 = 21
    RESHAPE = 22
    SOFTMAX = 25
    CALL = 31
    CUSTOM = 32
    PAD = 34
    GATHER = 36
    TRANSPOSE = 39
    MEAN = 40
    SUB = 41
    DIV = 42
    SQUEEZE = 43
    STRIDED_SLICE = 45
    EXP = 47
    CAST = 53
    MAXIMUM = 55
    MINIMUM = 57
    SLICE = 65
    EXPAND_DIMS = 70
    SUM = 74
    PACK = 83
    UNPACK = 88
    REVERSE_V2 = 105
    QUANTIZE = 114
    IF = 118
    WHILE = 119
    RELU_0_TO_1 = 152
    STABLEHLO_COMPOSITE = 206


KINDS: dict[int, OutputKind] = {
    Op.SOFTMAX: "softmax",
    Op.LOGISTIC: "sigmoid",
    Op.RELU_0_TO_1: "sigmoid",  # the end of a hard sigmoid
    Op.CUSTOM: "unknown",
    Op.IF: "unknown",
    Op.WHILE: "unknown",
    Op.CALL: "unknown",
    Op.STABLEHLO_COMPOSITE: "unknown",
}
KINDS_OF_CUSTOM: dict[bytes, OutputKind] = {b"FlexSoftmax": "softmax", b"FlexSigmoid": "sigmoid"}
# Ops whose output is of the same kind as their first input: they move values, store them otherwise, or cut them off.
MOVING = {
    *(Op.RESHAPE, Op.SQUEEZE, Op.EXPAND_DIMS, Op.TRANSPOSE, Op.PACK, Op.UNPACK, Op.PAD, Op.REVERSE_V2),
    *(Op.GATHER, Op.SLICE, Op.STRIDED_SLICE, Op.QUANTIZE, Op.DEQUANTIZE, Op.CAST, Op.RELU, Op.RELU6),
}
# Ops that join or average values: of probabilities, as an ensemble's, they make probabilities.
JOINING = {Op.ADD, Op.MUL, Op.DIV, Op.MEAN, Op.SUM, Op.CONCATENATION, Op.MAXIMUM, Op.MINIMUM}


@dataclass(frozen=True)
class _Op:
    code: int
    custom_code: bytes
    inputs: Sequence[int]


def output_kind(model: bytes) -> OutputKind:
    """What the ops at the end of the graph make of its first output; `unknown` if the file does not show it."""
    try:
        graph = Table.root(model).tables(SUBGRAPHS)[0]
        return _kind(graph.ints(GRAPH_OUTPUTS)[0], _makers(model), set())
    except UNREADABLE:
        return "unknown"


def custom_ops(model: bytes) -> list[str]:
    """The names of the ops that are not TFLite's own, each once, as the file has them; none if it cannot be read."""
    try:
        codes = Table.root(model).tables(OPERATOR_CODES)
        names = [code.string(CUSTOM_CODE).decode(errors="replace") for code in codes if op_number(code) == Op.CUSTOM]
    except UNREADABLE:
        return []
    return list(dict.fromkeys(names))


def _makers(model: bytes) -> dict[int, _Op]:
    """Tensor -> the op of the first graph that makes it."""
    root = Table.root(model)
    codes = [(op_number(code), code.string(CUSTOM_CODE)) for code in root.tables(OPERATOR_CODES)]
    return {
        tensor: _Op(*codes[op.uint(OPCODE_INDEX)], op.ints(OP_INPUTS))
        for op in root.tables(SUBGRAPHS)[0].tables(OPERATORS)
        for tensor in op.ints(OP_OUTPUTS)
    }


def op_number(code: Table) -> int:
    """The number of an operator code in the schema's BuiltinOperator."""
    # Files older than schema 3a hold the code in an int8, newer ones in an int32. The larger one is the right one.
    return max(code.byte(OLD_CODE), code.uint(CODE))


def _kind(tensor: int, makers: dict[int, _Op], seen: set[int]) -> OutputKind:
    op = makers.get(tensor)
    if op is None or tensor in seen:  # an input of the graph; the second is for damaged files, which may have circles
        return "unknown"
    seen.add(tensor)
    if op.code in KINDS:
        return KINDS_OF_CUSTOM.get(op.custom_code, KINDS[op.code])
    if op.code in MOVING:
        return _kind(op.inputs[0], makers, seen)
    if op.code == Op.DIV and _is(Op.EXP, op.inputs[0], makers) and _is(Op.SUM, op.inputs[1], makers):
        return "softmax"  # written out
    if op.code in JOINING:
        # Constants, which no op makes, scale or shift; what they do to probabilities is not looked into.
        kinds = {_kind(each, makers, set(seen)) for each in op.inputs if each in makers}
        return kinds.pop() if len(kinds) == 1 else "logits"
    return "logits"


def _is(code: Op, tensor: int, makers: dict[int, _Op]) -> bool:
    return tensor in makers and makers[tensor].code == code
