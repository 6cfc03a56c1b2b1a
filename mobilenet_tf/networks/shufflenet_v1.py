"""ShuffleNet V1 (Zhang et al. 2017, Table 1 and Figure 2): one table and a short loop. TensorFlow-free."""

from collections.abc import Iterator
from itertools import pairwise

from .layers import Layer, first_layer

__all__ = ["GROUPS", "PAPER", "PAPER_TOTALS", "alphas_for", "infer_alphas", "plan"]

PAPER = "Zhang et al. 2017"
# Groups -> (scale factor, res) -> (Mult-Adds, parameters), in millions, as printed: Table 1 (groups), Tables 2 and 5
# (scale factors); the paper prints no parameters.
PAPER_TOTALS: dict[int, dict[tuple[float, int], tuple[float, float | None]]] = {
    1: {(1.0, 224): (143, None)},
    2: {(1.0, 224): (140, None)},
    3: {
        (1.0, 224): (137, None),
        (0.25, 224): (13, None),
        (0.5, 224): (38, None),
        (1.5, 224): (292, None),
        (2.0, 224): (524, None),
    },
    4: {(1.0, 224): (133, None)},
    8: {(1.0, 224): (137, None)},
}

# Units of stages 2, 3 and 4; each begins with a stride of 2 and doubles the channels of the one before.
STAGES = (4, 8, 4)
# Groups -> output channels of stage 2: about the same cost for all.
GROUPS = {1: 144, 2: 200, 3: 240, 4: 272, 8: 384}
ALPHAS = (0.25, 0.5, 1.0, 1.5, 2.0)
BOTTLENECK = 4


def stem_channels(alpha: float) -> int:
    """Output channels of the first convolution: 24 scaled by powers of two, at least 12.

    The paper does not say it, but its costs imply it: 13, 38, 137, 292 and 524 M at 0.25 to 2.0.
    """
    return 12 if alpha < 1 else 24 if alpha < 2 else 48


def stage_channels(alpha: float, groups: int) -> list[int]:
    """Output channels of stages 2, 3 and 4."""
    return [round(GROUPS[groups] * alpha) << stage for stage in range(len(STAGES))]


def divides(alpha: float, groups: int) -> bool:
    """Whether the groups divide every grouped convolution's channels."""
    first, *_ = channels = stage_channels(alpha, groups)
    grown = [first - stem_channels(alpha), *(b - a for a, b in pairwise(channels))]
    return all(x > 0 and x % groups == 0 for x in grown) and all(x % (BOTTLENECK * groups) == 0 for x in channels)


def alphas_for(groups: int) -> tuple[float, ...]:
    """The scale factors of the paper whose channels `groups` divide."""
    return tuple(alpha for alpha in ALPHAS if divides(alpha, groups))


def infer_alphas(first: int, last: int, groups: int = 3) -> list[float]:  # noqa: ARG001  (the last layer alone determines it)
    """The scale factor that gives `last` channels at the end of stage 4."""
    return [last / stage_channels(1.0, groups)[-1]]


def plan(alpha: float, res: int, groups: int = 3) -> Iterator[Layer]:
    """The layers, in order: Table 1 with the scale factor `alpha` applied to the channels."""
    stem = stem_channels(alpha)
    yield (x := first_layer("conv1", "conv", res, stem, kernel=(3, 3), strides=(2, 2), activation="relu"))
    yield (x := x.then("pool1", "max_pool", kernel=(3, 3), strides=(2, 2)))
    for stage, (units, out) in enumerate(zip(STAGES, stage_channels(alpha, groups), strict=True), 2):
        for number in range(1, units + 1):
            layers = list(unit(x, f"stage{stage}_{number}", out, groups))
            yield from layers
            x = layers[-1]


def unit(source: Layer, name: str, out: int, groups: int) -> Iterator[Layer]:
    """One unit: Figure 2 (b), and (c) with a stride of 2 if the channels grow; with one group it is Figure 2 (a).

    The first pointwise convolution of stage 2 is not grouped, as few channels come in; there is nothing to shuffle.
    """
    grows = out != source.out_channels
    stride = (2, 2) if grows else (1, 1)
    first_groups = 1 if name == "stage2_1" else groups
    yield (x := source.then(f"{name}_reduce", "pointwise", out // BOTTLENECK, groups=first_groups, activation="relu"))
    if first_groups > 1:
        yield (x := x.then(f"{name}_shuffle", "shuffle", groups=groups))
    yield (x := x.then(f"{name}_depthwise", "depthwise", kernel=(3, 3), strides=stride))
    if grows:
        # The paper has the ReLU after the concatenation. The pooled branch is never negative, so that only this branch
        # needs it, and here the exported graph fuses it.
        expanded = out - source.out_channels
        yield (x := x.then(f"{name}_expand", "pointwise", expanded, groups=groups, activation="relu"))
        pool = source.then(f"{name}_pool", "average_pool", kernel=(3, 3), strides=stride, inputs=(source.name,))
        yield pool
        yield x.then(f"{name}_concat", "concat", out, inputs=(pool.name, x.name))
    else:
        yield (x := x.then(f"{name}_expand", "pointwise", out, groups=groups))
        yield x.then(f"{name}_add", "add", activation="relu", inputs=(source.name, x.name))
