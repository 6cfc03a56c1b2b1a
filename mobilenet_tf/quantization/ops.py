"""What is known of TFLite's ops: how each is computed, which integer kernels it has, and what they demand of scales.

The scales are those of LiteRT's 8-bit quantization specification
(https://ai.google.dev/edge/litert/models/quantization_spec). A kernel counts if TensorFlow Lite 2.14 has it too: phones
run versions of many years. TensorFlow is loaded with this module.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from mobilenet_tf.keras_loader import tf

__all__ = ["ACTIVATIONS", "OPS", "Op", "Range", "ceiling", "padding_name"]

Shape = tuple[int, ...]
Range = tuple[float, float]
Compute = Callable[[Any, Sequence[Any], Shape], Any]

# Fused activations by their number in the schema: the name, the function, and the range that it lets through.
ACTIVATIONS: dict[int, tuple[str, Callable[[Any], Any], Range]] = {
    0: ("NONE", lambda x: x, (-np.inf, np.inf)),
    1: ("RELU", tf.nn.relu, (0, np.inf)),
    2: ("RELU_N1_TO_1", lambda x: tf.clip_by_value(x, -1, 1), (-1, 1)),
    3: ("RELU6", tf.nn.relu6, (0, 6)),
}
UNIT = (0.0, 255 / 256)  # the range of int8 probabilities: a step of 1/256, whatever they are
SIGNED_UNIT = (-1.0, 127 / 128)
LOG_UNIT = (-255 / 16, 0.0)


@dataclass(frozen=True)
class Op:
    """An op without weights.

    compute:    (its options in the schema, its inputs for n images, the shape of its output with -1 for n) -> output.
    same_scale: whether the integer kernel takes its inputs and gives its output at one and the same scale.
    range:      the range of the int8 output, if the kernel fixes it.
    int8:       the op's version with int8 tensors as TensorFlow's converter writes it; 0 if it has no such kernel.
    int16:      the same with int16 tensors.
    """

    compute: Compute
    same_scale: bool = False
    range: Range | None = None
    int8: int = 1
    int16: int = 1


def ceiling(activation: int) -> float:
    """The largest value that a fused activation lets through."""
    return float(ACTIVATIONS[activation][2][1])


def padding_name(options: Any) -> str:
    """SAME or VALID."""
    return ("SAME", "VALID")[options.padding]


def _fused(compute: Compute) -> Compute:
    """`compute`, followed by the activation that the op's options name."""

    def activated(options: Any, x: Sequence[Any], shape: Shape) -> Any:
        return ACTIVATIONS[getattr(options, "fusedActivationFunction", 0)][1](compute(options, x, shape))

    return activated


def _of_one(function: Callable[[Any], Any], **fields: Any) -> Op:
    return Op(lambda _, x, __: function(x[0]), **fields)


def _of_two(function: Callable[[Any, Any], Any], **fields: Any) -> Op:
    return Op(_fused(lambda _, x, __: function(x[0], x[1])), **fields)


def _pool(function: Callable[..., Any], **fields: Any) -> Op:
    def compute(options: Any, x: Sequence[Any], _: Shape) -> Any:
        window, strides = (options.filterHeight, options.filterWidth), (options.strideH, options.strideW)
        return function(x[0], window, strides, padding_name(options))

    return Op(_fused(compute), same_scale=True, **fields)


def _reduce(function: Callable[..., Any], **fields: Any) -> Op:
    """Images are never mixed: the axis of the image is left, if the op reduces it too."""

    def compute(options: Any, x: Sequence[Any], _: Shape) -> Any:
        axes = [int(axis) % x[0].ndim for axis in np.ravel(x[1])]
        return function(x[0], [axis for axis in axes if axis], keepdims=options.keepDims)

    return Op(compute, **fields)


def _reshape(_: Any, x: Sequence[Any], shape: Shape) -> Any:
    return tf.reshape(x[0], shape)


def _transpose(_: Any, x: Sequence[Any], __: Shape) -> Any:
    """Images are never mixed: a tensor in which the axis of the image moves, or is gone, gets another one for it."""
    order = [int(axis) for axis in x[1]]
    if x[0].ndim == len(order) and order[0] == 0:
        return tf.transpose(x[0], order)
    images = x[0][:, None] if x[0].ndim == len(order) else x[0]
    return tf.transpose(images, [0, *(axis + 1 for axis in order)])


def _batch_kept(_: Any, x: Sequence[Any], __: Shape) -> Any:
    return tf.slice(x[0], x[1], [-1, *x[2][1:]])


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

    return Op(compute, same_scale=True, int8=3, int16=3)


def _prelu(_: Any, x: Sequence[Any], __: Shape) -> Any:
    return tf.where(x[0] >= 0, x[0], x[0] * x[1])


def _gather(options: Any, x: Sequence[Any], _: Shape) -> Any:
    return tf.gather(x[0], x[1], axis=options.axis, batch_dims=options.batchDims)


def _mirror(options: Any, x: Sequence[Any], _: Shape) -> Any:
    return tf.pad(x[0], x[1], ("REFLECT", "SYMMETRIC")[options.mode])


def _normalized(_: Any, x: Sequence[Any], __: Shape) -> Any:
    # Not by tf.norm, whose gradient is NaN at a vector of zeros.
    return x[0] / tf.sqrt(tf.maximum(tf.reduce_sum(tf.square(x[0]), -1, keepdims=True), 1e-12))


_SECOND: dict[str, Any] = {"int8": 2, "int16": 2}
_NO_KERNEL: dict[str, Any] = {"int8": 0, "int16": 0}

OPS: dict[str, Op] = {
    "ADD": _of_two(lambda a, b: a + b, **_SECOND),
    "SUB": _of_two(lambda a, b: a - b, **_SECOND),
    "MUL": _of_two(lambda a, b: a * b, **_SECOND),
    "DIV": _of_two(lambda a, b: a / b, **_NO_KERNEL),
    "POW": _of_two(tf.pow, **_NO_KERNEL),
    "SQUARED_DIFFERENCE": _of_two(tf.math.squared_difference, int8=2, int16=0),
    "MAXIMUM": _of_two(tf.maximum, same_scale=True, **_SECOND),
    "MINIMUM": _of_two(tf.minimum, same_scale=True, **_SECOND),
    "CONCATENATION": Op(_fused(lambda options, x, _: tf.concat(list(x), options.axis)), same_scale=True, **_SECOND),
    "PAD": Op(lambda _, x, __: tf.pad(x[0], x[1]), same_scale=True, **_SECOND),
    "MIRROR_PAD": Op(_mirror, same_scale=True, int8=2, int16=3),
    "AVERAGE_POOL_2D": _pool(tf.nn.avg_pool2d, **_SECOND),
    "MAX_POOL_2D": _pool(tf.nn.max_pool2d, **_SECOND),
    "L2_NORMALIZATION": Op(_normalized, range=SIGNED_UNIT, int8=2, int16=0),
    "MEAN": _reduce(tf.reduce_mean, **_SECOND),
    "SUM": _reduce(tf.reduce_sum, **_SECOND),
    "REDUCE_MAX": _reduce(tf.reduce_max, same_scale=True, **_SECOND),
    "REDUCE_MIN": _reduce(tf.reduce_min, same_scale=True, **_SECOND),
    "RELU": _of_one(tf.nn.relu, **_SECOND),
    "RELU6": _of_one(tf.nn.relu6, **_SECOND),
    "RELU_N1_TO_1": _of_one(lambda x: tf.clip_by_value(x, -1, 1), int16=0),
    "RELU_0_TO_1": _of_one(lambda x: tf.clip_by_value(x, 0, 1), int16=0),
    "LEAKY_RELU": Op(lambda options, x, _: tf.nn.leaky_relu(x[0], options.alpha), int16=2),
    "PRELU": Op(_prelu, int16=0),
    "ELU": _of_one(tf.nn.elu, int16=0),
    "GELU": Op(lambda options, x, _: tf.nn.gelu(x[0], options.approximate), int8=2, int16=0),
    "HARD_SWISH": _of_one(lambda x: x * tf.nn.relu6(x + 3) / 6, int16=0),
    "LOGISTIC": _of_one(tf.sigmoid, range=UNIT, **_SECOND),
    "TANH": _of_one(tf.tanh, range=SIGNED_UNIT, **_SECOND),
    "SOFTMAX": Op(lambda options, x, _: tf.nn.softmax(x[0] * options.beta), range=UNIT, **_SECOND),
    "LOG_SOFTMAX": _of_one(tf.nn.log_softmax, range=LOG_UNIT, int8=2, int16=0),
    "ABS": _of_one(tf.abs, int8=2, int16=2),
    "EXP": _of_one(tf.exp, **_SECOND),
    "RSQRT": _of_one(tf.math.rsqrt, int8=2, int16=0),
    "NEG": _of_one(tf.negative, **_NO_KERNEL),
    "SQRT": _of_one(tf.sqrt, **_NO_KERNEL),
    "SQUARE": _of_one(tf.square, **_NO_KERNEL),
    "LOG": _of_one(tf.math.log, **_NO_KERNEL),
    "FLOOR": _of_one(tf.floor, **_NO_KERNEL),
    "RESHAPE": Op(_reshape, same_scale=True),
    "SQUEEZE": Op(_reshape, same_scale=True),
    "EXPAND_DIMS": Op(_reshape, same_scale=True),
    "TRANSPOSE": Op(_transpose, same_scale=True, **_SECOND),
    "DEPTH_TO_SPACE": Op(
        lambda options, x, _: tf.nn.depth_to_space(x[0], options.blockSize), same_scale=True, int8=2, int16=0
    ),
    "SPACE_TO_DEPTH": Op(
        lambda options, x, _: tf.nn.space_to_depth(x[0], options.blockSize), same_scale=True, int8=2, int16=0
    ),
    "RESIZE_BILINEAR": _resize("bilinear"),
    "RESIZE_NEAREST_NEIGHBOR": _resize("nearest"),
    "TILE": Op(lambda _, x, __: tf.tile(x[0], x[1]), same_scale=True, int8=3, int16=0),
    "PACK": Op(lambda options, x, _: tf.stack(list(x), options.axis), same_scale=True, int8=2, int16=3),
    "GATHER": Op(_gather, same_scale=True, int8=2, int16=4),
    "REVERSE_V2": Op(lambda _, x, __: tf.reverse(x[0], x[1]), same_scale=True, int8=3, int16=2),
    "SLICE": Op(_batch_kept, same_scale=True, int8=2, int16=4),
    "STRIDED_SLICE": Op(_strided_slice, same_scale=True, int8=2, int16=4),
}
