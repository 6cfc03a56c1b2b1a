"""int8 exports as TensorFlow Lite 2.6.2 can run them, and the outputs that it computes, for the Kotlin tests.

2.6.2 is the latest Java build for desktops. Three of its layers differ from today's:

- FULLY_CONNECTED takes no scale per channel (it multiplies by 0). `desktop_model` replaces it by a convolution
  of 1 x 1, which computes the same integers.
- CONV_2D rounds once; today's, and 2.6.2's DEPTHWISE_CONV_2D, round twice. If the exact value is just below a tie, the
  result is one step less.
- MEAN drops the fraction if its input and output have one scale; today's rounds.

`desktop_outputs` computes the last two in this way and all other layers by ai-edge-litert. The Kotlin tests find the
same outputs, bit for bit.
"""

import dataclasses
import hashlib
import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
from ai_edge_litert import schema_py_generated as schema
from numpy.typing import NDArray

from mobilenet_tf.contract.manifest import MANIFEST_FILE, FileRecord, Manifest
from mobilenet_tf.tflite.flatbuffer import op_names, pack, parse
from mobilenet_tf.tflite.interpreter import Session

__all__ = ["copy_export", "desktop_model", "desktop_outputs"]

Int8 = NDArray[np.int8]
Int64 = NDArray[np.int64]


def copy_export(source: Path, target: Path) -> Manifest:
    """Copy an export, with int8 files and golden outputs for the desktop's runtime -> the copy's manifest."""
    shutil.rmtree(target, ignore_errors=True)
    shutil.copytree(source, target)
    manifest = Manifest.read(source / MANIFEST_FILE)
    copied = dataclasses.replace(manifest, files=[_copy_file(file, target) for file in manifest.files])
    (target / MANIFEST_FILE).write_text(copied.to_json())
    return copied


def _copy_file(file: FileRecord, folder: Path) -> FileRecord:
    if file.input.dtype != "int8":
        return file
    model = desktop_model((folder / file.path).read_bytes())
    (folder / file.path).write_bytes(model)
    for entry in json.loads((folder / "golden" / "golden.json").read_text()):
        tensors = entry["models"][file.recipe]
        image = np.frombuffer((folder / "golden" / tensors["input"]["file"]).read_bytes(), np.int8)
        output = desktop_outputs(model, [image.reshape(1, *tensors["input"]["shape"])])
        (folder / "golden" / tensors["output"]["file"]).write_bytes(output.tobytes())
    return dataclasses.replace(file, size_bytes=len(model), sha256=hashlib.sha256(model).hexdigest())


def desktop_model(model: bytes) -> bytes:
    """The same network with its FULLY_CONNECTED layers as convolutions."""
    parsed = parse(model)
    for index in reversed(range(len(op_names(parsed)))):
        if op_names(parsed)[index] == "FULLY_CONNECTED":
            _replace_by_convolution(parsed, index)
    return pack(parsed)


def _replace_by_convolution(model: Any, index: int) -> None:
    """(1, n) -> RESHAPE (1, 1, 1, n) -> CONV_2D (1, 1, 1, m) -> RESHAPE (1, m)."""
    graph = model.subgraphs[0]
    dense = graph.operators[index]
    kernel = graph.tensors[dense.inputs[1]]
    outputs, inputs = (int(n) for n in kernel.shape)
    kernel.shape = [outputs, 1, 1, inputs]
    convolution = schema.Conv2DOptionsT()
    convolution.padding, convolution.strideW, convolution.strideH = schema.Padding.VALID, 1, 1
    convolution.dilationWFactor = convolution.dilationHFactor = 1
    before = _tensor_like(graph, dense.inputs[0], [1, 1, 1, inputs])
    after = _tensor_like(graph, dense.outputs[0], [1, 1, 1, outputs])
    graph.operators[index : index + 1] = [
        _reshape(model, int(dense.inputs[0]), before, [1, 1, 1, inputs]),
        _operator(model, "CONV_2D", 3, [before, *dense.inputs[1:]], after, convolution),
        _reshape(model, after, int(dense.outputs[0]), [1, outputs]),
    ]


def _tensor_like(graph: Any, index: int, shape: list[int]) -> int:
    tensor = schema.TensorT()
    tensor.shape, tensor.type, tensor.buffer = shape, graph.tensors[index].type, 0
    tensor.quantization = graph.tensors[index].quantization
    graph.tensors.append(tensor)
    return len(graph.tensors) - 1


def _reshape(model: Any, source: int, target: int, shape: list[int]) -> Any:
    options = schema.ReshapeOptionsT()
    options.newShape = shape
    return _operator(model, "RESHAPE", 1, [source], target, options)


def _operator(model: Any, name: str, version: int, inputs: list[int], output: int, options: Any) -> Any:
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


def desktop_outputs(model: bytes, inputs: list[Int8]) -> Int8:
    """The outputs (images, classes) of 2.6.2 for input tensors (1, res, res, 3). The graph must be a chain."""
    values = inputs
    for index, name in enumerate(op_names(parse(model))):
        parsed = parse(model)
        operator = parsed.subgraphs[0].operators[index]
        if name == "CONV_2D":
            layer = _Convolution(parsed, operator)
            values = [layer(value) for value in values]
        elif name == "MEAN":
            values = [_mean(value, parsed, operator) for value in values]
        else:
            session = Session(_single_operator(parsed, operator), backend="ai-edge-litert", delegate=False)
            values = [session.run(value) for value in values]
    return np.concatenate(values)


def _single_operator(model: Any, operator: Any) -> bytes:
    graph = model.subgraphs[0]
    graph.operators, graph.inputs, graph.outputs = [operator], [int(operator.inputs[0])], [int(operator.outputs[0])]
    model.signatureDefs = None
    return pack(model)


def _mean(value: Int8, model: Any, operator: Any) -> Int8:
    """(1, n, n, c) -> (1, c). At one scale and zero point fractions are dropped; else it computes in float32."""
    tensors = model.subgraphs[0].tensors
    source, target = (tensors[i].quantization for i in (operator.inputs[0], operator.outputs[0]))
    mean = value.astype(np.int64).sum(axis=(1, 2)).astype(np.float32) / np.float32(value.shape[1] * value.shape[2])
    if source.scale[0] == target.scale[0] and source.zeroPoint[0] == target.zeroPoint[0]:
        return np.trunc(mean).astype(np.int8)
    scale = np.float32(source.scale[0]) / np.float32(target.scale[0])
    steps = mean * scale + np.float32(-source.zeroPoint[0]) * scale
    rounded = np.copysign(np.floor(np.abs(steps) + np.float32(0.5)), steps) + np.float32(target.zeroPoint[0])
    return rounded.clip(-128, 127).astype(np.int8)


class _Convolution:
    """An int8 CONV_2D without dilation that rounds once, ties upwards."""

    def __init__(self, model: Any, operator: Any) -> None:
        tensors = model.subgraphs[0].tensors
        self._input, kernel, bias, self._output = (tensors[i] for i in (*operator.inputs, operator.outputs[0]))
        self._options = operator.builtinOptions
        data = [np.asarray(model.buffers[tensor.buffer].data, np.uint8) for tensor in (kernel, bias)]
        self._size = int(kernel.shape[1])
        self._kernel = data[0].view(np.int8).reshape(kernel.shape[0], -1).astype(np.float64)
        self._bias = data[1].view(np.int32).astype(np.int64)
        scales = self._input.quantization.scale[0].astype(np.float64) * kernel.quantization.scale.astype(np.float64)
        fraction, exponent = np.frexp(scales / np.float64(self._output.quantization.scale[0]))
        self._multiplier = np.rint(fraction * 2**31).astype(np.int64)
        self._shift = 31 - exponent.astype(np.int64)

    def __call__(self, value: Int8) -> Int8:
        """(1, n, n, c) -> (1, m, m, d)."""
        windows = self._windows(value.astype(np.float64) - self._input.quantization.zeroPoint[0])
        # Integers below 2^53 are exact in doubles, and a matrix product of doubles is fast.
        sums = (windows @ self._kernel.T).astype(np.int64) + self._bias
        steps = (sums * self._multiplier + (np.int64(1) << (self._shift - 1))) >> self._shift
        low = int(self._output.quantization.zeroPoint[0])
        # A ReLU6's range is the whole range of its output, and a linear layer has none: int8's range clips both.
        return (steps + low).clip(-128, 127).astype(np.int8)

    def _windows(self, value: NDArray[np.float64]) -> NDArray[np.float64]:
        """(1, m, m, size * size * c), padded with the zero point if the padding is SAME."""
        stride, size = int(self._options.strideW), self._size
        if self._options.padding == schema.Padding.SAME:
            n = value.shape[1]
            total = max(0, (-(-n // stride) - 1) * stride + size - n)
            edges = (total // 2, total - total // 2)
            value = np.pad(value, ((0, 0), edges, edges, (0, 0)))
        last = value.shape[1] - size
        shifted = [
            value[:, y : y + last + 1 : stride, x : x + last + 1 : stride] for y in range(size) for x in range(size)
        ]
        return np.concatenate(shifted, axis=-1)
