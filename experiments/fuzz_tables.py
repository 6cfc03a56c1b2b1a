"""Wrong contents of a .tflite's tables: tensors, buffers, scales, ops and their options, ends, names, counts."""

import copy
from collections.abc import Iterator
from functools import partial
from typing import Any

import numpy as np

from .fuzz_models import CONV, DENSE, IMAGE, KERNEL, MEAN, SCORES, SOFTMAX, Change

__all__ = ["TABLES"]

BIG = 2**31 - 1
SHAPES = (
    *((), (0,), (1,), (1, 0, 0, 3), (1, -1, -1, 3), (-1, -1, -1, -1), (1, 32, 32, -3), (2**16, 2**16, 1, 3)),
    *((1, BIG, BIG, 3), (1, 65536, 65536, 3), (1, 8000, 8000, 3), (1, 32, 32, BIG), (1, 1, 1, 1, 1, 1, 1, 1, 3)),
)
TENSORS = {"input": IMAGE, "kernel": KERNEL, "features": 3, "output": -1}
NUMBERS = (-1, 0, 5, 127, BIG)
FLOATS = (0.0, -1.0, float("nan"), float("inf"), 1e-45, 3e38)


def _tables() -> Iterator[tuple[str, Change]]:
    for where, index in TENSORS.items():
        for shape in SHAPES:
            yield f"{where} of shape {shape}", partial(_set_shape, index, shape)
        for kind in (1, 2, 4, 5, 6, 9, 17, 99):
            yield f"{where} of type {kind}", partial(_set_tensor, index, "type", kind)
        for buffer in (0, 1, 10**6):
            yield f"{where} in buffer {buffer}", partial(_set_tensor, index, "buffer", buffer)
        for scale in FLOATS:
            yield f"{where} of scale {scale}", partial(_set_quantization, index, "scale", [scale])
        yield f"{where} of 3 scales", partial(_set_quantization, index, "scale", [0.1, 0.2, 0.3])
        yield f"{where} of zero point 2^40", partial(_set_quantization, index, "zeroPoint", [2**40])
        yield f"{where} of no zero point", partial(_set_quantization, index, "zeroPoint", [])
        yield f"{where} quantized along axis 9", partial(_set_axis, index, 9)
        yield f"{where} of an open signature", partial(_set_shape, index, (1, -1, -1, 3), field="shapeSignature")
        yield f"{where} of a signature of 60 axes", partial(_set_shape, index, (-1,) * 60, field="shapeSignature")
    for fields in ("strideW", "strideH", "dilationWFactor", "padding", "fusedActivationFunction"):
        for number in NUMBERS:
            if fields[0] in "sd" or 0 <= number < 128:
                yield f"{fields} {number}", partial(_set_option, CONV, fields, number)
    for beta in FLOATS:
        yield f"softmax of beta {beta}", partial(_set_option, SOFTMAX, "beta", beta)
    for op, name in ((CONV, "convolution"), (MEAN, "mean"), (DENSE, "dense layer"), (SOFTMAX, "softmax")):
        for ends in ((), (-1,), (10**6,), (0,) * 100, (SCORES, SCORES, SCORES), (-(2**31),)):
            yield f"{name} of inputs {ends[:3]}", partial(_set_ends, op, "inputs", ends)
            yield f"{name} of outputs {ends[:3]}", partial(_set_ends, op, "outputs", ends)
        yield f"{name} of op code 9999", partial(_set_opcode, op, 9999)
        yield f"{name} without options", partial(_set_operator, op, "builtinOptions", None)
    for code in (0, 32, 117, 250, -1, BIG):
        yield f"op code {code}", partial(_set_code, code)
    yield from _of_graph()


def _of_graph() -> Iterator[tuple[str, Change]]:
    for ends in ((), (-1,), (10**6,), (0, 0, 0), (0, 1, 2, 3)):
        yield f"graph of inputs {ends}", partial(_set_graph, "inputs", ends)
        yield f"graph of outputs {ends}", partial(_set_graph, "outputs", ends)
    yield "graph whose output is its input", partial(_set_graph, "outputs", (0,))
    yield "no graph", lambda model, _: setattr(model, "subgraphs", [])
    yield "no buffer", lambda model, _: setattr(model, "buffers", [])
    yield "no op codes", lambda model, _: setattr(model, "operatorCodes", [])
    yield "no ops", lambda model, _: setattr(model.subgraphs[0], "operators", [])
    yield "no tensors", lambda model, _: setattr(model.subgraphs[0], "tensors", [])
    yield "version 0", lambda model, _: setattr(model, "version", 0)
    yield "version of 32 bits", lambda model, _: setattr(model, "version", 2**32 - 1)
    yield "100,000 graphs", lambda model, _: setattr(model, "subgraphs", model.subgraphs * 100_000)
    yield "30,000 tensors", _many_tensors
    yield "200 convolutions of one tensor", _many_ops
    yield "ops in reverse", lambda model, _: model.subgraphs[0].operators.reverse()
    yield "a name with escape codes", partial(_set_tensor, IMAGE, "name", "\x1b[31mred\x1b]0;title\x07\n\r")
    yield "a name of 5 MB", partial(_set_tensor, IMAGE, "name", "n" * 5_000_000)
    yield "names that are not UTF-8", lambda model, _: setattr(model.subgraphs[0].tensors[-1], "name", b"\xff\xfe\x00")
    yield "a description with escape codes", lambda model, _: setattr(model, "description", "\x1b[2J\x1b[H")
    yield "a custom op with escape codes", partial(_set_custom, "\x1b[31mred\x1b[0m\n")
    yield "a custom op of 1 MB", partial(_set_custom, "n" * 1_000_000)
    yield "a signature of another graph", _wrong_signature
    for share, name in ((0.0, "empty"), (0.5, "half"), (3.0, "three times as long")):
        yield f"a kernel whose buffer is {name}", partial(_cut_buffer, share)
    for number in (float("nan"), float("inf"), 3e38):
        yield f"a kernel of {number}", partial(_fill_buffer, number)
    yield "a buffer at an offset outside", _outside_buffer


def _tensor(model: Any, index: int) -> Any:
    return model.subgraphs[0].tensors[index]


def _set_tensor(index: int, field: str, value: object, model: Any, _: np.random.Generator) -> None:
    setattr(_tensor(model, index), field, value)


def _set_shape(index: int, shape: tuple[int, ...], model: Any, _: np.random.Generator, *, field: str = "shape") -> None:
    setattr(_tensor(model, index), field, np.array(shape, np.int32))


def _quantization(model: Any, index: int) -> Any:
    from ai_edge_litert import schema_py_generated as schema

    tensor = _tensor(model, index)
    if tensor.quantization is None:
        tensor.quantization = schema.QuantizationParametersT()
        tensor.quantization.scale, tensor.quantization.zeroPoint = np.ones(1, np.float32), np.zeros(1, np.int64)
    return tensor.quantization


def _set_quantization(index: int, field: str, values: list[float], model: Any, _: np.random.Generator) -> None:
    dtype = np.float32 if field == "scale" else np.int64
    setattr(_quantization(model, index), field, np.array(values, dtype))


def _set_axis(index: int, axis: int, model: Any, _: np.random.Generator) -> None:
    _quantization(model, index).quantizedDimension = axis


def _set_option(op: int, field: str, value: float, model: Any, _: np.random.Generator) -> None:
    setattr(model.subgraphs[0].operators[op].builtinOptions, field, value)


def _set_ends(op: int, field: str, ends: tuple[int, ...], model: Any, _: np.random.Generator) -> None:
    setattr(model.subgraphs[0].operators[op], field, np.array(ends, np.int32))


def _set_operator(op: int, field: str, value: object, model: Any, _: np.random.Generator) -> None:
    setattr(model.subgraphs[0].operators[op], field, value)


def _set_opcode(op: int, index: int, model: Any, _: np.random.Generator) -> None:
    model.subgraphs[0].operators[op].opcodeIndex = index


def _set_code(code: int, model: Any, _: np.random.Generator) -> None:
    entry = model.operatorCodes[-1]
    entry.builtinCode, entry.deprecatedBuiltinCode = code, min(max(code, -1), 127)


def _set_custom(name: str, model: Any, rng: np.random.Generator) -> None:
    _set_code(32, model, rng)
    model.operatorCodes[-1].customCode = name


def _set_graph(field: str, ends: tuple[int, ...], model: Any, _: np.random.Generator) -> None:
    setattr(model.subgraphs[0], field, np.array(ends, np.int32))


def _wrong_signature(model: Any, _: np.random.Generator) -> None:
    signature = model.signatureDefs[0]
    signature.subgraphIndex, signature.inputs[0].tensorIndex, signature.outputs = 7, 10**6, []


def _many_tensors(model: Any, _: np.random.Generator) -> None:
    model.subgraphs[0].tensors += [copy.copy(_tensor(model, 3)) for _ in range(30_000)]


def _many_ops(model: Any, _: np.random.Generator) -> None:
    operators = model.subgraphs[0].operators
    model.subgraphs[0].operators = [operators[CONV]] * 200 + operators[1:]


def _buffer(model: Any) -> Any:
    return model.buffers[_tensor(model, KERNEL).buffer]


def _cut_buffer(share: float, model: Any, _: np.random.Generator) -> None:
    data = bytes(_buffer(model).data)
    _buffer(model).data = np.frombuffer((data * 3)[: int(share * len(data))], np.uint8)


def _fill_buffer(number: float, model: Any, _: np.random.Generator) -> None:
    size = len(_buffer(model).data) // 4
    _buffer(model).data = np.frombuffer(np.full(size, number, np.float32).tobytes(), np.uint8)


def _outside_buffer(model: Any, _: np.random.Generator) -> None:
    _buffer(model).data, _buffer(model).offset, _buffer(model).size = None, 2**40, 2**40


TABLES: tuple[tuple[str, Change], ...] = tuple(_tables())
