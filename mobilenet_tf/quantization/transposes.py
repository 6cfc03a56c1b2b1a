"""Leave out transposes of a .tflite that undo each other: converters put them around each op of channels last."""

import copy
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mobilenet_tf.tflite.flatbuffer import append_buffer, enum_names, op_names

from .batch_axis import REDUCING

__all__ = ["with_fewer_transposes"]

# Ops on each value alone, of one tensor or of tensors of one shape: they compute the same in any layout.
UNARY = (
    *("RELU", "RELU6", "RELU_N1_TO_1", "RELU_0_TO_1", "LEAKY_RELU", "HARD_SWISH", "LOGISTIC", "TANH", "ELU", "GELU"),
    *("ABS", "EXP", "SQRT", "RSQRT", "SQUARE", "NEG", "LOG", "QUANTIZE", "DEQUANTIZE"),
)
BINARY = ("ADD", "SUB", "MUL", "DIV", "MAXIMUM", "MINIMUM", "SQUARED_DIFFERENCE")
PADDING = ("PAD", "PADV2", "MIRROR_PAD")


def with_fewer_transposes(model: Any) -> Any:
    """The ModelT, which is changed, with every transpose of its first graph moved behind the ops that compute the same
    in any layout, until it meets one that undoes it, or an op that needs it.
    """
    if "TRANSPOSE" in op_names(model):
        _Mover(model).move()
    return model


class _Mover:
    """Walks through the ops. `_pending` says of a tensor that it is still to be transposed: from which, and how."""

    def __init__(self, model: Any) -> None:
        from ai_edge_litert import schema_py_generated as schema

        self._model, self._graph = model, model.subgraphs[0]
        self._types = enum_names(schema.TensorType)
        self._pending: dict[int, tuple[int, tuple[int, ...]]] = {}
        self._made: dict[int, int] = {}
        self._transpose: Any = None
        self._kept: list[Any] = []

    def move(self) -> None:
        """Change the graph."""
        for op, kind in zip(self._graph.operators, op_names(self._model), strict=True):
            inputs = [int(index) for index in op.inputs]
            if kind == "TRANSPOSE" and (order := self._constant(inputs[1])) is not None:
                self._transpose = op
                source, before = self._pending.get(inputs[0], (inputs[0], tuple(range(order.size))))
                self._pending[int(op.outputs[0])] = source, tuple(before[axis] for axis in order)
            elif (moved := self._moved(op, kind, inputs)) is not None:
                self._keep(op, *moved)
            else:
                op.inputs = np.array([self._transposed(index) for index in inputs], np.int32)
                self._kept.append(op)
        self._graph.outputs = np.array([self._transposed(int(index)) for index in self._graph.outputs], np.int32)
        self._graph.operators = self._kept

    def _keep(self, op: Any, inputs: Sequence[int], order: tuple[int, ...]) -> None:
        """Keep an op that computes in the layout before a transpose, which follows it now unless it is gone, ()."""
        output = int(op.outputs[0])
        op.inputs = np.array(inputs, np.int32)
        self._kept.append(op)
        if order:
            tensor = self._graph.tensors[output]
            tensor.shape, tensor.shapeSignature = np.asarray(tensor.shape)[np.argsort(order)], None
            self._pending[output] = output, order

    def _moved(self, op: Any, kind: str, inputs: Sequence[int]) -> tuple[list[int], tuple[int, ...]] | None:
        """(The inputs of an op before the transpose that all of them wait for, the order of the transpose that its
        output waits for then); None if the op needs them transposed.
        """
        waiting = [self._pending[index] for index in inputs if index in self._pending]
        orders = {order for _, order in waiting}
        if len(orders) != 1:
            return None
        order, back = waiting[0][1], np.argsort(waiting[0][1])
        if kind in UNARY:
            return [waiting[0][0]], order
        if kind in PADDING and (edges := self._constant(inputs[1])) is not None:
            return [waiting[0][0], self._new_constant(inputs[1], edges[back]), *inputs[2:]], order
        if kind in REDUCING and (axes := self._constant(inputs[1])) is not None:
            axes = axes.ravel() % len(order)
            left = [axis for place, axis in enumerate(order) if place not in axes]
            if not op.builtinOptions.keepDims and left != sorted(left):
                return None
            before = np.array(order, np.int32)[axes]
            return [waiting[0][0], self._new_constant(inputs[1], before)], order if op.builtinOptions.keepDims else ()
        return (places, order) if kind in BINARY and (places := self._places(inputs, back)) else None

    def _places(self, inputs: Sequence[int], back: NDArray[Any]) -> list[int] | None:
        """The inputs of an op on values of one shape, before the transpose that `back` undoes; None if one has none."""
        places = []
        for index in inputs:
            values = self._constant(index)
            if index in self._pending:
                places.append(self._pending[index][0])
            elif values is not None and values.size == 1:
                places.append(index)
            elif values is not None and values.ndim == len(back):
                places.append(self._new_constant(index, values.transpose(back)))
            else:
                return None
        return places

    def _transposed(self, tensor: int) -> int:
        """The tensor as an op needs it: what was waiting for a transpose gets it."""
        if tensor not in self._pending:
            return tensor
        source, order = self._pending[tensor]
        if order == tuple(range(len(order))):
            return source
        if tensor not in self._made:
            self._made[tensor] = self._new_transpose(tensor, source, order)
        return self._made[tensor]

    def _new_transpose(self, tensor: int, source: int, order: tuple[int, ...]) -> int:
        output = tensor
        if source == tensor:  # its place is taken by what is not transposed
            output = self._new_tensor(tensor, np.asarray(self._graph.tensors[tensor].shape)[list(order)])
        op = copy.copy(self._transpose)
        op.inputs = np.array([source, self._new_constant(int(op.inputs[1]), np.array(order, np.int32))], np.int32)
        op.outputs = np.array([output], np.int32)
        self._kept.append(op)
        return output

    def _constant(self, tensor: int) -> NDArray[Any] | None:
        of_graph = self._graph.tensors[tensor]
        data = self._model.buffers[of_graph.buffer].data
        if tensor < 0 or data is None or not len(data):
            return None
        shape = () if of_graph.shape is None else tuple(of_graph.shape)
        return np.frombuffer(np.asarray(data, np.uint8).tobytes(), self._types[of_graph.type].lower()).reshape(shape)

    def _new_constant(self, like: int, values: NDArray[Any]) -> int:
        index = self._new_tensor(like, np.array(values.shape, np.int32))
        self._graph.tensors[index].buffer = append_buffer(self._model, np.ascontiguousarray(values).tobytes())
        return index

    def _new_tensor(self, like: int, shape: NDArray[Any]) -> int:
        tensor = copy.copy(self._graph.tensors[like])
        tensor.shape, tensor.shapeSignature = shape, None
        self._graph.tensors.append(tensor)
        return len(self._graph.tensors) - 1
