"""The one table of networks: a row holds all that the rest of the project knows of a network. TensorFlow-free.

To add a network, write its plan in a file of its own and add a row here: nothing else changes.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from . import effnet, mobilenet_v1, mobilenet_v2, mobilenet_v3, shufflenet_v1
from .keras_application import KerasApplication
from .layers import Layer

__all__ = ["ARCHITECTURES", "Architecture"]

Pair = tuple[float, int]  # (alpha, res)
Totals = Mapping[Pair, tuple[float, float | None]]


@dataclass(frozen=True)
class Architecture:
    """One row.

    plan:         (alpha, res) -> the layers before the last pooling and the classifier, in order.
    paper:        authors and year of the paper.
    widths:       the largest width multiplier, if any up to it exists; or a tuple of all that exist.
    infer_alphas: (channels of the first convolution, of the last layer) -> the width multipliers that may have them:
                  with the shapes of its arrays, this is how a file of the network is recognised.
    paper_totals: (alpha, res) -> (Mult-Adds, parameters) in millions, as the paper prints them for 1000 classes.
    top1:         (alpha, res) -> published top-1 on ImageNet, in percent.
    weights:      the trained weights that exist: source (`imagenet` and `cifar10`, which are bundled, or `keras`, Keras
                  Applications) -> (alpha, res) of each, narrow ones first.
    keras:        the network in Keras Applications, if `weights` names this source.
    selected_by:  the option of the commands, and its value, that select this row of several of one network; the row
                  that comes first is selected without the option.
    """

    name: str
    plan: Callable[[float, int], Iterator[Layer]]
    paper: str
    widths: float | tuple[float, ...]
    infer_alphas: Callable[[int, int], Sequence[float]]
    paper_totals: Totals = field(default_factory=dict)
    top1: Mapping[Pair, float] = field(default_factory=dict)
    weights: Mapping[str, Sequence[Pair]] = field(default_factory=dict)
    keras: KerasApplication | None = None
    selected_by: tuple[str, str] | None = None

    @property
    def published_sizes(self) -> tuple[list[float], list[int]]:
        """(width multipliers, resolutions) of which the paper prints costs or an accuracy is published, in order."""
        pairs = {*self.paper_totals, *self.top1}
        return sorted({alpha for alpha, _ in pairs}), sorted({res for _, res in pairs})

    def has_width(self, alpha: float) -> bool:
        """Whether the network exists at this width multiplier."""
        return alpha in self.widths if isinstance(self.widths, tuple) else 0 < alpha <= self.widths


def _mobilenet_v1(name: str, variant: str, **published: Any) -> Architecture:
    plan = partial(mobilenet_v1.plan, variant=variant)
    totals = mobilenet_v1.PAPER_TOTALS[variant]
    published["selected_by"] = ("variant", variant)
    return Architecture(name, plan, mobilenet_v1.PAPER, 1.0, mobilenet_v1.infer_alphas, totals, **published)


def _shufflenet_v1(name: str, groups: int, **published: Any) -> Architecture:
    plan = partial(shufflenet_v1.plan, groups=groups)
    infer_alphas = partial(shufflenet_v1.infer_alphas, groups=groups)
    widths, totals = shufflenet_v1.alphas_for(groups), shufflenet_v1.PAPER_TOTALS[groups]
    published["selected_by"] = ("groups", str(groups))
    return Architecture(name, plan, shufflenet_v1.PAPER, widths, infer_alphas, totals, **published)


def _mobilenet_v3(size: str, *, minimalistic: bool = False) -> Architecture:
    return Architecture(
        f"mobilenet_v3_{size}{'_minimalistic' * minimalistic}",
        partial(mobilenet_v3.plan, size=size, minimalistic=minimalistic),
        mobilenet_v3.PAPER,
        mobilenet_v3.MAX_ALPHA,
        partial(mobilenet_v3.infer_alphas, size=size),
        {} if minimalistic else mobilenet_v3.PAPER_TOTALS[size],
        top1=mobilenet_v3.PUBLISHED_TOP1[size, minimalistic],
        weights=mobilenet_v3.published_weights(size, minimalistic),
        keras=mobilenet_v3.keras_application(size, minimalistic),
    )


ARCHITECTURES: Mapping[str, Architecture] = {
    row.name: row
    for row in (
        _mobilenet_v1(
            "mobilenet_v1",
            "separable",
            top1=mobilenet_v1.PUBLISHED_TOP1,
            weights=mobilenet_v1.PUBLISHED_WEIGHTS,
            keras=mobilenet_v1.KERAS,
        ),
        _mobilenet_v1("mobilenet_v1_conv", "conv"),
        _mobilenet_v1("mobilenet_v1_shallow", "shallow"),
        Architecture(
            "mobilenet_v2",
            mobilenet_v2.plan,
            mobilenet_v2.PAPER,
            mobilenet_v2.MAX_ALPHA,
            mobilenet_v2.infer_alphas,
            mobilenet_v2.PAPER_TOTALS,
            top1=mobilenet_v2.PUBLISHED_TOP1,
            weights=mobilenet_v2.PUBLISHED_WEIGHTS,
            keras=mobilenet_v2.KERAS,
        ),
        _mobilenet_v3("small"),
        _mobilenet_v3("large"),
        _mobilenet_v3("small", minimalistic=True),
        _mobilenet_v3("large", minimalistic=True),
        _shufflenet_v1("shufflenet_v1", 3, weights={"cifar10": [(0.5, 160)]}),
        _shufflenet_v1("shufflenet_v1_g1", 1),
        _shufflenet_v1("shufflenet_v1_g2", 2),
        _shufflenet_v1("shufflenet_v1_g4", 4),
        _shufflenet_v1("shufflenet_v1_g8", 8),
        Architecture(
            "effnet",
            effnet.plan,
            effnet.PAPER,
            2.0,
            effnet.infer_alphas,
            # At 32 its last units see 50 by 15 pixels: little of a photo that is enlarged five times.
            weights={"cifar10": [(2.0, 32)]},
        ),
    )
}
