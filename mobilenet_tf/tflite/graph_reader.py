"""What the graph in a .tflite says about its answers: probabilities or not, and the ops that no interpreter has."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Literal

from .flat_table import UNREADABLE, Table

__all__ = ["Op", "OutputKind", "custom_ops", "ends_in_features", "ends_in_unit_length", "op_number", "output_kind"]

# softmax: probabilities of classes. sigmoid: a score of its own, 0 to 1, for each class. logits: numbers of any size.
OutputKind = Literal["softmax", "sigmoid", "logits", "unknown"]

# The numbers of fields in the tables of TFLite's schema.fbs.
OPERATOR_CODES, SUBGRAPHS = 1, 2
OLD_CODE, CUSTOM_CODE, CODE = 0, 1, 3
GRAPH_OUTPUTS, OPERATORS = 2, 3
OPCODE_INDEX, OP_INPUTS, OP_OUTPUTS, OP_OPTIONS = 0, 1, 2, 4


class Op(IntEnum):
    """The ops of the schema's BuiltinOperator that say what an output is."""

    ADD = 0
    AVERAGE_POOL_2D = 1
    CONCATENATION = 2
    CONV_2D = 3
    DEQUANTIZE = 6
    FULLY_CONNECTED = 9
    L2_NORMALIZATION = 11
    LOGISTIC = 14
    MAX_POOL_2D = 17
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
    REDUCE_MAX = 82
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
POOLING = {Op.AVERAGE_POOL_2D, Op.MAX_POOL_2D, Op.MEAN, Op.REDUCE_MAX}
# Layers of weights -> the field of their options that says which activation is part of them; 0: none.
FUSED_ACTIVATION = {Op.CONV_2D: 3, Op.FULLY_CONNECTED: 0}
FEATURES = {Op.RELU, Op.RELU6, Op.L2_NORMALIZATION, *FUSED_ACTIVATION}


@dataclass(frozen=True)
class _Op:
    code: int
    custom_code: bytes
    inputs: Sequence[int]
    table: Table

    @property
    def is_linear(self) -> bool:
        """Whether it is a layer of weights without an activation, as the one that makes logits."""
        if self.code not in FUSED_ACTIVATION:
            return False
        try:
            return not self.table.table(OP_OPTIONS).byte(FUSED_ACTIVATION[Op(self.code)])
        except IndexError:  # no options: all are 0
            return True


def output_kind(model: bytes) -> OutputKind:
    """What the ops at the end of the graph make of its first output; `unknown` if the file does not show it."""
    try:
        graph = Table.root(model).tables(SUBGRAPHS)[0]
        return _kind(graph.ints(GRAPH_OUTPUTS)[0], _makers(model), set())
    except UNREADABLE:
        return "unknown"


def ends_in_features(model: bytes) -> bool:
    """Whether the first output is features, as embedding extractors give them, and no logits, by the graph's last ops.

    Features are pooled, normalized to a length of 1, or come out of a ReLU; the layer that makes logits is linear, and
    at most its own output is pooled.
    """
    try:
        makers = _makers(model)
        op = makers.get(Table.root(model).tables(SUBGRAPHS)[0].ints(GRAPH_OUTPUTS)[0])
        is_pooled = False
        for _ in range(len(makers)):  # damaged files may have circles
            if op is None or op.is_linear:
                return False  # an op of the input itself, or the layer of the logits
            if op.code in POOLING:
                is_pooled = True
            elif op.code not in MOVING - {Op.RELU, Op.RELU6}:
                return is_pooled or op.code in FEATURES
            op = makers.get(op.inputs[0])
    except UNREADABLE:
        pass
    return False


def ends_in_unit_length(model: bytes) -> bool:
    """Whether the first output is a vector that is divided by its length, by the last op that changes values."""
    try:
        makers = _makers(model)
        op = makers.get(Table.root(model).tables(SUBGRAPHS)[0].ints(GRAPH_OUTPUTS)[0])
        for _ in range(len(makers)):  # damaged files may have circles
            if op is None or op.code not in MOVING - {Op.RELU, Op.RELU6}:
                break
            op = makers.get(op.inputs[0])
    except UNREADABLE:
        return False
    return op is not None and op.code == Op.L2_NORMALIZATION


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
        tensor: _Op(*codes[op.uint(OPCODE_INDEX)], op.ints(OP_INPUTS), op)
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
