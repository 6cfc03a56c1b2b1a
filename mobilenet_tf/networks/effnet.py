"""EffNet (Freeman et al. 2018, "EffNet: An Efficient Structure for Convolutional Neural Networks", Figure 1 c and
Table 1): one table and a short loop. TensorFlow-free.
"""

from collections.abc import Iterator

from .layers import Layer, first_layer

__all__ = ["BLOCKS", "PAPER", "infer_alphas", "plan"]

PAPER = "Freeman et al. 2018"

BOTTLENECK = 2
# Output channels of each block; each halves height and width, and begins with 1x1 to half of its channels.
BLOCKS = (64, 128, 256)


def infer_alphas(first: int, last: int) -> list[float]:  # noqa: ARG001  (the last layer alone determines it)
    """The width multiplier that gives `last` channels of 256."""
    return [last / BLOCKS[-1]]


def plan(alpha: float, res: int) -> Iterator[Layer]:
    """The layers, in order, with the width multiplier `alpha` applied.

    The first block replaces the first plain convolution as well. The paper has leaky ReLU. Here it is ReLU6, which the
    exported graph fuses, after batch norm, which it folds.
    """
    source: Layer | None = None
    for number, filters in enumerate(BLOCKS, 1):
        out = max(BOTTLENECK, int(filters * alpha))
        layers = list(block(source, f"block{number}", out, res))
        yield from layers
        source = layers[-1]


def block(source: Layer | None, name: str, out: int, res: int) -> Iterator[Layer]:
    """1x1, depthwise 1x3, max pooling of rows, depthwise 3x1, and 2x1 with a stride over the columns.

    source: the layer before; None: the image.
    """
    half = out // BOTTLENECK
    if source is None:
        x = first_layer(f"{name}_reduce", "pointwise", res, half, kernel=(1, 1), activation="relu6")
    else:
        x = source.then(f"{name}_reduce", "pointwise", half, activation="relu6")
    yield x
    yield (x := x.then(f"{name}_row", "depthwise", kernel=(1, 3), activation="relu6"))
    yield (x := x.then(f"{name}_pool", "max_pool", kernel=(2, 1), strides=(2, 1)))
    yield (x := x.then(f"{name}_column", "depthwise", kernel=(3, 1), activation="relu6"))
    yield x.then(f"{name}_expand", "conv", out, kernel=(2, 1), strides=(1, 2), activation="relu6")
