"""Read a .tflite into a Graph. TensorFlow is loaded with this module."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mobilenet_tf.errors import ModelError
from mobilenet_tf.tflite.flatbuffer import enum_names, op_names, parse

from .batch_axis import ELEMENTWISE, BatchAxis
from .dequantized import byte_normalization, dequantized_model, is_quantized
from .float_image import with_float_image
from .graph import IMAGE, Graph, Node
from .layer_names import readable_name
from .linear import LINEAR, WEIGHTED, aligned, in_places
from .one_op import OneOp
from .ops import ACTIVATIONS, OPS, padding_name
from .refused_ops import refuse_activation, refuse_custom, refuse_float_ops, refuse_other_graphs
from .simpler_ops import PlainOp, simpler
from .transposes import with_fewer_transposes

__all__ = ["reachable", "read_graph"]

SPLITS = {"SPLIT": (1, 0), "SPLIT_V": (0, 2)}  # the places of what is split, and of the axis

Array = NDArray[Any]


def read_graph(
    content: bytes, name: str = "the model", *, dequantize: bool = False, allow_float_ops: bool = False
) -> Graph:
    """The graph of a .tflite with one image input and one output; of an image of integers as if they were floats.

    name:            what an error calls the file.
    dequantize:      whether a quantized file is read too: its integers become the real numbers that they stand for, and
                     the graph's normalization is that of its input's bytes.
    allow_float_ops: whether ops that are not known here, or have no int8 kernel, are read: they stay float in integer
                     files. Ops that are not known have no gradient.
    Raises ModelError for a file that takes or gives several tensors, or is quantized without `dequantize`, and for ops
    that cannot be read, by their names.
    """
    model = with_float_image(parse(content), name)
    if not dequantize or not is_quantized(model):
        return _Reader(with_fewer_transposes(model), name, allow_float_ops).read()
    normalization = byte_normalization(model)
    graph = _Reader(with_fewer_transposes(dequantized_model(model, name)), name, allow_float_ops).read()
    return graph if normalization is None else replace(graph, normalization=normalization)


class _Reader:
    """Reads one subgraph. `_constants` and `_node_of` say for each tensor read so far what it is."""

    def __init__(self, model: Any, name: str, allow_float_ops: bool) -> None:
        from ai_edge_litert import schema_py_generated as schema

        self._model, self._name, self._graph = model, name, model.subgraphs[0]
        self._allow_float_ops = allow_float_ops
        self._dtypes = enum_names(schema.TensorType)
        self._kinds = dict(zip(map(id, self._graph.operators), op_names(model), strict=True))
        self._constants: dict[int, Array] = {}
        self._node_of: dict[int, int] = {}
        self._nodes: list[Node] = []
        self._batch = BatchAxis()

    def read(self) -> Graph:
        ends = self._graph.inputs, self._graph.outputs
        if any(len(end) != 1 for end in ends):
            raise ModelError(
                f"expected {self._name} to take one image and give one output; it has {len(ends[0])} input(s) and "
                f"{len(ends[1])} output(s)."
            )
        refuse_other_graphs(self._name, self._kinds.values())
        self._node_of[int(ends[0][0])] = IMAGE
        for index, tensor in enumerate(self._graph.tensors):
            data = self._model.buffers[tensor.buffer].data
            if data is not None and len(data):
                self._constants[index] = self._constant(tensor, data)
        for op in self._graph.operators:
            self._read_op(op, self._kind(op))
        if int(ends[1][0]) not in self._node_of:
            raise ModelError(f"expected {self._name} to compute its output from an image; its output is a constant.")
        nodes = reachable(self._nodes, self._node_of[int(ends[1][0])])
        if not self._allow_float_ops:
            refuse_float_ops(self._name, nodes)
        return Graph(nodes, self._shape(ends[0][0])[1:])  # type: ignore[arg-type]

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
            self._constants[int(op.outputs[0])] = np.array(self._shape(inputs[0]), np.int32)
        elif all(index in self._constants for index in inputs):
            self._fold(op, name, [self._constants[index] for index in inputs])
        elif name in SPLITS and inputs[SPLITS[name][1]] in self._constants:
            self._read_split(op, *(inputs[place] for place in SPLITS[name]))
        elif name in WEIGHTED and inputs[1] in self._constants:
            self._append(op.outputs[0], self._weighted(op, name))
        else:
            self._append(op.outputs[0], self._plain(op, name))

    def _append(self, tensor: int, node: Node) -> None:
        self._nodes.append(node)
        self._node_of[int(tensor)] = len(self._nodes) - 1

    def _fold(self, op: Any, name: str, inputs: Sequence[Array]) -> None:
        """Compute an op of constants."""
        output = int(op.outputs[0])
        if name == "DEQUANTIZE":  # of float16 constants, which are widened already
            self._constants[output] = inputs[0].astype(np.float32)
            return
        refuse_custom(self._name, name, self._code(op))
        given = self._shape(output), self._dtypes[self._graph.tensors[output].type].lower()
        self._constants[output] = OneOp(
            name, int(self._code(op).version), op.builtinOptions, [], given, dict(enumerate(inputs))
        ).run()

    def _read_split(self, op: Any, source: int, axis: int) -> None:
        """A split is read as a slice for each of its outputs."""
        along = int(self._constants[axis]) % len(self._shape(source))
        start = 0
        for number, output in enumerate(op.outputs):
            shape = self._shape(output)
            begin = np.zeros(len(shape), np.int32)
            begin[along] = start
            start += shape[along]
            node = PlainOp("SLICE", (self._node_of[source],), {1: begin, 2: np.array(shape, np.int32)}, None)
            self._append(output, self._node(node, f"{self._node_name(op, 'SPLIT')} {number}", int(output)))

    def _plain(self, op: Any, name: str) -> Node:
        places = [(place, int(index)) for place, index in enumerate(op.inputs) if index >= 0]
        constants = {place: self._constants[index] for place, index in places if index in self._constants}
        sources = [index for place, index in places if place not in constants]
        output = int(op.outputs[0])
        shapes = self._shape(output), self._shape(sources[0]) if sources else ()
        if not self._batch.follow(name, (output, shapes[0]), (sources, shapes[1]), constants, op.builtinOptions):
            raise ModelError(f"{self._name} has the op {name} on the pixels of all images, which is not read here.")
        inputs = tuple(self._node_of[index] for index in sources)
        read = simpler(
            PlainOp(name, inputs, constants, op.builtinOptions),
            never_negative=bool(inputs) and inputs[0] != IMAGE and never_negative(self._nodes[inputs[0]]),
            windows=self._windows(output),
        )
        if read.op not in OPS:
            return self._foreign(op, name, sources, constants)
        return self._node(read, self._node_name(op, name), output)

    def _windows(self, tensor: int) -> list[tuple[int, int]]:
        """The height and width of each MAX_POOL_2D that takes a tensor; none if another op takes it, or if it is the
        output.
        """
        users = [user for user in self._graph.operators if tensor in user.inputs]
        if tensor in self._graph.outputs or any(self._kind(user) != "MAX_POOL_2D" for user in users):
            return []
        return [(user.builtinOptions.filterHeight, user.builtinOptions.filterWidth) for user in users]

    def _node(self, read: PlainOp, name: str, output: int) -> Node:
        """A node of a known op without weights."""
        shape, op, options = self._shape(output), read.op, read.options
        of_images = (-1, *shape) if output in self._batch.without else (-1, *shape[1:])
        refuse_activation(self._name, op, options)

        def linear(x: Sequence[Any], _: Any, constants: Mapping[int, Any]) -> Any:
            x = [aligned(one, len(shape)) for one in x] if op in ELEMENTWISE else x
            return OPS[op].compute(options, in_places(x, constants), of_images)

        stays_float = not OPS[op].int8
        return Node(
            name, op, read.inputs, op, shape, options, linear, constants=read.constants, stays_float=stays_float
        )

    def _foreign(self, op: Any, name: str, sources: Sequence[int], constants: Mapping[int, Array]) -> Node:
        """A node that the interpreter computes, of an op that is not known here."""
        refuse_custom(self._name, name, self._code(op))
        output, version = int(op.outputs[0]), int(self._code(op).version)
        dtypes = {self._dtypes[self._graph.tensors[index].type] for index in (*sources, output)}
        if len(op.outputs) != 1 or dtypes != {"FLOAT32"} or self._shape(output)[:1] != (1,):
            raise ModelError(
                f"{self._name} has the op {name}, which is not known here. It cannot stay float either, as it does not "
                "give one float tensor of each image."
            )
        inputs = [self._shape(index) for index in sources]
        computed = OneOp(name, version, op.builtinOptions, inputs, (self._shape(output), "float32"), constants)
        return Node(
            self._node_name(op, name),
            name,
            tuple(self._node_of[index] for index in sources),
            name,
            self._shape(output),
            op.builtinOptions,
            lambda x, _, __: computed(x),
            constants=constants,
            stays_float=True,
            version=version,
        )

    def _weighted(self, op: Any, name: str) -> Node:
        kernel = np.asarray(self._constants[int(op.inputs[1])], np.float32)
        kind, options, shape = WEIGHTED[name], op.builtinOptions, self._shape(op.outputs[0])
        refuse_activation(self._name, name, options)
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

    def _kind(self, op: Any) -> str:
        return self._kinds[id(op)]

    def _code(self, op: Any) -> Any:
        return self._model.operatorCodes[op.opcodeIndex]


def reachable(nodes: Sequence[Node], output: int) -> tuple[Node, ...]:
    """The nodes that node `output` depends on, it being the last, in their order."""
    needed = {output}
    for index in range(output, -1, -1):
        if index in needed:
            needed.update(nodes[index].inputs)
    kept = sorted(needed - {IMAGE})
    place = {old: new for new, old in enumerate(kept)} | {IMAGE: IMAGE}
    return tuple(replace(nodes[i], inputs=tuple(place[source] for source in nodes[i].inputs)) for i in kept)


def never_negative(node: Node) -> bool:
    """Whether an activation keeps a node's output at 0 or above."""
    fused = getattr(node.options, "fusedActivationFunction", 0)
    return ACTIVATIONS[fused][2][0] == 0 or node.op in ("RELU", "RELU6", "RELU_0_TO_1", "LOGISTIC")
