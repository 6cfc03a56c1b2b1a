"""Wrong graphs in a .tflite: an op between the classifier's mean and its dense layer that asks for too much, runs for
ever, or reads outside its input.
"""

from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any

import numpy as np

from mobilenet_tf.tflite.flatbuffer import append_buffer

from .fuzz_models import DENSE, IMAGE, Change

__all__ = ["GRAPHS"]

BIG = 2**31 - 1
# Op -> (its number, the sizes that its second input asks for).
ASKING = {
    "RESHAPE": (22, ([1, BIG], [-1, -1], [0, 0], [-5, 8], [1] * 50)),
    "TILE": (69, ([1, 10**6], [10**5, 10**5], [BIG, BIG], [-1, -1])),
    "BROADCAST_TO": (130, ([10**5, 8], [10**9, 8], [BIG, 8])),
    "PAD": (34, ([[0, 0], [0, 10**9]], [[BIG, BIG], [BIG, BIG]], [[-5, -5], [-5, -5]])),
    "GATHER": (36, ([BIG], [-5], [10**6])),
    "RESIZE_BILINEAR": (23, ([10**5, 10**5], [BIG, BIG], [0, 0], [-1, -1])),
    "SLICE": (65, ([[0, 10**6], [-1, 10**6]],)),
    "TRANSPOSE": (39, ([5, 9], [-1, -7], [0, 0])),
    "EXPAND_DIMS": (70, ([99], [-99])),
    "SPLIT_V": (102, ([BIG, BIG],)),
    "TOPK_V2": (48, ([BIG], [-1])),
    "MEAN": (40, ([99], [-99])),
}


def _graphs() -> Iterator[tuple[str, Change]]:
    for name, (code, asked) in ASKING.items():
        for sizes in asked:
            yield f"{name} to {str(sizes)[:40]}", partial(_insert, code, sizes)
    yield "WHILE that never ends", partial(_loop, True)
    yield "WHILE of its own graph", partial(_loop, False)
    yield "IF of a graph that is not there", partial(_branch, 50)
    yield "IF of its own graph", partial(_branch, 0)
    for seed in range(10):
        yield f"random integers in the tables, {seed}", partial(_scramble, seed)


def _code(model: Any, code: int) -> int:
    """Append an op code -> its index."""
    from ai_edge_litert import schema_py_generated as schema

    entry = schema.OperatorCodeT()
    entry.builtinCode, entry.deprecatedBuiltinCode, entry.version = code, min(code, 127), 1
    model.operatorCodes.append(entry)
    return len(model.operatorCodes) - 1


def _new_tensor(graph: Any, name: str, kind: int, shape: Sequence[int], buffer: int = 0) -> int:
    from ai_edge_litert import schema_py_generated as schema

    tensor = schema.TensorT()
    tensor.name, tensor.type, tensor.shape, tensor.buffer = name, kind, np.array(shape, np.int32), buffer
    graph.tensors.append(tensor)
    return len(graph.tensors) - 1


def _operator(code: int, inputs: Sequence[int], outputs: Sequence[int]) -> Any:
    from ai_edge_litert import schema_py_generated as schema

    operator = schema.OperatorT()
    operator.opcodeIndex = code
    operator.inputs, operator.outputs = np.array(inputs, np.int32), np.array(outputs, np.int32)
    return operator


def _insert(code: int, sizes: Any, model: Any, _: np.random.Generator) -> None:
    """Put an op of a second, constant input between the mean and the dense layer."""
    graph, values = model.subgraphs[0], np.array(sizes, np.int32)
    dense = graph.operators[DENSE]
    before = int(dense.inputs[0])
    asked = _new_tensor(graph, "asked", 2, values.shape, append_buffer(model, values.tobytes()))
    after = _new_tensor(graph, "after", graph.tensors[before].type, (1, 8))
    graph.tensors[after].quantization = graph.tensors[before].quantization
    graph.operators.insert(DENSE, _operator(_code(model, code), (before, asked), (after,)))
    dense.inputs = np.array([after, *dense.inputs[1:]], np.int32)


def _loop(own_graphs: bool, model: Any, _: np.random.Generator) -> None:
    """Put a WHILE there whose condition is always true."""
    from ai_edge_litert import schema_py_generated as schema

    graph = model.subgraphs[0]
    dense = graph.operators[DENSE]
    before = int(dense.inputs[0])
    after = _new_tensor(graph, "after", graph.tensors[before].type, (1, 8))
    graph.tensors[after].quantization = graph.tensors[before].quantization
    loop = _operator(_code(model, 119), (before,), (after,))
    loop.builtinOptionsType, loop.builtinOptions = schema.BuiltinOptions.WhileOptions, schema.WhileOptionsT()
    if own_graphs:
        loop.builtinOptions.condSubgraphIndex, loop.builtinOptions.bodySubgraphIndex = 1, 2
        kind = graph.tensors[before].type
        for name in ("condition", "body"):
            part = schema.SubGraphT()
            part.name, part.tensors, part.operators = name, [], []
            _new_tensor(part, "value", kind, (1, 8))
            if name == "condition":
                always = append_buffer(model, b"\x01")
                _new_tensor(part, "always", 6, (1,), always)
            part.inputs, part.outputs = np.array([0], np.int32), np.array([len(part.tensors) - 1], np.int32)
            model.subgraphs.append(part)
    graph.operators.insert(DENSE, loop)
    dense.inputs = np.array([after, *dense.inputs[1:]], np.int32)


def _branch(other: int, model: Any, _: np.random.Generator) -> None:
    from ai_edge_litert import schema_py_generated as schema

    graph = model.subgraphs[0]
    condition = _new_tensor(graph, "condition", 6, (1,), append_buffer(model, b"\x01"))
    branch = _operator(_code(model, 118), (condition, IMAGE), (int(graph.outputs[0]),))
    branch.builtinOptionsType, branch.builtinOptions = schema.BuiltinOptions.IfOptions, schema.IfOptionsT()
    branch.builtinOptions.thenSubgraphIndex = branch.builtinOptions.elseSubgraphIndex = other
    graph.operators.append(branch)


def _scramble(seed: int, model: Any, rng: np.random.Generator) -> None:
    """Put random integers into random fields of tensors and ops."""
    graph = model.subgraphs[0]
    for _ in range(2 + seed % 3):
        tensor = graph.tensors[rng.integers(len(graph.tensors))]
        operator = graph.operators[rng.integers(len(graph.operators))]
        match int(rng.integers(4)):
            case 0 if len(tensor.shape):
                shape = np.array(tensor.shape, np.int32)
                shape[rng.integers(len(shape))] = rng.integers(-3, 2000)
                tensor.shape = shape
            case 1:
                tensor.type = int(rng.integers(20))
            case 2:
                tensor.buffer = int(rng.integers(len(model.buffers)))
            case _:
                operator.inputs = rng.integers(-1, len(graph.tensors), len(operator.inputs)).astype(np.int32)


GRAPHS: tuple[tuple[str, Change], ...] = tuple(_graphs())
