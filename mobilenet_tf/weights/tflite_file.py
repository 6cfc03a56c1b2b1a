"""Read the weights of the .tflite file of a MobileNet, float or quantized. TensorFlow-free."""

import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mobilenet_tf.errors import WeightsError
from mobilenet_tf.tasks.classification import class_count
from mobilenet_tf.tflite.detection_op import DETECTION_OP
from mobilenet_tf.tflite.flatbuffer import op_codes, parse
from mobilenet_tf.tflite.graph_reader import custom_ops
from mobilenet_tf.tflite.model_file import read_model

from .another_network import another_network
from .arrays import Arrays, SourceWeights, identity_batch_norm
from .shapes import batch_norm_after

__all__ = ["Convolution", "StoredTensor", "damaged_tflite", "keras_arrays", "read_convolutions", "read_tflite"]

# What reading raises if tables, shapes or scales do not fit each other.
UNREADABLE_TABLES = (ArithmeticError, AttributeError, LookupError, MemoryError, TypeError, ValueError, struct.error)
NO_SCALE = np.empty(0, np.float32), np.empty(0, np.int64)  # of a tensor of floats
_DTYPES: dict[int, Any] = {0: np.float32, 1: np.float16, 2: np.int32, 3: np.uint8, 4: np.int64, 9: np.int8}


@dataclass(frozen=True)
class StoredTensor:
    """A tensor as a file holds it: its numbers, and the scale and zero point that turn them into real values."""

    values: NDArray[Any]
    scale: NDArray[np.float32]  # (1,) per tensor, (channels,) per channel; empty for floats
    zero_point: NDArray[np.int64]
    axis: int

    def real(self) -> NDArray[np.float32]:
        """The real values: scale * (q - zero_point), or the floats themselves."""
        if not self.scale.size:
            return self.values.astype(np.float32)
        shape = [1] * self.values.ndim
        shape[self.axis] = -1
        centred = (self.values.astype(np.int64) - self.zero_point.reshape(shape)).astype(np.float32)
        return centred * self.scale.reshape(shape)


@dataclass(frozen=True)
class Convolution:
    """A convolution or the classifier, batch norm folded: `kernel` in TFLite's layout, `bias` one per channel."""

    depthwise: bool
    kernel: StoredTensor  # (out, h, w, in), (1, h, w, channels) if depthwise, (out, in) if fully connected
    bias: StoredTensor


def read_tflite(path: Path) -> SourceWeights:
    """The weights of the .tflite file at `path`. Raises WeightsError as `read_convolutions`."""
    if DETECTION_OP in custom_ops(read_model(path)):
        raise WeightsError(
            f"{path} is an object detector, not a classifier.\n"
            "Give a classifier's file; an SSD over MobileNet V1 or V2 is for mobilenet-export, and for mobilenet-train "
            "of photos with boxes."
        )
    res, convolutions = read_convolutions(path)
    if len(convolutions) < 2:
        raise another_network(path)
    try:
        arrays = keras_arrays(convolutions)
        classes = class_count(arrays)
    except UNREADABLE_TABLES as error:  # scales or shapes that do not fit the numbers
        raise damaged_tflite(path, error) from error
    return SourceWeights(arrays, res, background=classes == 1001, imagenet=classes in (1000, 1001))


def keras_arrays(convolutions: list[Convolution]) -> Arrays:
    """Folded convolutions -> arrays in the order of Keras, with a batch norm that changes nothing but adds the bias; a
    layer that has none in its network keeps its bias.
    """
    # TFLite's (1, h, w, c) and (out, h, w, in) -> Keras's (h, w, c, 1) and (h, w, in, out).
    kernels = [np.moveaxis(convolution.kernel.real(), 0, -1) for convolution in convolutions[:-1]]
    last = convolutions[-1]
    classifier = last.kernel.real().reshape(last.kernel.values.shape[0], -1).T
    has_batch_norm = batch_norm_after([*(kernel.shape for kernel in kernels), classifier.shape])
    arrays: Arrays = []
    for convolution, kernel, batch_norm in zip(convolutions[:-1], kernels, has_batch_norm, strict=True):
        bias = convolution.bias.real()
        arrays += [kernel, *identity_batch_norm(bias)] if batch_norm else [kernel, bias]
    return [*arrays, classifier, last.bias.real()]


def read_convolutions(path: Path) -> tuple[int, list[Convolution]]:
    """The input resolution and the convolutions, in graph order, of the .tflite file at `path`.

    Raises WeightsError if the file is truncated, no .tflite, or not one chain of convolutions.
    """
    from ai_edge_litert import schema_py_generated as schema

    data = read_model(path)
    if data[4:8] != b"TFL3":
        raise WeightsError(f"expected a .tflite file; {path} is none (its identifier is missing).")
    try:
        model = parse(data)
        graph = model.subgraphs[0]
        res = int(graph.tensors[graph.inputs[0]].shape[1])
        if not _are_constant(model, graph, schema):
            raise another_network(path)
        return res, _convolutions(model, graph, schema)
    # A damaged flatbuffer fails wherever its offsets happen to point.
    except UNREADABLE_TABLES as error:
        raise damaged_tflite(path, error) from error


def damaged_tflite(path: Path, error: Exception) -> WeightsError:
    """The error for a .tflite file that cannot be parsed."""
    return WeightsError(
        f"cannot read {path} as a .tflite file: it is truncated or damaged ({type(error).__name__}).\n"
        "Compare its size and sha256 with the original's, and copy or download it again."
    )


def _are_constant(model: Any, graph: Any, schema: Any) -> bool:
    """Whether each layer has a kernel and a bias among the constants, as those of a MobileNet have."""
    builtin = schema.BuiltinOperator
    layers = (builtin.CONV_2D, builtin.FULLY_CONNECTED, builtin.DEPTHWISE_CONV_2D)
    return all(
        len(op.inputs) > 2 and min(op.inputs) >= 0 and all(_has_data(model, graph, index) for index in op.inputs[1:3])
        for op, kind in zip(graph.operators, op_codes(model), strict=True)
        if kind in layers
    )


def _has_data(model: Any, graph: Any, tensor: int) -> bool:
    data = model.buffers[graph.tensors[tensor].buffer].data
    return data is not None and len(data) > 0


def _convolutions(model: Any, graph: Any, schema: Any) -> list[Convolution]:
    builtin = schema.BuiltinOperator
    kinds = {builtin.CONV_2D: False, builtin.FULLY_CONNECTED: False, builtin.DEPTHWISE_CONV_2D: True}
    gates = _hard_sigmoids(model, graph, schema)
    convolutions = []
    for op, kind in zip(graph.operators, op_codes(model), strict=True):
        if kind in kinds:
            kernel, bias = (stored_tensor(model, graph.tensors[index]) for index in op.inputs[1:3])
            if op.outputs[0] in gates:
                bias = StoredTensor(bias.real() - 3, *NO_SCALE, 0)
            convolutions.append(Convolution(kinds[kind], kernel, bias))
    return convolutions


def _hard_sigmoids(model: Any, graph: Any, schema: Any) -> set[int]:
    """The tensors that a hard sigmoid takes, relu6(x + 3) / 6 (Howard et al. 2019, section 5.2): the converter adds the
    3 to the bias of the layer before.
    """
    found = set()
    for op, kind in zip(graph.operators, op_codes(model), strict=True):
        if kind == schema.BuiltinOperator.MUL:
            constants = [index for index in op.inputs if _has_data(model, graph, index)]
            values = [stored_tensor(model, graph.tensors[index]).real() for index in constants]
            if any(value.size == 1 and abs(float(value.reshape(-1)[0]) * 6 - 1) < 0.01 for value in values):
                found |= {*op.inputs} - {*constants}
    return found


def stored_tensor(model: Any, tensor: Any) -> StoredTensor:
    """The numbers of a constant tensor of a ModelT, and what they stand for."""
    raw = model.buffers[tensor.buffer].data
    values = np.frombuffer(np.asarray(raw, np.uint8).tobytes(), _DTYPES[tensor.type]).reshape(tensor.shape)
    quantization = tensor.quantization
    scale = None if quantization is None else quantization.scale
    if scale is None or not len(scale):
        return StoredTensor(values, *NO_SCALE, 0)
    return StoredTensor(
        values,
        np.asarray(scale, np.float32),
        np.asarray(quantization.zeroPoint, np.int64),
        quantization.quantizedDimension,
    )
