"""MobileNet V1 (Howard et al. 2017, Table 1) and its variants: one table and a short loop. TensorFlow-free."""

from collections.abc import Iterator
from typing import Any

from .keras_application import KerasApplication
from .layers import Layer, first_layer

__all__ = [
    "BLOCKS",
    "KERAS",
    "PAPER",
    "PAPER_TOTALS",
    "PUBLISHED_TOP1",
    "PUBLISHED_TOP1_SOURCE",
    "PUBLISHED_WEIGHTS",
    "infer_alphas",
    "plan",
]

PAPER = "Howard et al. 2017"
# Variant -> (alpha, res) -> (Mult-Adds, parameters), in millions, as printed for 1000 classes: Tables 4 (conv), 5
# (shallow), 6 (alpha), 7 (res) and 8 (0.50 MobileNet-160).
PAPER_TOTALS: dict[str, dict[tuple[float, int], tuple[float, float | None]]] = {
    "separable": {
        (1.0, 224): (569, 4.2),
        (0.75, 224): (325, 2.6),
        (0.5, 224): (149, 1.3),
        (0.25, 224): (41, 0.5),
        (1.0, 192): (418, 4.2),
        (1.0, 160): (290, 4.2),
        (1.0, 128): (186, 4.2),
        (0.5, 160): (76, 1.32),
    },
    "conv": {(1.0, 224): (4866, 29.3)},
    "shallow": {(1.0, 224): (307, 2.9)},
}
PUBLISHED_TOP1_SOURCE = "https://github.com/tensorflow/models/blob/master/research/slim/nets/mobilenet_v1.md"
# (alpha, res) -> top-1 in percent of Google's float checkpoint of that pair (2018_02_22), as printed there
PUBLISHED_TOP1 = {
    (0.25, 128): 41.5,
    (0.25, 160): 45.5,
    (0.25, 192): 47.7,
    (0.25, 224): 49.8,
    (0.5, 128): 56.3,
    (0.5, 160): 59.1,
    (0.5, 192): 61.7,
    (0.5, 224): 63.3,
    (0.75, 128): 62.1,
    (0.75, 160): 65.3,
    (0.75, 192): 67.2,
    (0.75, 224): 68.4,
    (1.0, 128): 65.2,
    (1.0, 160): 68.0,
    (1.0, 192): 70.0,
    (1.0, 224): 70.9,
}
# Source -> (alpha, res) of its trained weights: Google's hosted files, which are bundled; those that were trained here;
# those of Keras Applications.
PUBLISHED_WEIGHTS = {
    "imagenet": ((0.25, 128), (0.5, 160), (0.75, 192), (1.0, 224)),
    "cifar10": ((0.25, 160), (0.5, 160)),
    "keras": tuple(PUBLISHED_TOP1),
}


def keras_file(alpha: float, res: int) -> str:
    """`mobilenet_2_5_128_tf.h5`: the name of a file of Keras Applications' weights."""
    width = {1.0: "1_0", 0.75: "7_5", 0.5: "5_0", 0.25: "2_5"}[alpha]
    return f"mobilenet_{width}_{res}_tf.h5"


KERAS = KerasApplication("MobileNet", keras_file)

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


def scaled(channels: int, alpha: float) -> int:
    """alpha * M of eq. (6), rounded down as in Keras Applications, at least 1."""
    return max(1, int(channels * alpha))


def infer_alphas(first: int, last: int) -> list[float]:
    """The width multiplier that gives `first` filters of 32 and `last` of 1024: the one with the fewest digits."""
    for digits in (2, 3, 4):
        for alpha in (round(last / 1024, digits), round(first / 32, digits)):
            if 0 < alpha <= 1 and (int(32 * alpha), int(1024 * alpha)) == (first, last):
                return [alpha]
    return [last / 1024]


def plan(alpha: float, res: int, variant: str = "separable") -> Iterator[Layer]:
    """The convolutions, in order: Table 1 with the width multiplier `alpha` applied; ReLU6 as in the checkpoints.

    variant: `separable` (Table 1), `conv`, whose convolutions are full (Table 4), or `shallow` (Table 5).
    """
    stem = scaled(STEM_FILTERS, alpha)
    yield (x := first_layer("conv0", "conv", res, stem, kernel=(3, 3), strides=(2, 2), activation="relu6"))
    for number, (filters, stride) in enumerate(BLOCKS):
        if variant == "shallow" and number in SHALLOW_OMITS:
            continue
        out, block = scaled(filters, alpha), f"block{number + 1}"
        spatial: dict[str, Any] = {"kernel": (3, 3), "strides": (stride, stride)}
        if variant == "conv":
            yield (x := x.then(f"{block}_conv", "conv", out, **spatial, activation="relu6"))
        else:
            yield (x := x.then(f"{block}_depthwise", "depthwise", **spatial, activation="relu6"))
            yield (x := x.then(f"{block}_pointwise", "pointwise", out, activation="relu6"))
