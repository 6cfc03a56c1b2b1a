"""From a plan of layers to Keras layers. TensorFlow is loaded with this module."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mobilenet_tf.keras_loader import keras, tf

from .layers import Layer
from .spec import ModelSpec

__all__ = ["ChannelShuffle", "UnitLength", "ZeroPaddedAverage", "apply_all", "build_trunk"]

CEILINGS = {"relu6": 6.0, "relu": None}
# Initial gamma of a batch norm that an addition follows. With 1 the sums would grow from unit to unit, and RMSprop at
# MobileNet's rate would not train ShuffleNet at all (De and Smith 2020: one over the root of the number of units, 16).
BEFORE_ADDITION = 0.25


def build_trunk(spec: ModelSpec) -> tuple[Any, Any]:
    """The layers of `spec`, randomly initialized -> (Keras input, its features), both symbolic.

    Input (batch, res, res, 3), float32 in [-1, 1]; features (batch, height, width, channels), or (batch, channels) of a
    network that averages them itself before its last layers. A task adds its head.
    """
    image = keras.Input((spec.res, spec.res, 3), name="image")
    layers = list(spec.plan())
    x = apply_all(layers, image)[layers[-1].name]
    if any(layer.type == "pool" for layer in layers):
        x = keras.layers.Flatten(name="flatten")(x)
    return image, x


def apply_all(layers: Sequence[Layer], image: Any) -> dict[str, Any]:
    """The outputs of all `layers` of an image, symbolic, by their names."""
    x, outputs = image, dict[str, Any]()
    branches = {layer.inputs[-1] for layer in layers if layer.type == "add"}  # the other input is the shortcut
    for layer in layers:
        gamma = BEFORE_ADDITION if layer.name in branches else 1.0
        x = outputs[layer.name] = apply(layer, [outputs[source] for source in layer.inputs] or [x], gamma)
    return outputs


def apply(layer: Layer, inputs: Sequence[Any], gamma: float = 1.0) -> Any:
    """One layer on its inputs, (n, height, width, channels) each: the operation, batch norm from `gamma`, activation.

    `same` padding: at the even sizes that a multiple of 32 gives, a stride of 2 pads one row below and one
    column to the right, as the published checkpoints do, so the exported graph needs no PAD. Batch norm comes
    before the activation, so that it folds into the convolution (Howard et al. 2017, Figure 3 right).
    """
    x = operation(layer)(inputs if len(inputs) > 1 else inputs[0])
    if layer.weighted and layer.batch_norm:
        x = keras.layers.BatchNormalization(
            gamma_initializer=keras.initializers.Constant(gamma), name=f"{layer.name}_bn"
        )(x)
    name = f"{layer.name}_{layer.activation}"
    match layer.activation:
        case "none":
            return x
        case "relu" | "relu6":
            return keras.layers.ReLU(CEILINGS[layer.activation], name=name)(x)
        case _:
            return keras.layers.Activation(layer.activation, name=name)(x)


def operation(layer: Layer) -> keras.layers.Layer:
    """The Keras layer that does `layer.type`, without batch norm and activation."""
    window = {"pool_size": layer.kernel, "strides": layer.strides, "padding": "same", "name": layer.name}
    convolution = {"strides": layer.strides, "padding": "same", "use_bias": not layer.batch_norm, "name": layer.name}
    match layer.type:
        case "depthwise":
            return keras.layers.DepthwiseConv2D(layer.kernel, **convolution)
        case "conv" | "pointwise":
            return keras.layers.Conv2D(layer.out_channels, layer.kernel, groups=layer.groups, **convolution)
        case "max_pool":
            return keras.layers.MaxPooling2D(**window)
        case "average_pool":
            return ZeroPaddedAverage(layer.kernel, layer.strides, name=layer.name)
        case "squeeze" | "pool":
            return keras.layers.GlobalAveragePooling2D(keepdims=True, name=layer.name)
        case "shuffle":
            return ChannelShuffle(layer.groups, name=layer.name)
        case "add":
            return keras.layers.Add(name=layer.name)
        case "multiply":
            return keras.layers.Multiply(name=layer.name)
        case "concat":
            return keras.layers.Concatenate(name=layer.name)
        case _:
            raise AssertionError(layer.type)


@keras.saving.register_keras_serializable(package="mobilenet_tf")
class ChannelShuffle(keras.layers.Layer):  # type: ignore[misc]
    """Distributes the channels of each group over all groups: output channel j * groups + i is input channel
    i * (channels / groups) + j (Zhang et al. 2017, Figure 1 c).
    """

    def __init__(self, groups: int, **options: Any) -> None:
        super().__init__(**options)
        self.groups = groups

    def call(self, x: Any) -> Any:
        """(n, height, width, channels) -> the same."""
        channels = x.shape[-1]
        # Height, width and batch in one axis: at a static size the exported graph has two RESHAPEs and a TRANSPOSE.
        shuffled = tf.transpose(tf.reshape(x, (-1, self.groups, channels // self.groups)), (0, 2, 1))
        return tf.reshape(shuffled, (*_size(x), channels))

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        """See keras.Layer: the shape does not change."""
        return input_shape

    def get_config(self) -> dict[str, Any]:
        """See keras.Layer: what a saved model keeps of this layer."""
        return super().get_config() | {"groups": self.groups}


@keras.saving.register_keras_serializable(package="mobilenet_tf")
class ZeroPaddedAverage(keras.layers.Layer):  # type: ignore[misc]
    """Average pooling, `same`, that counts the padding's zeros, as megvii-model/ShuffleNet-Series does (PyTorch's
    default): so it is a depthwise convolution whose every weight is one over the window's size.
    """

    def __init__(self, pool_size: tuple[int, int], strides: tuple[int, int], **options: Any) -> None:
        super().__init__(**options)
        self.pool_size, self.strides = tuple(pool_size), tuple(strides)

    def kernel(self, channels: int) -> NDArray[np.float32]:
        """The depthwise kernel, (height, width, channels, 1)."""
        return np.full((*self.pool_size, channels, 1), 1 / np.prod(self.pool_size), np.float32)

    def call(self, x: Any) -> Any:
        """(n, height, width, channels) -> (n, height / stride, width / stride, channels), rounded up."""
        return tf.nn.depthwise_conv2d(x, self.kernel(x.shape[-1]), (1, *self.strides, 1), "SAME")

    def get_config(self) -> dict[str, Any]:
        """See keras.Layer: what a saved model keeps of this layer."""
        return super().get_config() | {"pool_size": self.pool_size, "strides": self.strides}


@keras.saving.register_keras_serializable(package="mobilenet_tf")
class UnitLength(keras.layers.Layer):  # type: ignore[misc]
    """Divides vectors by their length, which TensorFlow's converter makes one L2_NORMALIZATION of; of Keras's own
    UnitNormalization it makes four ops.
    """

    def call(self, x: Any) -> Any:
        """(n, channels) -> the same."""
        return tf.math.l2_normalize(x, -1)

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        """See keras.Layer: the shape does not change."""
        return input_shape


def _size(x: Any) -> Sequence[Any]:
    """(n, height, width), as numbers if they are known."""
    known = x.shape[:-1].as_list()
    return known if None not in known else [n or tf.shape(x)[axis] for axis, n in enumerate(known)]
