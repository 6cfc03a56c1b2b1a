"""Exports as the desktop's Java build of TensorFlow Lite can run them, for the Kotlin tests.

Its latest is 2.6.2, whose FULLY_CONNECTED takes no scale per channel (it multiplies by 0). Its CONV_2D does, with the
same integers: here that layer is a convolution of 1 x 1. Every output is compared with the export's own, to the bit.
"""

import dataclasses
import hashlib
import shutil
from pathlib import Path
from typing import Any

import numpy as np

from export.manifest import FileRecord, Manifest
from mobilenet_tf.flatbuffer import op_names, pack, parse

__all__ = ["copy_export", "desktop_model"]


def copy_export(source: Path, target: Path) -> Manifest:
    """Copy an export folder, its models as `desktop_model` makes them -> the copy's manifest."""
    shutil.rmtree(target, ignore_errors=True)
    shutil.copytree(source, target)
    manifest = Manifest.read(source / "manifest.json")
    copied = dataclasses.replace(manifest, files=[_copy_file(file, target) for file in manifest.files])
    (target / "manifest.json").write_text(copied.to_json())
    return copied


def _copy_file(file: FileRecord, target: Path) -> FileRecord:
    model = desktop_model((target / file.path).read_bytes())
    (target / file.path).write_bytes(model)
    return dataclasses.replace(file, size_bytes=len(model), sha256=hashlib.sha256(model).hexdigest())


def desktop_model(model: bytes) -> bytes:
    """The same network without a FULLY_CONNECTED of several scales; the same bytes where it has none."""
    parsed = parse(model)
    graph, names = parsed.subgraphs[0], op_names(parsed)
    found = [
        index
        for index, (name, op) in enumerate(zip(names, graph.operators, strict=True))
        if name == "FULLY_CONNECTED" and _scales(graph.tensors[op.inputs[1]]) > 1
    ]
    for index in reversed(found):
        _as_convolution(parsed, index)
    return pack(parsed) if found else model


def _scales(tensor: Any) -> int:
    quantization = tensor.quantization
    return 0 if quantization is None or quantization.scale is None else len(quantization.scale)


def _as_convolution(model: Any, index: int) -> None:
    """(1, n) -> RESHAPE (1, 1, 1, n) -> CONV_2D (1, 1, 1, m) -> RESHAPE (1, m)."""
    from ai_edge_litert import schema_py_generated as schema

    graph = model.subgraphs[0]
    dense = graph.operators[index]
    weights = graph.tensors[dense.inputs[1]]
    outputs, inputs = (int(n) for n in weights.shape)
    weights.shape = np.array([outputs, 1, 1, inputs], np.int32)
    convolution = schema.Conv2DOptionsT()
    convolution.padding, convolution.strideW, convolution.strideH = schema.Padding.VALID, 1, 1
    convolution.dilationWFactor = convolution.dilationHFactor = 1
    convolution.fusedActivationFunction = dense.builtinOptions.fusedActivationFunction
    before = _tensor_like(graph, dense.inputs[0], [1, 1, 1, inputs])
    after = _tensor_like(graph, dense.outputs[0], [1, 1, 1, outputs])
    graph.operators[index : index + 1] = [
        _reshape(model, int(dense.inputs[0]), before, [1, 1, 1, inputs]),
        _operator(model, "CONV_2D", 3, [before, *dense.inputs[1:]], after, convolution),
        _reshape(model, after, int(dense.outputs[0]), [1, outputs]),
    ]


def _tensor_like(graph: Any, index: int, shape: list[int]) -> int:
    from ai_edge_litert import schema_py_generated as schema

    tensor = schema.TensorT()
    tensor.shape, tensor.type, tensor.buffer = shape, graph.tensors[index].type, 0
    tensor.quantization = graph.tensors[index].quantization
    graph.tensors.append(tensor)
    return len(graph.tensors) - 1


def _reshape(model: Any, source: int, target: int, shape: list[int]) -> Any:
    from ai_edge_litert import schema_py_generated as schema

    options = schema.ReshapeOptionsT()
    options.newShape = shape
    return _operator(model, "RESHAPE", 1, [source], target, options)


def _operator(model: Any, name: str, version: int, inputs: list[int], output: int, options: Any) -> Any:
    from ai_edge_litert import schema_py_generated as schema

    code = schema.OperatorCodeT()
    code.builtinCode = code.deprecatedBuiltinCode = getattr(schema.BuiltinOperator, name)
    code.version = version
    model.operatorCodes.append(code)
    operator = schema.OperatorT()
    operator.opcodeIndex = len(model.operatorCodes) - 1
    operator.inputs, operator.outputs = inputs, [output]
    operator.builtinOptionsType = getattr(schema.BuiltinOptions, type(options).__name__.removesuffix("T"))
    operator.builtinOptions = options
    return operator
