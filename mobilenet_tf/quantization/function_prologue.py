"""What a TensorFlow function makes of its image before its first layer with weights.

TensorFlow's converter may fold that into the layer and leave no trace in the graph, so it is looked for in the function
that is converted. TensorFlow is loaded with this module.
"""

from typing import Any

import numpy as np

from mobilenet_tf.keras_loader import tf
from mobilenet_tf.tflite.given_input import BYTES, Normalization
from mobilenet_tf.tflite.own_rescaling import usual_input

from .prologue import fitted

__all__ = ["normalization_by_function"]

COLOURS = 16  # images, each of one colour: what resizes, crops or pads them leaves the pixel in the middle as it is
WITH_WEIGHTS = ("Conv2D", "DepthwiseConv2dNative", "MatMul", "BatchMatMulV2", "Einsum")
ARITHMETIC = ("Add", "AddV2", "Mul", "RealDiv", "Sub")


def normalization_by_function(frozen: Any) -> Normalization | None:
    """What bytes must become for a function of one image (1, h, w, channels), as keras_graph.frozen gives it.

    If the first ops rescale the image: that of the usual inputs which they bring into a range that networks compute on;
    bytes as they are if none fits, or several do, as with a factor of 1. None if they do not rescale it. A function of
    integers takes bytes as they are.
    """
    (image,) = frozen.inputs
    if image.dtype.is_integer:
        return BYTES
    ops, first = _before_first_layer(frozen)
    if first is None:
        return None
    taken = frozen.prune(image, first)
    channels = image.shape[-1]
    colours = np.random.default_rng(0).integers(256, size=(COLOURS, channels)).astype(np.float32)
    pixels = np.stack([_middle(np.asarray(taken(_filled(image, colour))), channels) for colour in colours])
    line = fitted(colours, pixels)
    usual = usual_input(line.factor, line.offset) if line is not None and line.rescales else None
    return BYTES if usual is None and any(map(_rescales, ops)) else usual


def _before_first_layer(frozen: Any) -> tuple[list[Any], Any]:
    """The ops between the image and the first layer with weights, and the tensor that it takes, None without one."""
    of_image = {frozen.inputs[0].ref()}
    ops: list[Any] = []
    for op in frozen.graph.get_operations():
        if not any(tensor.ref() in of_image for tensor in op.inputs):
            continue
        if op.type in WITH_WEIGHTS:
            return ops, next(tensor for tensor in op.inputs if tensor.ref() in of_image)
        ops.append(op)
        of_image.update(tensor.ref() for tensor in op.outputs)
    return ops, None


def _rescales(op: Any) -> bool:
    """Whether an op is there to rescale pixels: batch norm may come first in a network that is fed anything."""
    return op.type in ARITHMETIC and "batchnorm" not in op.name.lower().replace("_", "")


def _filled(image: Any, colour: Any) -> Any:
    return tf.constant(np.broadcast_to(colour, image.shape))


def _middle(taken: Any, channels: int) -> Any:
    """The pixel in the middle of an image (1, h, w, channels), or of one in a single row."""
    pixels = taken if taken.ndim == 4 else taken.reshape(1, 1, -1, channels)
    return pixels[0, pixels.shape[1] // 2, pixels.shape[2] // 2]
