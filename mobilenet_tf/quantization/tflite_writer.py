"""Write a quantized network's numbers into a converted .tflite: the ops stay the same."""

import copy
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mobilenet_tf.errors import ModelError
from mobilenet_tf.tflite.flatbuffer import append_buffer, op_names

from .simulation import Quantized, QuantizedLayer, Range, step_of

__all__ = ["write_layers"]

KINDS = {"CONV_2D": "conv", "DEPTHWISE_CONV_2D": "depthwise", "FULLY_CONNECTED": "dense"}  # the ops with weights
CHANNEL_AXIS = {"conv": 0, "depthwise": 3, "dense": 0}  # the output channels in TFLite's layout of a kernel
# Values of the schema's TensorType, and the type of the bias by the type of the layer's input.
FLOAT32, INT16, INT32, INT64, INT8 = 0, 7, 2, 4, 9
BIAS_OF = {FLOAT32: FLOAT32, INT8: INT32, INT16: INT64}


def write_layers(model: Any, quantized: Quantized) -> None:
    """Set kernels, scales, biases and ranges of `quantized` in a ModelT that was converted from its graph.

    Raises ModelError if the layers of the model are not these.
    """
    graph, layers = model.subgraphs[0], quantized.layers
    ops = [(op, KINDS[name]) for op, name in zip(graph.operators, op_names(model), strict=True) if name in KINDS]
    if len(ops) != len(layers):
        raise ModelError(f"expected {len(layers)} ops with weights in the converted graph; found {len(ops)}.")
    if quantized.activations == "int8":
        for (op, _), limits in zip(ops, _changed_ranges(quantized), strict=True):
            if limits is not None:
                _set_range(graph.tensors[op.outputs[0]], limits)
    for (op, kind), layer in zip(ops, layers, strict=True):
        _set_kernel(model, op, kind, layer, quantized.per_tensor)
        _set_bias(model, op, layer, quantized.per_tensor)
    _drop_unused(model)


def _changed_ranges(quantized: Quantized) -> list[Range | None]:
    """For each layer with weights the range of its int8 output, or None if the converter's is right.

    Two are not: that of the logits, and that of an addition's inputs, which the converter widens by the range of the
    sum (TensorFlow 2.21).
    """
    graph = quantized.graph
    added = {source for node in graph.nodes if node.kind == "Add" for source in node.inputs}
    return [
        quantized.ranges[index] if index in added or index == graph.logits else None
        for index, node in enumerate(graph.nodes)
        if node.kernel is not None
    ]


def _set_range(tensor: Any, limits: Range) -> None:
    """Give an int8 activation the scale and zero point of a range."""
    scale = step_of(limits, "int8")
    tensor.quantization.scale = np.array([scale], np.float32)
    tensor.quantization.zeroPoint = np.array([round(-128 - limits[0] / scale)], np.int64)


def _set_kernel(model: Any, op: Any, kind: str, layer: QuantizedLayer, per_tensor: bool) -> None:
    # Keras keeps output channels last, TFLite first, for every kind of layer.
    kernel = np.ascontiguousarray(np.moveaxis(layer.kernel, -1, 0))
    tensor = model.subgraphs[0].tensors[op.inputs[1]]
    if tuple(tensor.shape) != kernel.shape:
        raise ModelError(f"{layer.name}: its kernel does not fit the graph's, {tuple(tensor.shape)}.")
    if tensor.type == FLOAT32:  # dynamic-range recipes leave small kernels float
        _set_constant(model, op, 1, FLOAT32, np.ascontiguousarray(np.moveaxis(layer.real(kind), -1, 0)))
    elif per_tensor:
        _set_constant(model, op, 1, INT8, kernel, layer.scale[:1])
    else:
        _set_constant(model, op, 1, INT8, kernel, layer.scale, CHANNEL_AXIS[kind])


def _set_bias(model: Any, op: Any, layer: QuantizedLayer, per_tensor: bool) -> None:
    data = model.subgraphs[0].tensors[op.inputs[0]]
    if BIAS_OF[data.type] == FLOAT32:
        _set_constant(model, op, 2, FLOAT32, layer.bias)
        return
    step = data.quantization.scale[0].astype(np.float64) * layer.scale
    levels = _to_integers(layer.bias / step, np.int32 if data.type == INT8 else np.int64)
    step = step[:1] if per_tensor else step
    _set_constant(model, op, 2, BIAS_OF[data.type], levels, step.astype(np.float32))


def _to_integers(values: NDArray[Any], dtype: Any) -> NDArray[Any]:
    limits = np.iinfo(dtype)
    return np.clip(np.rint(values), limits.min, limits.max).astype(dtype)


def _set_constant(
    model: Any,
    op: Any,
    position: int,
    kind: int,
    values: NDArray[Any],
    scale: NDArray[np.float32] | None = None,
    axis: int = 0,
) -> None:
    """Make an op's input a new constant tensor: the converter shares equal constants, and leaves out zero biases.

    kind: the schema's TensorType. scale, axis: the quantization of the values; None for floats.
    """
    tensors = model.subgraphs[0].tensors
    # A missing bias gets its name and defaults from the kernel.
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
    """Remove tensors and buffers that nothing refers to any more, and renumber the others."""
    graph = model.subgraphs[0]
    ends = [*graph.inputs, *graph.outputs]
    used = sorted({index for op in graph.operators for index in (*op.inputs, *op.outputs) if index >= 0} | set(ends))
    place = {old: new for new, old in enumerate(used)} | {-1: -1}
    graph.tensors = [graph.tensors[index] for index in used]
    for holder in (graph, *graph.operators):
        holder.inputs = np.array([place[index] for index in holder.inputs], np.int32)
        holder.outputs = np.array([place[index] for index in holder.outputs], np.int32)
    # Buffer 0 is empty by definition; the model's metadata are in buffers too.
    buffers = sorted(
        {0} | {tensor.buffer for tensor in graph.tensors} | {entry.buffer for entry in model.metadata or []}
    )
    place = {old: new for new, old in enumerate(buffers)}
    model.buffers = [model.buffers[index] for index in buffers]
    for holder in (*graph.tensors, *(model.metadata or [])):
        holder.buffer = place[holder.buffer]
