"""The inverted residual of MobileNet V2 and V3, with a linear bottleneck, and how these round channels.

TensorFlow-free.

Sandler et al. 2018, Table 1 and Figure 4 d; with squeeze-and-excite: Howard et al. 2019, Figure 4.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from .layers import Layer

__all__ = ["Block", "alphas_with", "inverted_residual", "rounded"]

SQUEEZE_RATIO = 0.25  # Howard et al. 2019, section 5.3


@dataclass(frozen=True)
class Block:
    """One inverted residual.

    expanded:   channels of its depthwise convolution; as many as its input has: there is no layer that expands.
    out:        channels of its output.
    kernel:     height and width of the depthwise kernel.
    activation: of all its layers but the last, which has none.
    squeezes:   whether it has squeeze-and-excite.
    """

    expanded: int
    out: int
    stride: int
    activation: str
    kernel: int = 3
    squeezes: bool = False


def rounded(channels: float) -> int:
    """The nearest multiple of 8, at least 8, and not more than a tenth below `channels`, as the reference has it:
    https://github.com/tensorflow/models/blob/master/research/slim/nets/mobilenet/mobilenet.py (`_make_divisible`).
    """
    nearest = max(8, int(channels + 4) // 8 * 8)
    return nearest + 8 if nearest < 0.9 * channels else nearest


def inverted_residual(source: Layer, name: str, block: Block) -> Iterator[Layer]:
    """Its layers: 1x1 that expands, depthwise, squeeze-and-excite, 1x1 without an activation, and the addition of the
    input if the shapes are the same.
    """
    x = source
    if block.expanded != source.out_channels:
        yield (x := x.then(f"{name}_expand", "pointwise", block.expanded, activation=block.activation))
    kernel, strides = (block.kernel, block.kernel), (block.stride, block.stride)
    yield (x := x.then(f"{name}_depthwise", "depthwise", kernel=kernel, strides=strides, activation=block.activation))
    if block.squeezes:
        yield (squeezed := x.then(f"{name}_squeeze", "squeeze"))
        yield (squeezed := squeezed.then_biased(f"{name}_reduce", rounded(block.expanded * SQUEEZE_RATIO), "relu"))
        yield (squeezed := squeezed.then_biased(f"{name}_excite", block.expanded, "hard_sigmoid"))
        yield (x := x.then(f"{name}_scale", "multiply", inputs=(x.name, squeezed.name)))
    yield (x := x.then(f"{name}_project", "pointwise", block.out))
    if block.stride == 1 and block.out == source.out_channels:
        yield x.then(f"{name}_add", "add", inputs=(source.name, x.name))


def alphas_with(
    channels: Sequence[int], of: Callable[[float], Sequence[int]], usual: Sequence[float], largest: float
) -> list[float]:
    """The width multipliers of two decimals, up to `largest`, that have these `channels`: the usual ones first.

    of: the channels at a width multiplier. Rounding gives the same channels to several.
    """
    hundredths = [hundredth / 100 for hundredth in range(1, round(largest * 100) + 1)]
    return [alpha for alpha in dict.fromkeys((*usual, *hundredths)) if of(alpha) == channels]
