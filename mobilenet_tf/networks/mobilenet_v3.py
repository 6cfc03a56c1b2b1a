"""MobileNet V3 small and large (Howard et al. 2019, Tables 1 and 2), and their minimalistic forms. TensorFlow-free."""

from collections.abc import Iterator
from functools import partial

from .inverted_residual import Block, alphas_with, inverted_residual, rounded
from .keras_application import KerasApplication
from .layers import Layer, first_layer

__all__ = [
    "MAX_ALPHA",
    "PAPER",
    "PAPER_TOTALS",
    "PUBLISHED_TOP1",
    "STAGES",
    "infer_alphas",
    "keras_application",
    "plan",
    "published_weights",
]

PAPER = "Howard et al. 2019"
USUAL_ALPHAS = (0.35, 0.5, 0.75, 1.0, 1.25)  # section 6.1
MAX_ALPHA = 1.25
# Size -> (alpha, res) -> (Mult-Adds, parameters), in millions, as printed for 1000 classes: Table 3.
PAPER_TOTALS: dict[str, dict[tuple[float, int], tuple[float, float | None]]] = {
    "small": {(1.0, 224): (56, 2.5), (0.75, 224): (44, 2.0)},
    "large": {(1.0, 224): (219, 5.4), (0.75, 224): (155, 4.0)},
}
# (size, minimalistic) -> (alpha, res) -> top-1 in percent of Google's float checkpoint, as printed in
# https://github.com/tensorflow/models/blob/master/research/slim/nets/mobilenet/README.md
PUBLISHED_TOP1 = {
    ("small", False): {(0.75, 224): 65.4, (1.0, 224): 67.5},
    ("small", True): {(1.0, 224): 61.9},
    ("large", False): {(0.75, 224): 73.3, (1.0, 224): 75.2},
    ("large", True): {(1.0, 224): 72.3},
}

STEM_FILTERS = 16  # at every width
LAST_EXPANSION = 6  # of the last convolution before the average
LAST_FILTERS = {"small": 1024, "large": 1280}
RE, HS = "relu", "hard_swish"
SE, NO = True, False
# Size -> (kernel, expanded channels, channels, squeeze-and-excite, activation, stride) of each block: Table 2 (small)
# and Table 1 (large), row by row.
STAGES = {
    "small": (
        (3, 16, 16, SE, RE, 2),
        (3, 72, 24, NO, RE, 2),
        (3, 88, 24, NO, RE, 1),
        (5, 96, 40, SE, HS, 2),
        (5, 240, 40, SE, HS, 1),
        (5, 240, 40, SE, HS, 1),
        (5, 120, 48, SE, HS, 1),
        (5, 144, 48, SE, HS, 1),
        (5, 288, 96, SE, HS, 2),
        (5, 576, 96, SE, HS, 1),
        (5, 576, 96, SE, HS, 1),
    ),
    "large": (
        (3, 16, 16, NO, RE, 1),
        (3, 64, 24, NO, RE, 2),
        (3, 72, 24, NO, RE, 1),
        (5, 72, 40, SE, RE, 2),
        (5, 120, 40, SE, RE, 1),
        (5, 120, 40, SE, RE, 1),
        (3, 240, 80, NO, HS, 2),
        (3, 200, 80, NO, HS, 1),
        (3, 184, 80, NO, HS, 1),
        (3, 184, 80, NO, HS, 1),
        (3, 480, 112, SE, HS, 1),
        (3, 672, 112, SE, HS, 1),
        (5, 672, 160, SE, HS, 2),
        (5, 960, 160, SE, HS, 1),
        (5, 960, 160, SE, HS, 1),
    ),
}


def published_weights(size: str, minimalistic: bool) -> dict[str, tuple[tuple[float, int], ...]]:
    """Source -> (alpha, res) of its trained weights: those of Keras Applications."""
    return {"keras": tuple(PUBLISHED_TOP1[size, minimalistic])}


def keras_application(size: str, minimalistic: bool) -> KerasApplication:
    """The network in Keras Applications, without the layer that rescales the image."""
    form = f"{size}_minimalistic" if minimalistic else size
    return KerasApplication(
        f"MobileNetV3{size.capitalize()}",
        lambda alpha, res: f"weights_mobilenet_v3_{form}_{res}_{float(alpha)}_float.h5",
        {"minimalistic": minimalistic, "include_preprocessing": False},
    )


def ends(alpha: float, size: str) -> tuple[int, int]:
    """Output channels of the first and the last layer; the last is not thinned below a width multiplier of 1."""
    return STEM_FILTERS, rounded(LAST_FILTERS[size] * max(alpha, 1.0))


def infer_alphas(first: int, last: int, size: str) -> list[float]:
    """The width multipliers with these channels of the first and the last layer."""
    return alphas_with((first, last), partial(ends, size=size), USUAL_ALPHAS, MAX_ALPHA)


def plan(alpha: float, res: int, size: str, minimalistic: bool) -> Iterator[Layer]:
    """The layers, in order, with the width multiplier `alpha` applied.

    size: `small` or `large`. minimalistic: without squeeze-and-excite, hard-swish and 5x5 kernels.
    The last layer takes the average of the features: it is `efficient last stage`, Figure 5.
    """
    first, last = ends(alpha, size)
    swish = RE if minimalistic else HS
    yield (x := first_layer("conv0", "conv", res, first, kernel=(3, 3), strides=(2, 2), activation=swish))
    before = STEM_FILTERS  # channels of the block's input at a width of 1
    for number, (kernel, expanded, out, squeezes, activation, stride) in enumerate(STAGES[size], 1):
        block = Block(
            # The expansion is a ratio of the input's channels, which are rounded before.
            expanded=rounded(x.out_channels * (expanded / before)) if number > 1 else x.out_channels,
            out=rounded(out * alpha),
            stride=stride,
            activation=RE if minimalistic else activation,
            kernel=3 if minimalistic else kernel,
            squeezes=squeezes and not minimalistic,
        )
        layers = list(inverted_residual(x, f"block{number}", block))
        yield from layers
        x, before = layers[-1], out
    yield (x := x.then("conv1", "pointwise", rounded(x.out_channels * LAST_EXPANSION), activation=swish))
    yield (x := x.then("pool", "pool"))
    yield x.then_biased("conv2", last, swish)
