"""Put corrected layers into a converted graph: same ops, same tensors, other numbers."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mobilenet_tf.errors import ModelError

from .correction import QuantizedLayer
from .flatbuffer import op_names, pack, parse, replace_data

__all__ = ["inject"]

KINDS = {"CONV_2D": "conv", "DEPTHWISE_CONV_2D": "depthwise", "FULLY_CONNECTED": "dense"}  # the ops with weights
FLOAT32, INT32, INT64 = 0, 2, 4  # TensorType of the schema
INT32_LIMITS = np.iinfo(np.int32)


def inject(model: bytes, layers: Sequence[QuantizedLayer]) -> bytes:
    """The .tflite with the kernels, scales and biases of `layers`, which are in the order of its ops.

    Raises ModelError when the graph's layers are not these.
    """
    parsed = parse(model)
    graph = parsed.subgraphs[0]
    ops = [(op, name) for op, name in zip(graph.operators, op_names(parsed), strict=True) if name in KINDS]
    if len(ops) != len(layers):
        raise ModelError(f"expected {len(layers)} ops with weights in the converted graph; found {len(ops)}.")
    for (op, name), layer in zip(ops, layers, strict=True):
        data, kernel, bias = (graph.tensors[index] for index in op.inputs[:3])
        if tuple(kernel.shape) != _tflite_layout(layer.kernel).shape:
            raise ModelError(f"{layer.name}: its kernel does not fit the graph's, {tuple(kernel.shape)}.")
        if kernel.type == FLOAT32:  # dynamic-range recipes leave small kernels float
            replace_data(parsed, kernel, _tflite_layout(layer.real(KINDS[name])))
        else:
            replace_data(parsed, kernel, _tflite_layout(layer.kernel))
            kernel.quantization.scale = layer.scale
            kernel.quantization.zeroPoint = np.zeros(len(layer.scale), np.int64)
            kernel.quantization.quantizedDimension = 3 if name == "DEPTHWISE_CONV_2D" else 0
        replace_data(parsed, bias, _bias(bias, data, layer))
    return pack(parsed)


def _tflite_layout(kernel: NDArray[Any]) -> NDArray[Any]:
    """Keras keeps output channels last, TFLite first, for every kind of layer."""
    return np.ascontiguousarray(np.moveaxis(kernel, -1, 0))


def _bias(bias: Any, data: Any, layer: QuantizedLayer) -> NDArray[Any]:
    """The bias as the graph stores it: floats, or integers in steps of input scale times weight scale."""
    if bias.type == FLOAT32:
        return layer.bias
    step = data.quantization.scale[0].astype(np.float64) * layer.scale
    bias.quantization.scale = step.astype(np.float32)
    whole = np.rint(layer.bias / step)
    if bias.type == INT64:
        return whole.astype(np.int64)
    return np.clip(whole, INT32_LIMITS.min, INT32_LIMITS.max).astype(np.int32)
