"""How nodes compute: the products of ops with weights, and how the inputs of any op are put in their places.

TensorFlow is loaded with this module.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from mobilenet_tf.keras_loader import tf

from .ops import padding_name

__all__ = ["LINEAR", "WEIGHTED", "aligned", "in_places"]

WEIGHTED = {"CONV_2D": "conv", "DEPTHWISE_CONV_2D": "depthwise", "FULLY_CONNECTED": "dense"}


def _conv(options: Any, _: tuple[int, ...]) -> Any:
    strides, dilations = (options.strideH, options.strideW), (options.dilationHFactor, options.dilationWFactor)
    padding = padding_name(options)
    return lambda x, kernel, __: tf.nn.conv2d(x[0], kernel, strides, padding, dilations=dilations)


def _depthwise(options: Any, _: tuple[int, ...]) -> Any:
    dilations, padding = (options.dilationHFactor, options.dilationWFactor), padding_name(options)
    height, width = options.strideH, options.strideW

    def linear(x: Sequence[Any], kernel: Any, _: Any) -> Any:
        image = _repeated(x[0], kernel.shape[2])
        if height == width:
            return tf.nn.depthwise_conv2d(image, kernel, (1, height, width, 1), padding, dilations=dilations)
        # TensorFlow has no depthwise convolution of two strides: it is a convolution in as many groups as channels.
        return tf.nn.conv2d(image, tf.transpose(kernel, (0, 1, 3, 2)), (height, width), padding, dilations=dilations)

    return linear


def _repeated(x: Any, channels: int) -> Any:
    """Each channel as often as a depthwise convolution takes it: its depth multiplier is nearly always 1."""
    return x if x.shape[-1] == channels else tf.repeat(x, channels // x.shape[-1], axis=-1)


def _dense(_: Any, shape: tuple[int, ...]) -> Any:
    """The inputs of one output are the last axis, whatever the shape of the rest."""

    def linear(x: Sequence[Any], kernel: Any, _: Any) -> Any:
        product = tf.matmul(tf.reshape(x[0], (-1, kernel.shape[0])), kernel)
        return tf.reshape(product, (-1, *shape[1:]))

    return linear


# (options, shape of the output) -> Node.linear of an op with weights, by its kind.
LINEAR = {"conv": _conv, "depthwise": _depthwise, "dense": _dense}


def aligned(x: Any, rank: int) -> Any:
    """A tensor that had no axis for the image, with axes of 1 after the one that it got."""
    return tf.reshape(x, (-1, *[1] * (rank - x.ndim), *x.shape[1:])) if x.ndim < rank else x


def in_places(inputs: Sequence[Any], constants: Mapping[int, Any]) -> list[Any]:
    """All inputs of an op in their places: those that are other nodes' outputs, and the constants."""
    remaining = iter(inputs)
    count = len(inputs) + len(constants)
    return [constants[place] if place in constants else next(remaining) for place in range(count)]
