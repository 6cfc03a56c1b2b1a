"""Which network is meant: ModelSpec, and the naming grammar that every artefact bears. TensorFlow-free."""

import math
import re
from dataclasses import dataclass

from .errors import SpecError

__all__ = ["ARCHS", "VARIANTS", "ModelSpec"]

ARCHS = ("mobilenet_v1",)
VARIANTS = ("separable", "conv", "shallow")

_NAME = re.compile(
    rf"(?P<arch>{'|'.join(ARCHS)})(?:_(?P<variant>{'|'.join(VARIANTS[1:])}))?"
    r"_a(?P<alpha>\d\.\d\d)_r(?P<res>\d+)(?:_(?P<recipe>[a-z0-9_]+))?"
)


@dataclass(frozen=True)
class ModelSpec:
    """A network: architecture, width multiplier, input resolution, number of classes.

    alpha:   width multiplier in (0, 1] (Howard et al. 2017, section 3.3; eq. 6).
    res:     input height and width in pixels, a multiple of 32 from 32 up (section 3.4; eq. 7).
    classes: size of the output, at least 1.
    variant: `separable` (Table 1), `conv` (Table 4) or `shallow` (Table 5).

    Raises SpecError when a value describes no network.
    """

    arch: str = "mobilenet_v1"
    alpha: float = 1.0
    res: int = 224
    classes: int = 1000
    variant: str = "separable"

    def __post_init__(self) -> None:
        if self.arch not in ARCHS:
            raise SpecError(f"expected --arch to be one of {', '.join(ARCHS)}; got {self.arch!r}.")
        if self.variant not in VARIANTS:
            raise SpecError(f"expected --variant to be one of {', '.join(VARIANTS)}; got {self.variant!r}.")
        if not (math.isfinite(self.alpha) and 0 < self.alpha <= 1):
            raise SpecError(
                f"expected --alpha (the width multiplier) in (0, 1]; got {self.alpha:g}.\n"
                "Try 0.25, 0.5, 0.75 or 1.0, the widths of the paper."
            )
        if self.res < 32 or self.res % 32:
            nearest = max(32, round(self.res / 32) * 32)
            raise SpecError(
                f"expected --res (the input resolution) to be a multiple of 32, from 32 up; got {self.res}.\n"
                f"The nearest that works is {nearest}; the paper uses 128, 160, 192 and 224."
            )
        if self.classes < 1:
            raise SpecError(f"expected at least 1 class; got {self.classes}.")

    @property
    def name(self) -> str:
        """`mobilenet_v1_a0.50_r160`; a variant other than `separable` stands after the architecture."""
        variant = "" if self.variant == "separable" else f"_{self.variant}"
        return f"{self.arch}{variant}_a{self.alpha:.2f}_r{self.res}"

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
            alpha=float(match["alpha"]),
            res=int(match["res"]),
            variant=match["variant"] or "separable",
        )
        return spec, match["recipe"]
