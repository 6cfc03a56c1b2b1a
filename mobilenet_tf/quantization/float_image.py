"""A .tflite that takes the bytes of an image and casts them to floats, as one that takes the same values as floats."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from mobilenet_tf.errors import ModelError
from mobilenet_tf.tflite.flatbuffer import enum_names, op_names

__all__ = ["with_float_image"]

WIDE_ENOUGH = ("UINT8", "UINT16", "UINT32", "INT16", "INT32", "INT64")  # types that hold every byte
# Ops that move pixels, and compute nothing.
MOVING = (
    *("TRANSPOSE", "RESHAPE", "SQUEEZE", "EXPAND_DIMS", "SLICE", "STRIDED_SLICE", "SPLIT", "SPLIT_V", "GATHER"),
    *("REVERSE_V2", "CONCATENATION", "PACK", "UNPACK", "PAD", "RESIZE_NEAREST_NEIGHBOR"),
)


def with_float_image(model: Any, name: str = "the model") -> Any:
    """The ModelT with an image of floats in place of integers without a scale, which stand for themselves.

    Casts of the image to floats are left out. A model of another image is as it is. `model` is changed.
    name: what an error calls the model.
    Raises ModelError for integers that cannot hold all bytes, and for ops that compute with integers: they may round.
    """
    from ai_edge_litert import schema_py_generated as schema

    graph, types = model.subgraphs[0], enum_names(schema.TensorType)
    if len(graph.inputs) != 1 or not _stands_for_itself(graph.tensors[graph.inputs[0]], types):
        return model
    dtype = types[graph.tensors[graph.inputs[0]].type]
    if dtype not in WIDE_ENOUGH:
        raise ModelError(f"{name} takes {dtype.lower()} values without a scale: they do not hold the bytes of photos.")
    # Tensors that hold bytes of the image; and what is cast, with the tensor that stands for it.
    of_bytes, cast, kept = {int(graph.inputs[0])}, dict[int, int](), []
    for op, kind in zip(graph.operators, op_names(model), strict=True):
        takes_bytes = not of_bytes.isdisjoint(map(int, op.inputs))
        op.inputs = np.array([cast.get(int(index), int(index)) for index in op.inputs], np.int32)
        target = types[graph.tensors[op.outputs[0]].type]
        if not takes_bytes or kind == "SHAPE":
            kept.append(op)
        elif kind == "CAST" and target in ("FLOAT32", *WIDE_ENOUGH):
            cast[int(op.outputs[0])] = int(op.inputs[0])
            of_bytes.update(map(int, op.outputs if target != "FLOAT32" else ()))
        elif kind in MOVING and target in WIDE_ENOUGH:
            kept.append(op)
            of_bytes.update(map(int, op.outputs))
        else:
            raise ModelError(
                f"{name} has the op {kind} on integers of the image, before they are cast to floats.\n"
                "Build the model so that it casts the image first: tf.cast(image, tf.float32)."
            )
    for tensor in of_bytes:
        graph.tensors[tensor].type = schema.TensorType.FLOAT32
    graph.operators = kept
    graph.outputs = np.array([cast.get(int(index), int(index)) for index in graph.outputs], np.int32)
    return model


def _stands_for_itself(tensor: Any, types: Mapping[int, str]) -> bool:
    """Whether a tensor is of integers without a scale."""
    quantization = tensor.quantization
    has_scale = quantization is not None and quantization.scale is not None and len(quantization.scale) > 0
    return not has_scale and types[tensor.type].startswith(("INT", "UINT"))
