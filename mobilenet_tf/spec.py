"""Which network is meant: ModelSpec, and the naming grammar that every artefact bears. TensorFlow-free."""

import math
import re
from dataclasses import dataclass

from . import shufflenet
from .errors import SpecError

__all__ = ["ARCHS", "VARIANTS", "ModelSpec"]

ARCHS = ("mobilenet_v1", "shufflenet_v1", "effnet")
VARIANTS = ("separable", "conv", "shallow")
DEFAULT_GROUPS = 3  # of ShuffleNet, whose name then does not tell them

_NAME = re.compile(
    rf"(?P<arch>{'|'.join(ARCHS)})(?:_(?P<variant>{'|'.join(VARIANTS[1:])}))?(?:_g(?P<groups>\d))?"
    r"_a(?P<alpha>\d[._]\d\d)_r(?P<res>\d+)(?:_(?P<recipe>[a-z0-9_]+))?"
)


@dataclass(frozen=True)
class ModelSpec:
    """A network: architecture, width multiplier, input resolution, number of classes.

    alpha:   width multiplier in (0, 1] (Howard et al. 2017, section 3.3; eq. 6); for ShuffleNet the scale factor s of
             0.25, 0.5, 1, 1.5 or 2 (Zhang et al. 2017, section 3.2), for EffNet up to 2.
    res:     input height and width in pixels, a multiple of 32 from 32 up (section 3.4; eq. 7).
    classes: size of the output, at least 1.
    variant: of MobileNet V1: `separable` (Table 1), `conv` (Table 4) or `shallow` (Table 5).
    groups:  of ShuffleNet's pointwise convolutions: 1, 2, 3, 4 or 8; 0: 3, and 1 for the others, which have none.

    Raises SpecError when a value describes no network.
    """

    arch: str = "mobilenet_v1"
    alpha: float = 1.0
    res: int = 224
    classes: int = 1000
    variant: str = "separable"
    groups: int = 0

    def __post_init__(self) -> None:
        if self.arch not in ARCHS:
            raise SpecError(f"expected --arch to be one of {', '.join(ARCHS)}; got {self.arch!r}.")
        if self.variant not in VARIANTS:
            raise SpecError(f"expected --variant to be one of {', '.join(VARIANTS)}; got {self.variant!r}.")
        if self.variant != "separable" and self.arch != "mobilenet_v1":
            raise SpecError(f"--variant is for mobilenet_v1; {self.arch} has none. Leave it out.")
        self._check_width()
        if self.res < 32 or self.res % 32:
            nearest = max(32, round(self.res / 32) * 32)
            raise SpecError(
                f"expected --res (the input resolution) to be a multiple of 32, from 32 up; got {self.res}.\n"
                f"The nearest that works is {nearest}; the paper uses 128, 160, 192 and 224."
            )
        if self.classes < 1:
            raise SpecError(f"expected at least 1 class; got {self.classes}.")

    def _check_width(self) -> None:
        shuffled = self.arch == "shufflenet_v1"
        object.__setattr__(self, "groups", self.groups or (DEFAULT_GROUPS if shuffled else 1))
        if shuffled:
            self._check_groups()
            return
        if self.groups != 1:
            raise SpecError(f"--groups is for shufflenet_v1; {self.arch} has no grouped convolutions. Leave it out.")
        widest = 2 if self.arch == "effnet" else 1
        if not (math.isfinite(self.alpha) and 0 < self.alpha <= widest):
            raise SpecError(
                f"expected --alpha (the width multiplier) in (0, {widest}]; got {self.alpha:g}.\n"
                "Try 0.25, 0.5, 0.75 or 1.0, the widths of the paper."
            )

    def _check_groups(self) -> None:
        if self.groups not in shufflenet.GROUPS:
            raise SpecError(f"expected --groups to be 1, 2, 3, 4 or 8, those of the paper; got {self.groups}.")
        if self.alpha not in shufflenet.ALPHAS:
            scales = ", ".join(f"{alpha:g}" for alpha in shufflenet.ALPHAS)
            raise SpecError(f"expected --alpha (ShuffleNet's scale factor) to be {scales}; got {self.alpha:g}.")
        if not shufflenet.divides(self.alpha, self.groups):
            fitting = ", ".join(map(str, shufflenet.groups_for(self.alpha)))
            raise SpecError(
                f"--groups {self.groups} does not divide the channels at --alpha {self.alpha:g}; {fitting} can be had."
            )

    @property
    def name(self) -> str:
        """`mobilenet_v1_a0.50_r160`; a variant other than `separable`, or groups other than 3, stand after the arch."""
        variant = "" if self.variant == "separable" else f"_{self.variant}"
        groups = "" if self.arch != "shufflenet_v1" or self.groups == DEFAULT_GROUPS else f"_g{self.groups}"
        return f"{self.arch}{variant}{groups}_a{self.alpha:.2f}_r{self.res}"

    def artefact(self, recipe: str) -> str:
        """`mobilenet_v1_a0.50_r160_int8`: the name of one exported file, without its suffix."""
        return f"{self.name}_{recipe}"

    @staticmethod
    def parse(name: str) -> tuple["ModelSpec", str | None]:
        """The spec and the recipe (None if absent) that a name stands for. Raises SpecError."""
        match = _NAME.fullmatch(name)
        if not match:
            raise SpecError(f"expected a name like mobilenet_v1_a0.50_r160_int8; got {name!r}.")
        spec = ModelSpec(
            arch=match["arch"],
            alpha=float(match["alpha"].replace("_", ".")),
            res=int(match["res"]),
            variant=match["variant"] or "separable",
            groups=int(match["groups"] or 0),
        )
        return spec, match["recipe"]
