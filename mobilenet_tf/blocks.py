"""The building blocks of the networks, as functions on Keras tensors."""

import keras

from .mobilenet_v1 import Layer

__all__ = ["conv_bn_relu6"]


def conv_bn_relu6(x: keras.KerasTensor, layer: Layer) -> keras.KerasTensor:
    """Convolution without bias, batch norm, ReLU6: (n, h, w, in) -> (n, ceil(h/stride), ceil(w/stride), out).

    `same` padding: at the even sizes that a multiple of 32 gives, a stride of 2 pads one row below and one
    column to the right, as the published checkpoints do, so the exported graph needs no PAD.
    (Howard et al. 2017, Figure 3 right; ReLU6 as in the published checkpoints.)
    """
    options = {"strides": layer.stride, "padding": "same", "use_bias": False, "name": layer.name}
    if layer.type == "depthwise":
        x = keras.layers.DepthwiseConv2D(layer.kernel, **options)(x)
    else:
        x = keras.layers.Conv2D(layer.out_channels, layer.kernel, **options)(x)
    x = keras.layers.BatchNormalization(name=f"{layer.name}_bn")(x)
    return keras.layers.ReLU(6.0, name=f"{layer.name}_relu6")(x)
