"""MobileNet V1 (Howard et al. 2017, Table 1): one table, its three variants, and the Keras model built from it.

Importing this module loads no TensorFlow; `build` does.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .spec import ModelSpec

if TYPE_CHECKING:
    import keras

__all__ = ["BLOCKS", "Layer", "build", "plan"]

STEM_FILTERS = 32

# (filters, stride) of each depthwise separable block: Table 1, row by row.
BLOCKS = (
    (64, 1),
    (128, 2),
    (128, 1),
    (256, 2),
    (256, 1),
    (512, 2),
    (512, 1),
    (512, 1),
    (512, 1),
    (512, 1),
    (512, 1),
    (1024, 2),
    (1024, 1),
)
# The five 14x14x512 blocks that the `shallow` variant leaves out (Table 5).
SHALLOW_OMITS = range(6, 11)


@dataclass(frozen=True)
class Layer:
    """One convolution, followed by batch norm and ReLU6."""

    name: str
    type: str  # conv, depthwise, pointwise
    kernel: int
    stride: int
    in_channels: int
    out_channels: int


def scaled(channels: int, alpha: float) -> int:
    """alpha * M of eq. (6), rounded down as in Keras Applications, at least 1."""
    return max(1, int(channels * alpha))


def plan(spec: ModelSpec) -> Iterator[Layer]:
    """The convolutions of `spec`, in order: Table 1 with alpha and the variant applied."""
    channels = scaled(STEM_FILTERS, spec.alpha)
    yield Layer("conv0", "conv", 3, 2, 3, channels)
    for number, (filters, stride) in enumerate(BLOCKS):
        if spec.variant == "shallow" and number in SHALLOW_OMITS:
            continue
        out, block = scaled(filters, spec.alpha), f"block{number + 1}"
        if spec.variant == "conv":
            yield Layer(f"{block}_conv", "conv", 3, stride, channels, out)
        else:
            yield Layer(f"{block}_depthwise", "depthwise", 3, stride, channels, channels)
            yield Layer(f"{block}_pointwise", "pointwise", 1, 1, channels, out)
        channels = out


def build(spec: ModelSpec) -> "keras.Model":
    """The Keras model of `spec`, randomly initialized.

    Input (batch, res, res, 3), float32 in [-1, 1]; output (batch, classes), softmax.
    """
    import keras

    from .blocks import conv_bn_relu6

    image = x = keras.Input((spec.res, spec.res, 3), name="image")
    for layer in plan(spec):
        x = conv_bn_relu6(x, layer)
    x = keras.layers.GlobalAveragePooling2D(name="pool")(x)
    x = keras.layers.Dense(spec.classes, name="classifier")(x)
    x = keras.layers.Softmax(name="softmax")(x)
    return keras.Model(image, x, name=spec.name.replace(".", "_"))
