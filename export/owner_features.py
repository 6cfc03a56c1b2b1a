"""What the layer of the classes takes in the owner's own model, as that model itself computes it.

The layer is found in that model, not in the graph that files are made from, so that a wrong reading of either shows.
TensorFlow is loaded with a function.
"""

from collections import deque
from collections.abc import Callable, Hashable, Iterable, Iterator
from dataclasses import replace
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from mobilenet_tf.errors import ModelError
from mobilenet_tf.tflite.flatbuffer import op_names, pack, parse
from mobilenet_tf.weights.foreign_tflite import ForeignFile

__all__ = ["features_of_file", "features_of_function"]

LAYERS = ("CONV_2D", "DEPTHWISE_CONV_2D", "FULLY_CONNECTED", "BATCH_MATMUL")
LAYERS_OF_TENSORFLOW = ("Conv2D", "DepthwiseConv2dNative", "MatMul", "BatchMatMulV2", "Einsum")

Float32 = NDArray[np.float32]
Part = TypeVar("Part", bound=Hashable)


def features_of_file(file: ForeignFile, images: Float32) -> Float32:
    """What the last layer with weights takes in a .tflite, by its own interpreter.

    images: as ForeignFile.run takes them. Returns real values (n, features). Raises ModelError without such a layer.
    """
    model = parse(file.content)
    graph, kinds = model.subgraphs[0], op_names(model)
    makers = {int(out): each for each in zip(graph.operators, kinds, strict=True) for out in each[0].outputs}

    def inputs(tensor: int) -> list[int]:
        return [int(one) for one in makers[tensor][0].inputs if one >= 0] if tensor in makers else []

    def is_layer(tensor: int) -> bool:
        return tensor in makers and makers[tensor][1] in LAYERS and not _reaches(inputs(tensor)[1], image, inputs)

    image = int(graph.inputs[0])
    layer = _nearest(int(graph.outputs[0]), inputs, is_layer)
    graph.outputs, model.signatureDefs = np.array([inputs(layer)[0], *graph.outputs], np.int32), None
    return replace(file, content=pack(model)).run(images)


def features_of_function(concrete: Any, images: Float32) -> Float32:
    """What the last layer with weights takes in a model that Keras or TensorFlow runs.

    concrete: its function of one image, its variables as constants. images: (n, res, res, 3), as it takes them.
    Returns (n, features). Raises ModelError without such a layer.
    """
    from mobilenet_tf.keras_loader import tf

    image = concrete.inputs[0]

    def inputs(op: Any) -> list[Any]:
        return [tensor.op for tensor in op.inputs]

    def is_layer(op: Any) -> bool:
        return op.type in LAYERS_OF_TENSORFLOW and not _reaches(inputs(op)[1], image.op, inputs)

    layer = _nearest(concrete.outputs[0].op, inputs, is_layer)
    features = concrete.prune([image], [layer.inputs[0]])
    rows = (np.asarray(features(tf.constant(one[None], image.dtype))[0]).reshape(-1) for one in images)
    return np.stack([*rows]).astype(np.float32)


def _nearest(end: Part, inputs: Callable[[Part], Iterable[Part]], is_wanted: Callable[[Part], bool]) -> Part:
    """The first part of a graph that is wanted, from its end backwards, those first that fewest ops lie behind."""
    for part in _backwards(end, inputs):
        if is_wanted(part):
            return part
    raise ModelError(
        "expected a layer of weights that gives the classes; none was found before the outputs.\n"
        "Give a model that ends in its features: keras.Model(model.input, features)."
    )


def _reaches(start: Part, goal: Part, inputs: Callable[[Part], Iterable[Part]]) -> bool:
    """Whether a part of a graph is computed from another one."""
    return goal in _backwards(start, inputs)


def _backwards(end: Part, inputs: Callable[[Part], Iterable[Part]]) -> Iterator[Part]:
    seen, waiting = {end}, deque([end])
    while waiting:
        part = waiting.popleft()
        yield part
        new = [one for one in inputs(part) if one not in seen]
        seen.update(new)
        waiting.extend(new)
