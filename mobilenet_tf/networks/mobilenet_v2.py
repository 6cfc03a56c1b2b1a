"""MobileNet V2 (Sandler et al. 2018, Table 2): one table and a short loop. TensorFlow-free."""

from collections.abc import Iterator

from .inverted_residual import Block, alphas_with, inverted_residual, rounded
from .keras_application import KerasApplication
from .layers import Layer, first_layer

__all__ = ["KERAS", "MAX_ALPHA", "PAPER", "PAPER_TOTALS", "PUBLISHED_TOP1", "PUBLISHED_WEIGHTS", "infer_alphas", "plan"]

PAPER = "Sandler et al. 2018"
USUAL_ALPHAS = (0.35, 0.5, 0.75, 1.0, 1.3, 1.4)  # of the published checkpoints
MAX_ALPHA = 1.4
# (alpha, res) -> (Mult-Adds, parameters), in millions, as printed: Table 4.
PAPER_TOTALS: dict[tuple[float, int], tuple[float, float | None]] = {(1.0, 224): (300, 3.4), (1.4, 224): (585, 6.9)}
# (alpha, res) -> top-1 in percent of Google's float checkpoint of that pair, as printed in
# https://github.com/tensorflow/models/blob/master/research/slim/nets/mobilenet/README.md
PUBLISHED_TOP1 = {
    (0.35, 96): 45.5,
    (0.35, 128): 50.8,
    (0.35, 160): 55.7,
    (0.35, 192): 58.2,
    (0.35, 224): 60.3,
    (0.5, 96): 51.2,
    (0.5, 128): 57.7,
    (0.5, 160): 61.0,
    (0.5, 192): 63.9,
    (0.5, 224): 65.4,
    (0.75, 96): 58.8,
    (0.75, 128): 63.2,
    (0.75, 160): 66.4,
    (0.75, 192): 68.7,
    (0.75, 224): 69.8,
    (1.0, 96): 60.3,
    (1.0, 128): 65.3,
    (1.0, 160): 68.8,
    (1.0, 192): 70.7,
    (1.0, 224): 71.8,
    (1.3, 224): 74.4,
    (1.4, 224): 75.0,
}
# Source -> (alpha, res) of its trained weights: Google's hosted file, which is bundled; those of Keras Applications.
PUBLISHED_WEIGHTS = {"imagenet": ((1.0, 224),), "keras": tuple(PUBLISHED_TOP1)}
KERAS = KerasApplication(
    "MobileNetV2", lambda alpha, res: f"mobilenet_v2_weights_tf_dim_ordering_tf_kernels_{float(alpha)}_{res}.h5"
)

STEM_FILTERS, LAST_FILTERS = 32, 1280
EXPANSION = 6
# (channels, blocks, stride of the first) of each stage: Table 2, row by row. Stage 1 does not expand.
STAGES = ((16, 1, 1), (24, 2, 2), (32, 3, 2), (64, 4, 2), (96, 3, 1), (160, 3, 2), (320, 1, 1))


def ends(alpha: float) -> tuple[int, int]:
    """Output channels of the first and the last layer; the last is not thinned below a width multiplier of 1 (section
    6.1).
    """
    return rounded(STEM_FILTERS * alpha), rounded(LAST_FILTERS * max(alpha, 1.0))


def infer_alphas(first: int, last: int) -> list[float]:
    """The width multipliers with these channels of the first and the last layer."""
    return alphas_with((first, last), ends, USUAL_ALPHAS, MAX_ALPHA)


def plan(alpha: float, res: int) -> Iterator[Layer]:
    """The layers, in order: Table 2 with the width multiplier `alpha` applied; ReLU6 as in the checkpoints."""
    first, last = ends(alpha)
    yield (x := first_layer("conv0", "conv", res, first, kernel=(3, 3), strides=(2, 2), activation="relu6"))
    number = 0
    for stage, (channels, blocks, stride) in enumerate(STAGES):
        for position in range(blocks):
            number += 1
            expanded = x.out_channels * (EXPANSION if stage else 1)
            # The reference cuts off the fraction before it rounds.
            block = Block(expanded, rounded(int(channels * alpha)), 1 if position else stride, "relu6")
            layers = list(inverted_residual(x, f"block{number}", block))
            yield from layers
            x = layers[-1]
    yield x.then("conv1", "pointwise", last, activation="relu6")
