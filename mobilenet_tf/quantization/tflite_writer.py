"""Put corrected layers into a converted graph: same ops, other numbers."""

import copy
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mobilenet_tf.errors import ModelError
from mobilenet_tf.tflite.flatbuffer import append_buffer, op_names, pack, parse

from .simulation import Quantized, Range, step_of

__all__ = ["inject"]

KINDS = {"CONV_2D": "conv", "DEPTHWISE_CONV_2D": "depthwise", "FULLY_CONNECTED": "dense"}  # the ops with weights
CHANNEL_AXIS = {"conv": 0, "depthwise": 3, "dense": 0}  # of the kernel in TFLite's layout
# TensorType of the schema: what the bias is stored in, by what the data is stored in.
FLOAT32, INT16, INT32, INT64, INT8 = 0, 7, 2, 4, 9
BIAS_OF = {FLOAT32: FLOAT32, INT8: INT32, INT16: INT64}


def inject(model: bytes, quantized: Quantized) -> bytes:
    """The .tflite with the kernels, scales, biases and logit range of `quantized`, whose graph it was converted from.

    Raises ModelError when the file's layers are not these.
    """
    layers = quantized.layers
    parsed = parse(model)
    graph = parsed.subgraphs[0]
    ops = [(op, KINDS[name]) for op, name in zip(graph.operators, op_names(parsed), strict=True) if name in KINDS]
    if len(ops) != len(layers):
        raise ModelError(f"expected {len(layers)} ops with weights in the converted graph; found {len(ops)}.")
    if quantized.activations == "int8":
        for (op, _), limits in zip(ops, _own_ranges(quantized), strict=True):
            if limits is not None:
                _set_range(graph.tensors[op.outputs[0]], limits)
    for (op, kind), layer in zip(ops, layers, strict=True):
        # Keras keeps output channels last, TFLite first, for every kind of layer.
        kernel = np.ascontiguousarray(np.moveaxis(layer.kernel, -1, 0))
        tensor = graph.tensors[op.inputs[1]]
        if tuple(tensor.shape) != kernel.shape:
            raise ModelError(f"{layer.name}: its kernel does not fit the graph's, {tuple(tensor.shape)}.")
        if tensor.type == FLOAT32:  # dynamic-range recipes leave small kernels float
            real = np.ascontiguousarray(np.moveaxis(layer.real(kind), -1, 0))
            _set_constant(parsed, op, 1, FLOAT32, real, None)
        else:
            scale = layer.scale[:1] if quantized.per_tensor else layer.scale
            _set_constant(parsed, op, 1, INT8, kernel, scale, 0 if quantized.per_tensor else CHANNEL_AXIS[kind])
        data = graph.tensors[op.inputs[0]]
        if BIAS_OF[data.type] == FLOAT32:
            _set_constant(parsed, op, 2, FLOAT32, layer.bias, None)
        else:
            step = data.quantization.scale[0].astype(np.float64) * layer.scale
            whole = _whole(layer.bias / step, np.int32 if data.type == INT8 else np.int64)
            step = step[:1] if quantized.per_tensor else step
            _set_constant(parsed, op, 2, BIAS_OF[data.type], whole, step.astype(np.float32))
    _drop_unused(parsed)
    return pack(parsed)


def _own_ranges(quantized: Quantized) -> list[Range | None]:
    """For each layer with weights the range that its int8 output should have, where the converter's would be another:
    the logits', and what goes into an addition, whose range it widens by that of the sum (TensorFlow 2.21).
    """
    graph = quantized.graph
    added = {source for node in graph.nodes if node.kind == "Add" for source in node.inputs}
    return [
        quantized.ranges[index] if index in added or index == graph.logits else None
        for index, node in enumerate(graph.nodes)
        if node.kernel is not None
    ]


def _set_range(tensor: Any, limits: Range) -> None:
    """Store an int8 activation within other limits."""
    scale = step_of(limits, "int8")
    tensor.quantization.scale = np.array([scale], np.float32)
    tensor.quantization.zeroPoint = np.array([round(-128 - limits[0] / scale)], np.int64)


def _whole(values: NDArray[Any], dtype: Any) -> NDArray[Any]:
    limits = np.iinfo(dtype)
    return np.clip(np.rint(values), limits.min, limits.max).astype(dtype)


def _set_constant(
    model: Any,
    op: Any,
    position: int,
    kind: int,
    values: NDArray[Any],
    scale: NDArray[np.float32] | None,
    axis: int = 0,
) -> None:
    """Give an op's input a constant tensor of its own: the converter shares equal ones, and leaves out zero biases."""
    tensors = model.subgraphs[0].tensors
    # A missing bias takes its name and defaults from the kernel.
    tensor = copy.copy(tensors[op.inputs[position] if op.inputs[position] >= 0 else op.inputs[1]])
    tensor.type, tensor.shape = kind, np.array(values.shape, np.int32)
    tensor.buffer = append_buffer(model, values.tobytes())
    tensor.quantization = None
    if scale is not None:
        from ai_edge_litert import schema_py_generated as schema

        tensor.quantization = schema.QuantizationParametersT()
        tensor.quantization.scale = scale
        tensor.quantization.zeroPoint = np.zeros(len(scale), np.int64)
        tensor.quantization.quantizedDimension = axis
    tensors.append(tensor)
    op.inputs = np.array([*op.inputs[:position], len(tensors) - 1, *op.inputs[position + 1 :]], np.int32)


def _drop_unused(model: Any) -> None:
    """Renumber the graph without the tensors and buffers that nothing refers to any more."""
    graph = model.subgraphs[0]
    ends = [*graph.inputs, *graph.outputs]
    used = sorted({index for op in graph.operators for index in (*op.inputs, *op.outputs) if index >= 0} | set(ends))
    place = {old: new for new, old in enumerate(used)} | {-1: -1}
    graph.tensors = [graph.tensors[index] for index in used]
    for holder in (graph, *graph.operators):
        holder.inputs = np.array([place[index] for index in holder.inputs], np.int32)
        holder.outputs = np.array([place[index] for index in holder.outputs], np.int32)
    # Buffer 0 is the empty one by definition; the model's metadata live in buffers too.
    buffers = sorted(
        {0} | {tensor.buffer for tensor in graph.tensors} | {entry.buffer for entry in model.metadata or []}
    )
    place = {old: new for new, old in enumerate(buffers)}
    model.buffers = [model.buffers[index] for index in buffers]
    for holder in (*graph.tensors, *(model.metadata or [])):
        holder.buffer = place[holder.buffer]
