"""What is known of TFLite's ops: how each is computed, and what its integer kernels demand of the scales.

The scales are those of LiteRT's 8-bit quantization specification
(https://ai.google.dev/edge/litert/models/quantization_spec). TensorFlow is loaded with this module.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from mobilenet_tf.keras_loader import tf

__all__ = ["ACTIVATIONS", "OPS", "Op", "Range", "ceiling", "padding_name"]

Shape = tuple[int, ...]
Range = tuple[float, float]

# Fused activations by their number in the schema: the name, the function, and the range that it lets through.
ACTIVATIONS: dict[int, tuple[str, Callable[[Any], Any], Range]] = {
    0: ("NONE", lambda x: x, (-np.inf, np.inf)),
    1: ("RELU", tf.nn.relu, (0, np.inf)),
    2: ("RELU_N1_TO_1", lambda x: tf.clip_by_value(x, -1, 1), (-1, 1)),
    3: ("RELU6", tf.nn.relu6, (0, 6)),
}
UNIT = (0.0, 255 / 256)  # the range of int8 probabilities: a step of 1/256, whatever they are
SIGNED_UNIT = (-1.0, 127 / 128)


@dataclass(frozen=True)
class Op:
    """An op without weights.

    compute:    (its options in the schema, its inputs for n images, the shape of its output with -1 for n) -> output.
    same_scale: whether the integer kernel takes its inputs and gives its output at one and the same scale.
    range:      the range of the int8 output, if the kernel fixes it.
    """

    compute: Callable[[Any, Sequence[Any], Shape], Any]
    same_scale: bool = False
    range: Range | None = None


def ceiling(activation: int) -> float:
    """The largest value that a fused activation lets through."""
    return float(ACTIVATIONS[activation][2][1])


def padding_name(options: Any) -> str:
    """SAME or VALID."""
    return ("SAME", "VALID")[options.padding]


def _fused(compute: Callable[[Any, Sequence[Any], Shape], Any]) -> Callable[[Any, Sequence[Any], Shape], Any]:
    """`compute`, followed by the activation that the op's options name."""
    return lambda options, x, shape: ACTIVATIONS[options.fusedActivationFunction][1](compute(options, x, shape))


def _pool(kind: str) -> Op:
    def compute(options: Any, x: Sequence[Any], _: Shape) -> Any:
        window, strides = (options.filterHeight, options.filterWidth), (options.strideH, options.strideW)
        return tf.nn.pool(x[0], window, kind, strides, padding_name(options))

    return Op(_fused(compute), same_scale=True)


def _reduce(function: Callable[..., Any], *, same_scale: bool = False) -> Op:
    return Op(lambda options, x, _: function(x[0], np.ravel(x[1]), keepdims=options.keepDims), same_scale)


def _reshape(_: Any, x: Sequence[Any], shape: Shape) -> Any:
    return tf.reshape(x[0], shape)


def _transpose(_: Any, x: Sequence[Any], __: Shape) -> Any:
    """Images are never mixed: a tensor in which the axis of the image moves, or is gone, gets another one for it."""
    order = [int(axis) for axis in x[1]]
    if x[0].ndim == len(order) and order[0] == 0:
        return tf.transpose(x[0], order)
    images = x[0][:, None] if x[0].ndim == len(order) else x[0]
    return tf.transpose(images, [0, *(axis + 1 for axis in order)])


def _batch_kept(x: Any, begin: Any, size: Any) -> Any:
    return tf.slice(x, begin, [-1, *size[1:]])


def _strided_slice(options: Any, x: Sequence[Any], _: Shape) -> Any:
    masks = {
        "begin_mask": options.beginMask | 1,  # the batch is taken whole
        "end_mask": options.endMask | 1,
        "ellipsis_mask": options.ellipsisMask,
        "new_axis_mask": options.newAxisMask,
        "shrink_axis_mask": options.shrinkAxisMask & ~1,
    }
    return tf.strided_slice(x[0], x[1], x[2], x[3], **masks)


def _resize(method: str) -> Op:
    def compute(options: Any, x: Sequence[Any], _: Shape) -> Any:
        raw = {"bilinear": tf.raw_ops.ResizeBilinear, "nearest": tf.raw_ops.ResizeNearestNeighbor}[method]
        corners = {"align_corners": options.alignCorners, "half_pixel_centers": options.halfPixelCenters}
        return raw(images=x[0], size=x[1], **corners)

    return Op(compute, same_scale=True)


def _prelu(_: Any, x: Sequence[Any], __: Shape) -> Any:
    return tf.where(x[0] >= 0, x[0], x[0] * x[1])


OPS: dict[str, Op] = {
    "ADD": Op(_fused(lambda _, x, __: x[0] + x[1])),
    "SUB": Op(_fused(lambda _, x, __: x[0] - x[1])),
    "MUL": Op(_fused(lambda _, x, __: x[0] * x[1])),
    "MAXIMUM": Op(lambda _, x, __: tf.maximum(x[0], x[1]), same_scale=True),
    "MINIMUM": Op(lambda _, x, __: tf.minimum(x[0], x[1]), same_scale=True),
    "CONCATENATION": Op(_fused(lambda options, x, _: tf.concat(list(x), options.axis)), same_scale=True),
    "PAD": Op(lambda _, x, __: tf.pad(x[0], x[1]), same_scale=True),
    "AVERAGE_POOL_2D": _pool("AVG"),
    "MAX_POOL_2D": _pool("MAX"),
    "MEAN": _reduce(tf.reduce_mean),
    "SUM": _reduce(tf.reduce_sum),
    "REDUCE_MAX": _reduce(tf.reduce_max, same_scale=True),
    "RELU": Op(lambda _, x, __: tf.nn.relu(x[0])),
    "RELU6": Op(lambda _, x, __: tf.nn.relu6(x[0])),
    "RELU_N1_TO_1": Op(lambda _, x, __: tf.clip_by_value(x[0], -1, 1)),
    "RELU_0_TO_1": Op(lambda _, x, __: tf.clip_by_value(x[0], 0, 1)),
    "LEAKY_RELU": Op(lambda options, x, _: tf.nn.leaky_relu(x[0], options.alpha)),
    "PRELU": Op(_prelu),
    "HARD_SWISH": Op(lambda _, x, __: x[0] * tf.nn.relu6(x[0] + 3) / 6),
    "LOGISTIC": Op(lambda _, x, __: tf.sigmoid(x[0]), range=UNIT),
    "TANH": Op(lambda _, x, __: tf.tanh(x[0]), range=SIGNED_UNIT),
    "SOFTMAX": Op(lambda options, x, _: tf.nn.softmax(x[0] * options.beta), range=UNIT),
    "RESHAPE": Op(_reshape, same_scale=True),
    "SQUEEZE": Op(_reshape, same_scale=True),
    "EXPAND_DIMS": Op(_reshape, same_scale=True),
    "TRANSPOSE": Op(_transpose, same_scale=True),
    "RESIZE_BILINEAR": _resize("bilinear"),
    "RESIZE_NEAREST_NEIGHBOR": _resize("nearest"),
    "TILE": Op(lambda _, x, __: tf.tile(x[0], x[1]), same_scale=True),
    "SLICE": Op(lambda _, x, __: _batch_kept(x[0], x[1], x[2]), same_scale=True),
    "STRIDED_SLICE": Op(_strided_slice, same_scale=True),
}
