"""A quantized .tflite as a float one: the weights that its integers stand for, and float activations."""

import copy
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mobilenet_tf.errors import ModelError
from mobilenet_tf.tflite.flatbuffer import append_buffer, enum_names, op_names, pack, parse
from mobilenet_tf.tflite.given_input import Normalization

__all__ = ["byte_normalization", "dequantized_file", "dequantized_model", "is_quantized"]

INTEGERS = ("INT8", "UINT8", "INT16", "INT32", "INT64")  # types that stand for real numbers if they have a scale
# Ops that can clip their output to an activation's range, and do so by the range of their integers alone if the
# activation was left out of their options.
CLIPPING = ("CONV_2D", "DEPTHWISE_CONV_2D", "FULLY_CONNECTED", "ADD", "SUB", "MUL")
NONE, RELU, RELU_N1_TO_1, RELU6 = 0, 1, 2, 3  # numbers of activations in the schema
LOWEST = {"UINT8": 0, "INT8": -128}
RANGE_OF = {(0.0, 6.0): RELU6, (-1.0, 1.0): RELU_N1_TO_1}
STEPS_OFF = 1.5  # the ends of an activation's range are rounded to whole integers, one step of which is lost


def is_quantized(model: Any) -> bool:
    """Whether weights or activations of a ModelT are integers that stand for real numbers."""
    types = _types()
    return any(_scaled(tensor, types) for tensor in model.subgraphs[0].tensors)


def byte_normalization(model: Any) -> Normalization | None:
    """The normalization of bytes that the input's integers stand for.

    None if the input is float. The bytes of int8 are shifted by 128.
    """
    graph, types = model.subgraphs[0], _types()
    image = graph.tensors[graph.inputs[0]]
    if not _scaled(image, types) or types[image.type] not in LOWEST:
        return None
    zero_point = int(image.quantization.zeroPoint[0]) - LOWEST[types[image.type]]
    return Normalization((float(zero_point),), (1 / float(image.quantization.scale[0]),))


def dequantized_file(content: bytes, name: str = "the model") -> bytes:
    """The float .tflite of a quantized one; see dequantized_model."""
    return pack(dequantized_model(parse(content), name))


def dequantized_model(model: Any, name: str = "the model") -> Any:
    """The float ModelT of a quantized one: uint8, int8 or int16, with or without quantized activations.

    Constants become the real numbers that they stand for; QUANTIZE and DEQUANTIZE ops are left out. Networks trained
    with fake quantization may clip by the range of their integers alone, such as 0 to 6: that becomes an activation.
    The input and the output are float.
    Raises ModelError for a constant whose data do not fit its shape.
    """
    model = copy.deepcopy(model)
    graph, types, ops = model.subgraphs[0], _types(), op_names(model)
    for op, kind in zip(graph.operators, ops, strict=True):
        if kind in CLIPPING and getattr(op.builtinOptions, "fusedActivationFunction", None) == NONE:
            op.builtinOptions.fusedActivationFunction = _implied(graph.tensors[int(op.outputs[0])], types)
        _give_bias_a_scale(graph, op, kind)
    for tensor in graph.tensors:
        if _scaled(tensor, types):
            _widen(model, tensor, types, name)
    used = {tensor.buffer for tensor in graph.tensors}
    for index, buffer in enumerate(model.buffers):
        if index not in used:
            buffer.data = None  # integers that were replaced; indices of buffers stay
    _leave_out_conversions(graph, ops, types)
    return model


def _types() -> dict[int, str]:
    from ai_edge_litert import schema_py_generated as schema

    return enum_names(schema.TensorType)


def _scaled(tensor: Any, types: dict[int, str]) -> bool:
    """Whether a tensor's integers stand for real numbers."""
    quantization = tensor.quantization
    has_scale = quantization is not None and quantization.scale is not None and len(quantization.scale) > 0
    return has_scale and types[tensor.type] in INTEGERS


def _implied(tensor: Any, types: dict[int, str]) -> int:
    """The activation that the range of a tensor's integers stands for."""
    if not _scaled(tensor, types) or types[tensor.type] not in LOWEST:
        return NONE
    scale, zero_point = float(tensor.quantization.scale[0]), int(tensor.quantization.zeroPoint[0])
    low = scale * (LOWEST[types[tensor.type]] - zero_point)
    high = low + 255 * scale
    for (least, most), activation in RANGE_OF.items():
        if max(abs(low - least), abs(high - most)) <= STEPS_OFF * scale:
            return activation
    return RELU if low == 0 else NONE


def _give_bias_a_scale(graph: Any, op: Any, kind: str) -> None:
    """A bias whose scale is not in the file has that of the input times that of the kernel."""
    if kind not in ("CONV_2D", "DEPTHWISE_CONV_2D", "FULLY_CONNECTED") or len(op.inputs) < 3 or op.inputs[2] < 0:
        return
    source, kernel, bias = (graph.tensors[int(index)] for index in op.inputs[:3])
    types = _types()
    if types[bias.type] not in ("INT32", "INT64") or _scaled(bias, types) or not _scaled(source, types):
        return
    bias.quantization = copy.copy(kernel.quantization)
    bias.quantization.scale = kernel.quantization.scale * source.quantization.scale[0]
    bias.quantization.zeroPoint = np.zeros(len(kernel.quantization.scale), np.int64)
    bias.quantization.quantizedDimension = 0


def _widen(model: Any, tensor: Any, types: dict[int, str], name: str) -> None:
    """Make a tensor float, and the values of a constant the real numbers that they stand for."""
    from ai_edge_litert import schema_py_generated as schema

    data = model.buffers[tensor.buffer].data
    if data is not None and len(data):
        dtype = types[tensor.type].lower()
        shape = tuple(tensor.shape) if tensor.shape is not None else ()
        integers = np.frombuffer(np.asarray(data, np.uint8).tobytes(), dtype)
        if integers.size != np.prod(shape):
            raise ModelError(f"{name} is broken: a constant of shape {shape} has {integers.size} values.")
        tensor.buffer = append_buffer(model, _real(integers.reshape(shape), tensor.quantization).tobytes())
    tensor.type, tensor.quantization = schema.TensorType.FLOAT32, None


def _real(integers: NDArray[Any], quantization: Any) -> NDArray[np.float32]:
    """scale * (q - zero point), with a scale for the whole tensor or one for each index of one axis."""
    along = [1] * integers.ndim
    if len(quantization.scale) > 1:
        along[quantization.quantizedDimension] = -1
    zeros = quantization.zeroPoint if quantization.zeroPoint is not None else np.zeros(1)
    scale, zero_point = (np.asarray(values).reshape(along) for values in (quantization.scale, zeros))
    return ((integers.astype(np.float64) - zero_point) * scale).astype(np.float32)


def _leave_out_conversions(graph: Any, ops: list[str], types: dict[int, str]) -> None:
    """Remove what only converted between types: what took its output takes its input."""
    same: dict[int, int] = {}
    kept = []
    for op, kind in zip(graph.operators, ops, strict=True):
        op.inputs = np.array([same.get(int(index), int(index)) for index in op.inputs], np.int32)
        # A DEQUANTIZE of float16 constants widens them: it stays.
        if kind == "QUANTIZE" or (kind == "DEQUANTIZE" and types[graph.tensors[op.inputs[0]].type] == "FLOAT32"):
            same[int(op.outputs[0])] = int(op.inputs[0])
        else:
            kept.append(op)
    graph.operators = kept
    graph.outputs = np.array([same.get(int(index), int(index)) for index in graph.outputs], np.int32)
