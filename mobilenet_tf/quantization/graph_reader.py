"""Read a float .tflite into a Graph. TensorFlow is loaded with this module."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mobilenet_tf.errors import ModelError
from mobilenet_tf.keras_loader import tf
from mobilenet_tf.tflite.flatbuffer import enum_names, op_names, parse

from .dequantized import byte_normalization, dequantized_model, is_quantized
from .graph import IMAGE, Graph, Node
from .ops import OPS, padding_name

__all__ = ["LINEAR", "read_graph", "with_constants"]

RESHAPING = ("RESHAPE", "SQUEEZE", "EXPAND_DIMS")
ELEMENTWISE = ("ADD", "SUB", "MUL", "MAXIMUM", "MINIMUM")
WEIGHTED = {"CONV_2D": "conv", "DEPTHWISE_CONV_2D": "depthwise", "FULLY_CONNECTED": "dense"}

# The names that Keras and TensorFlow give to the ops of a layer.
_OP_NAME = re.compile(
    r"(add|sub|mul|pow|truediv|rsqrt|batchnorm|convolution|depthwise|separable_conv2d|conv2d|biasadd|matmul|relu6?|"
    r"softmax|sigmoid|readvariableop|resource|fusedbatchnormv3|mean|reshape|const|hard_swish|pad(v2)?|addv2|concat|"
    r"transpose|shape|squeeze|cast|maxpool(2d)?|avgpool(2d)?|max|identity)_?\d*(_\d+)?",
    re.IGNORECASE,
)

Array = NDArray[Any]


def read_graph(content: bytes, name: str = "the model", *, dequantize: bool = False) -> Graph:
    """The graph of a .tflite with one image input and one output.

    name:       what an error calls the file.
    dequantize: whether a quantized file is read too: its integers become the real numbers that they stand for, and
                the graph's normalization is that of its input's bytes.
    Raises ModelError for a file that takes or gives several tensors, has an op that is not known, or is quantized
    without `dequantize`.
    """
    model = parse(content)
    if not dequantize or not is_quantized(model):
        return _Reader(model, name).read()
    normalization = byte_normalization(model)
    graph = _Reader(dequantized_model(model, name), name).read()
    return graph if normalization is None else replace(graph, normalization=normalization)


class _Reader:
    """Reads one subgraph. `_constants` and `_node_of` say for each tensor read so far what it is."""

    def __init__(self, model: Any, name: str) -> None:
        from ai_edge_litert import schema_py_generated as schema

        self._model, self._name, self._graph = model, name, model.subgraphs[0]
        self._dtypes = enum_names(schema.TensorType)
        self._constants: dict[int, Array] = {}
        self._node_of: dict[int, int] = {}
        self._nodes: list[Node] = []
        # Tensors whose first axis is not the image: a shuffle may reshape (1, h, w, channels) to (h * w, groups, size).
        self._without_batch: set[int] = set()

    def read(self) -> Graph:
        ends = self._graph.inputs, self._graph.outputs
        if len(self._model.subgraphs) != 1 or any(len(end) != 1 for end in ends):
            raise ModelError(
                f"expected {self._name} to take one image and give one output in one graph; it has "
                f"{len(self._model.subgraphs)} graph(s), {len(ends[0])} input(s) and {len(ends[1])} output(s)."
            )
        self._node_of[ends[0][0]] = IMAGE
        for index, tensor in enumerate(self._graph.tensors):
            data = self._model.buffers[tensor.buffer].data
            if data is not None and len(data):
                self._constants[index] = self._constant(tensor, data)
        for op, name in zip(self._graph.operators, op_names(self._model), strict=True):
            self._read_op(op, name)
        output = self._node_of[ends[1][0]]
        return Graph(reachable(self._nodes, output), self._shape(ends[0][0])[1:])  # type: ignore[arg-type]

    def _constant(self, tensor: Any, data: Array) -> Array:
        dtype = self._dtypes[tensor.type].lower()
        if dtype not in ("float16", "float32", "int32", "int64", "bool"):
            raise ModelError(
                f"expected {self._name} to be a float model; its weights are {dtype}.\n"
                "Give the float model that it was made from."
            )
        # A dimension is missing in the shape of a scalar.
        shape = tuple(tensor.shape) if tensor.shape is not None else ()
        values = np.frombuffer(np.asarray(data, np.uint8).tobytes(), dtype).reshape(shape)
        return values.astype(np.float32) if dtype == "float16" else values

    def _shape(self, tensor: int) -> tuple[int, ...]:
        shape = self._graph.tensors[tensor].shape
        return tuple(int(length) for length in shape) if shape is not None else ()

    def _read_op(self, op: Any, name: str) -> None:
        inputs = [int(index) for index in op.inputs]
        if name == "SHAPE":
            self._constants[op.outputs[0]] = np.array(self._shape(inputs[0]), np.int32)
        elif name == "DEQUANTIZE" and inputs[0] in self._constants:
            self._constants[op.outputs[0]] = self._constants[inputs[0]].astype(np.float32)
        elif name == "PACK" and all(index in self._constants for index in inputs):
            packed = np.stack([self._constants[index] for index in inputs], op.builtinOptions.axis)
            self._constants[op.outputs[0]] = packed
        elif name == "SPLIT" and inputs[0] in self._constants:
            self._read_split(op, int(self._constants[inputs[0]]))
        elif all(index in self._constants for index in inputs):
            self._fold(op, name, [self._constants[index] for index in inputs])
        elif name in WEIGHTED and inputs[1] in self._constants:
            self._append(op.outputs[0], self._weighted(op, name))
        else:
            self._append(op.outputs[0], self._plain(op, name))

    def _append(self, tensor: int, node: Node) -> None:
        self._nodes.append(node)
        self._node_of[int(tensor)] = len(self._nodes) - 1

    def _fold(self, op: Any, name: str, inputs: Sequence[Array]) -> None:
        """Compute an op whose inputs are constants."""
        if name not in OPS:
            raise self._unknown(name)
        if name == "STRIDED_SLICE":  # of shapes: the axis that is taken to be the batch elsewhere is an ordinary one
            self._constants[op.outputs[0]] = _constant_slice(op.builtinOptions, inputs)
            return
        if name == "TRANSPOSE":
            self._constants[op.outputs[0]] = np.transpose(inputs[0], inputs[1])
            return
        result = OPS[name].compute(op.builtinOptions, inputs, self._shape(op.outputs[0]))
        self._constants[op.outputs[0]] = np.asarray(result)

    def _read_split(self, op: Any, axis: int) -> None:
        """A split is read as a slice for each of its outputs."""
        source = int(op.inputs[1])
        axis %= len(self._shape(source))
        start = 0
        for number, output in enumerate(op.outputs):
            shape = self._shape(output)
            begin = np.zeros(len(shape), np.int32)
            begin[axis] = start
            start += shape[axis]
            node = self._node(
                "SLICE", f"{self._node_name(op, 'SPLIT')} {number}", output, (self._node_of[source],), None
            )
            self._append(output, replace(node, constants={1: begin, 2: np.array(shape, np.int32)}))

    def _plain(self, op: Any, name: str) -> Node:
        if name not in OPS:
            raise self._unknown(name)
        places = [(place, int(index)) for place, index in enumerate(op.inputs) if index >= 0]
        constants = {place: self._constants[index] for place, index in places if index in self._constants}
        sources = [index for place, index in places if place not in constants]
        output = int(op.outputs[0])
        if (name in RESHAPING and self._shape(output)[:1] != (1,)) or (
            name == "TRANSPOSE" and (sources[0] in self._without_batch or constants[1][0] != 0)
        ):
            self._without_batch.add(output)
        elif name not in (*RESHAPING, *ELEMENTWISE) and any(index in self._without_batch for index in sources):
            raise self._unknown(f"{name} on the pixels of all images")
        inputs = tuple(self._node_of[index] for index in sources)
        node = self._node(name, self._node_name(op, name), output, inputs, op.builtinOptions)
        return replace(node, constants=constants)

    def _node(self, op: str, name: str, output: int, inputs: tuple[int, ...], options: Any) -> Node:
        """A node without weights."""
        shape = self._shape(output)
        of_images = (-1, *shape) if output in self._without_batch else (-1, *shape[1:])

        def linear(x: Sequence[Any], _: Any, constants: Mapping[int, Any]) -> Any:
            x = [aligned(one, len(shape)) for one in x] if op in ELEMENTWISE else x
            return OPS[op].compute(options, with_constants(x, constants), of_images)

        return Node(name, op, inputs, op, shape, options, linear)

    def _weighted(self, op: Any, name: str) -> Node:
        kernel = np.asarray(self._constants[int(op.inputs[1])], np.float32)
        kind, options, shape = WEIGHTED[name], op.builtinOptions, self._shape(op.outputs[0])
        inputs = (self._node_of[int(op.inputs[0])],)
        if kind == "conv":
            kernel = np.moveaxis(kernel, 0, -1)
        elif kind == "depthwise":
            kernel = kernel.reshape(*kernel.shape[1:], 1)
        else:
            kernel = kernel.T
        has_bias = len(op.inputs) > 2 and int(op.inputs[2]) >= 0
        bias = self._constants[int(op.inputs[2])] if has_bias else np.zeros(shape[-1], np.float32)
        node = Node(self._node_name(op, name), name, inputs, kind, shape, options, LINEAR[kind](options, shape))
        node = replace(node, kernel=np.ascontiguousarray(kernel), bias=bias, activation=options.fusedActivationFunction)
        if kind == "dense":
            return node
        return replace(
            node,
            strides=(options.strideH, options.strideW),
            dilation=(options.dilationHFactor, options.dilationWFactor),
            padding=padding_name(options),
        )

    def _node_name(self, op: Any, kind: str) -> str:
        return readable_name(self._graph.tensors[int(op.outputs[0])].name.decode("utf-8", "replace"), kind)

    def _unknown(self, name: str) -> ModelError:
        return ModelError(
            f"{self._name} has the op {name}, which cannot be quantized here.\n"
            "Export it with --quant float32,float16, or build the model without it."
        )


def _conv(options: Any, _: tuple[int, ...]) -> Any:
    strides, dilations = (options.strideH, options.strideW), (options.dilationHFactor, options.dilationWFactor)
    padding = padding_name(options)
    return lambda x, kernel, __: tf.nn.conv2d(x[0], kernel, strides, padding, dilations=dilations)


def _depthwise(options: Any, _: tuple[int, ...]) -> Any:
    strides, dilations = (1, options.strideH, options.strideW, 1), (options.dilationHFactor, options.dilationWFactor)
    padding = padding_name(options)

    def linear(x: Sequence[Any], kernel: Any, _: Any) -> Any:
        image = repeated(x[0], kernel.shape[2])
        return tf.nn.depthwise_conv2d(image, kernel, strides, padding, dilations=dilations)

    return linear


def _dense(_: Any, shape: tuple[int, ...]) -> Any:
    """The inputs of one output are the last axis, whatever the shape of the rest."""

    def linear(x: Sequence[Any], kernel: Any, _: Any) -> Any:
        product = tf.matmul(tf.reshape(x[0], (-1, kernel.shape[0])), kernel)
        return tf.reshape(product, (-1, *shape[1:]))

    return linear


# (options, shape of the output) -> Node.linear of an op with weights, by its kind.
LINEAR = {"conv": _conv, "depthwise": _depthwise, "dense": _dense}


def repeated(x: Any, channels: int) -> Any:
    """Each channel as often as a depthwise convolution takes it: its depth multiplier is nearly always 1."""
    return x if x.shape[-1] == channels else tf.repeat(x, channels // x.shape[-1], axis=-1)


def aligned(x: Any, rank: int) -> Any:
    """A tensor that had no axis for the image, with axes of 1 after the one that it got."""
    return tf.reshape(x, (-1, *[1] * (rank - x.ndim), *x.shape[1:])) if x.ndim < rank else x


def with_constants(inputs: Sequence[Any], constants: Mapping[int, Any]) -> list[Any]:
    """All inputs of an op in their places: those that are other nodes' outputs, and the constants."""
    remaining = iter(inputs)
    count = len(inputs) + len(constants)
    return [constants[place] if place in constants else next(remaining) for place in range(count)]


def _constant_slice(options: Any, inputs: Sequence[Array]) -> Array:
    return np.asarray(
        tf.strided_slice(
            *inputs,
            begin_mask=options.beginMask,
            end_mask=options.endMask,
            ellipsis_mask=options.ellipsisMask,
            new_axis_mask=options.newAxisMask,
            shrink_axis_mask=options.shrinkAxisMask,
        )
    )


def reachable(nodes: Sequence[Node], output: int) -> tuple[Node, ...]:
    """The nodes that node `output` depends on, it being the last, in their order."""
    needed = {output}
    for index in range(output, -1, -1):
        if index in needed:
            needed.update(nodes[index].inputs)
    kept = sorted(needed - {IMAGE})
    place = {old: new for new, old in enumerate(kept)} | {IMAGE: IMAGE}
    return tuple(replace(nodes[i], inputs=tuple(place[source] for source in nodes[i].inputs)) for i in kept)


def readable_name(tensor: str, op: str) -> str:
    """`model_1/block1_relu_1/Relu6;model_1/block1_1/convolution` -> `block1`: the layer that an op's output is of."""
    paths = [[part for part in path.split("/") if not _OP_NAME.fullmatch(part)] for path in tensor.split(";")]
    # A convolution lends its name to the batch norm and the activation that are folded into it.
    layers = [path[-1].removesuffix("_1") for path in paths if len(path) > 1]
    return min(layers, key=len, default=op.lower())
