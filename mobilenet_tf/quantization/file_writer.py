"""Write a graph as a .tflite: in float, with weights alone in fewer bits, or with every op in integers."""

import copy
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mobilenet_tf.errors import ModelError
from mobilenet_tf.tflite.model_builder import INPUT_NAME, ModelBuilder, Steps

from .detection_end import end_of, write_end
from .graph import IMAGE, Graph, Node
from .linear import in_places
from .ops import OPS
from .ranges import constant_range, quantized_values, shares_scale
from .simulation import Quantized, QuantizedLayer

__all__ = ["write_float", "write_integer"]

CHANNEL_AXIS = {"conv": 0, "depthwise": 3, "dense": 0}  # the output channels in TFLite's layout of a kernel
DYNAMIC_MIN_WEIGHTS = 1024  # smaller kernels stay float in dynamic_int8, as TensorFlow's converter decides
BIAS_OF = {"int8": "int32", "int16": "int64"}  # the type of the bias beside activations of a type
INT64 = 4  # the schema's number of the type of accumulators beside int16 activations

# Versions of ops as TensorFlow 2.21's converter writes them; those of ops without weights are in ops.py.
FLOAT_VERSIONS = {"RESIZE_BILINEAR": 3, "RESIZE_NEAREST_NEIGHBOR": 3}
INTEGER_VERSIONS = {"CONV_2D": 3, "DEPTHWISE_CONV_2D": 3, "FULLY_CONNECTED": 4}
DYNAMIC_VERSIONS = {"CONV_2D": 5, "DEPTHWISE_CONV_2D": 6, "FULLY_CONNECTED": 12}
GROUPED_VERSION = 6


def write_float(graph: Graph, weights: str, description: str, layers: Sequence[QuantizedLayer] = ()) -> Any:
    """The ModelT of a graph whose activations are float.

    weights: how weights are stored: float32; float16, which the interpreter widens when it loads the file; or int8.
    layers:  for int8, the quantized layer of each node with weights, in order.
    """
    return _FloatWriter(graph, description, weights, layers).write()


def write_integer(quantized: Quantized, io: str, description: str) -> Any:
    """The ModelT of a quantized network, every op of which computes with integers.

    io: the type of the input and the output: int8, uint8 or float32; with int16 activations int16 or float32.
    Raises ModelError for an op that TFLite has no kernel for.
    """
    return _IntegerWriter(quantized, description).write(io)


class _FloatWriter:
    def __init__(self, graph: Graph, description: str, weights: str, layers: Sequence[QuantizedLayer]) -> None:
        self._graph, self._weights, self._layers = graph, weights, iter(layers)
        self._builder = ModelBuilder(description)

    def write(self) -> Any:
        build, graph = self._builder, self._graph
        values = {IMAGE: build.tensor(INPUT_NAME, "float32", (1, *graph.input_shape))}
        end = end_of(graph)
        for index, node in enumerate(graph.nodes if end is None else graph.nodes[:-1]):
            values[index] = build.tensor(node.name, "float32", node.shape)
            inputs = [values[source] for source in node.inputs]
            if node.kernel is None:
                constants = {place: self._constant(node, value) for place, value in node.constants.items()}
                build.op(node.op, float_version(node), in_places(inputs, constants), values[index], node.options)
            else:
                self._write_layer(node, inputs[0], values[index])
        if end is not None:
            boxes, logits = (values[source] for source in graph.nodes[-1].inputs)
            return build.finish(values[IMAGE], write_end(build, end, boxes, logits))
        return build.finish(values[IMAGE], values[len(graph.nodes) - 1])

    def _write_layer(self, node: Node, source: int, output: int) -> None:
        assert node.kernel is not None
        assert node.bias is not None
        grouped = is_grouped(self._graph, node)
        layer = next(self._layers, None)
        bias = node.bias if layer is None else layer.bias
        if self._weights == "int8" and layer is not None and node.kernel.size >= DYNAMIC_MIN_WEIGHTS and not grouped:
            steps = Steps(layer.scale, np.zeros(len(layer.scale), np.int64), CHANNEL_AXIS[node.kind])
            kernel = self._builder.constant(f"{node.name} kernel", file_layout(layer.kernel, node.kind), steps)
            inputs = [source, kernel, self._builder.constant(f"{node.name} bias", bias)]
            self._builder.op(node.op, DYNAMIC_VERSIONS[node.op], inputs, output, node.options)
            return
        values = node.kernel if layer is None else layer.real(node.kind)
        inputs = [source, self._constant(node, file_layout(values, node.kind)), self._constant(node, bias)]
        self._builder.op(node.op, GROUPED_VERSION if grouped else 1, inputs, output, node.options)

    def _constant(self, node: Node, values: NDArray[Any]) -> int:
        if self._weights != "float16" or values.dtype != np.float32:
            return self._builder.constant(f"{node.name} constant", values)
        half = self._builder.constant(f"{node.name} constant", values.astype(np.float16))
        whole = self._builder.tensor(f"{node.name} constant float32", "float32", values.shape)
        self._builder.op("DEQUANTIZE", 3, [half], whole)
        return whole


@dataclass
class _IntegerWriter:
    """Writes each node in its own type; a value that is taken in another type is converted once, by QUANTIZE."""

    quantized: Quantized
    description: str
    _tensors: dict[tuple[int, str], int] = field(default_factory=dict)

    def write(self, io: str) -> Any:
        self._builder = build = ModelBuilder(self.description)
        graph, last = self.quantized.graph, len(self.quantized.graph.nodes) - 1
        steps = None if io == "float32" else self.quantized.steps_of(IMAGE, io)
        image = build.tensor(INPUT_NAME, io, (1, *graph.input_shape), steps)
        self._tensors[IMAGE, io] = image
        layers, end = iter(self.quantized.layers), end_of(graph)
        for index, node in enumerate(graph.nodes if end is None else graph.nodes[:-1]):
            layer = next(layers) if node.kernel is not None else None
            self._write_node(index, node, layer)
        if end is not None:
            boxes, logits = (self._as(source, "float32") for source in graph.nodes[-1].inputs)
            return build.finish(image, write_end(build, end, boxes, logits))
        return build.finish(image, self._as(last, io))

    def _write_node(self, index: int, node: Node, layer: QuantizedLayer | None) -> None:
        dtype = self.quantized.type_of(index)
        version = kernel_version(node, dtype)
        ranges = self.quantized.ranges
        assert not shares_scale(node) or all(ranges[source] == ranges[index] for source in node.inputs), node.name
        inputs = [self._as(source, dtype) for source in node.inputs]
        output = self._output(index, node, dtype)
        if layer is None:
            constants = {place: self._constant(index, value, dtype) for place, value in node.constants.items()}
            inputs = in_places(inputs, constants)
        elif dtype == "float32":
            values = file_layout(layer.real(node.kind), node.kind), layer.bias
            inputs += [self._builder.constant(f"{node.name} constant", value) for value in values]
        else:
            inputs += self._layer_constants(node, layer, self.quantized.steps_of(node.inputs[0], dtype), dtype)
        version = GROUPED_VERSION if is_grouped(self.quantized.graph, node) else version
        self._builder.op(node.op, version, inputs, output, integer_options(node.options, dtype))

    def _output(self, index: int, node: Node, dtype: str) -> int:
        steps = None if dtype == "float32" else self.quantized.steps_of(index, dtype)
        self._tensors[index, dtype] = self._builder.tensor(node.name, dtype, node.shape, steps)
        return self._tensors[index, dtype]

    def _as(self, index: int, dtype: str) -> int:
        """A node's output, or the image, in a type."""
        if (index, dtype) not in self._tensors:
            (_, held), source = next(item for item in self._tensors.items() if item[0][0] == index)
            graph = self.quantized.graph
            shape = (1, *graph.input_shape) if index == IMAGE else graph.nodes[index].shape
            name = f"{INPUT_NAME if index == IMAGE else graph.nodes[index].name} {dtype}"
            steps = None if dtype == "float32" else self.quantized.steps_of(index, dtype)
            self._tensors[index, dtype] = self._builder.tensor(name, dtype, shape, steps)
            op = "DEQUANTIZE" if dtype == "float32" else "QUANTIZE"
            version = 2 if dtype == "float32" or "int16" in (held, dtype) else 1
            self._builder.op(op, version, [source], self._tensors[index, dtype])
        return self._tensors[index, dtype]

    def _constant(self, index: int, values: NDArray[Any], dtype: str) -> int:
        node = self.quantized.graph.nodes[index]
        if values.dtype != np.float32 or dtype == "float32":
            return self._builder.constant(f"{node.name} constant", values)
        limits = constant_range(node, values, self.quantized.ranges[index])
        levels, steps = quantized_values(values, limits, dtype)
        return self._builder.constant(f"{node.name} constant", levels, steps)

    def _layer_constants(self, node: Node, layer: QuantizedLayer, source: Steps, dtype: str) -> list[int]:
        """Kernel and bias. The step of the bias is that of the input times that of the kernel."""
        scale = layer.scale[:1] if self.quantized.per_tensor else layer.scale
        zeros = np.zeros(len(scale), np.int64)
        kernel = self._builder.constant(
            f"{node.name} kernel", file_layout(layer.kernel, node.kind), Steps(scale, zeros, CHANNEL_AXIS[node.kind])
        )
        step = source.scale[0].astype(np.float64) * layer.scale
        limits = np.iinfo(BIAS_OF[dtype])
        levels = np.clip(np.rint(layer.bias / step), limits.min, limits.max).astype(limits.dtype)
        bias_steps = Steps(step[: len(scale)].astype(np.float32), zeros)
        return [kernel, self._builder.constant(f"{node.name} bias", levels, bias_steps)]


def float_version(node: Node) -> int:
    """The version of an op without weights with float tensors."""
    return FLOAT_VERSIONS.get(node.op, node.version)


def kernel_version(node: Node, dtype: str) -> int:
    """The version of an op with activations of a type. Raises ModelError if it has no such kernel."""
    if dtype == "float32":
        return float_version(node)
    if node.op not in OPS:
        return INTEGER_VERSIONS.get(node.op, node.version)
    version = OPS[node.op].int16 if dtype == "int16" else OPS[node.op].int8
    if not version:
        raise ModelError(f"TFLite has no {dtype} kernel for {node.op}, which {node.name} is. Try --quant int8.")
    return version


def file_layout(kernel: NDArray[Any], kind: str) -> NDArray[Any]:
    """A kernel as TFLite holds it: output channels first, but last for a depthwise kernel, (1, h, w, channels)."""
    if kind == "depthwise":
        return np.ascontiguousarray(kernel.reshape(1, *kernel.shape[:2], -1))
    return np.ascontiguousarray(np.moveaxis(kernel, -1, 0))


def is_grouped(graph: Graph, node: Node) -> bool:
    """Whether a node is a convolution in groups."""
    if node.kind != "conv" or node.kernel is None:
        return False
    return bool(node.kernel.shape[2] != graph.width(node.inputs[0]))


def integer_options(options: Any, dtype: str) -> Any:
    """The options of an op, with what its int16 kernels read."""
    if dtype != "int16" or options is None:
        return options
    options = copy.copy(options)
    if hasattr(options, "potScaleInt16"):
        options.potScaleInt16 = False
    if hasattr(options, "quantizedBiasType"):
        options.quantizedBiasType = INT64
    return options
