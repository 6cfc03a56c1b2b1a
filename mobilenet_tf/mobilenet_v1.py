"""MobileNet V1 (Howard et al. 2017, Table 1): one table, its three variants. TensorFlow-free."""

from collections.abc import Iterator
from typing import Any

from .layers import Layer, first_layer
from .spec import ModelSpec

__all__ = ["BLOCKS", "plan"]

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


def plan(spec: ModelSpec) -> Iterator[Layer]:
    """The convolutions of `spec`, in order: Table 1 with alpha and the variant applied; ReLU6 as in the checkpoints."""
    stem = scaled(STEM_FILTERS, spec.alpha)
    yield (x := first_layer("conv0", "conv", spec.res, stem, kernel=(3, 3), strides=(2, 2), activation="relu6"))
    for number, (filters, stride) in enumerate(BLOCKS):
        if spec.variant == "shallow" and number in SHALLOW_OMITS:
            continue
        out, block = scaled(filters, spec.alpha), f"block{number + 1}"
        spatial: dict[str, Any] = {"kernel": (3, 3), "strides": (stride, stride)}
        if spec.variant == "conv":
            yield (x := x.then(f"{block}_conv", "conv", out, **spatial, activation="relu6"))
        else:
            yield (x := x.then(f"{block}_depthwise", "depthwise", **spatial, activation="relu6"))
            yield (x := x.then(f"{block}_pointwise", "pointwise", out, activation="relu6"))
