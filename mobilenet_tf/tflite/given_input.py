"""What a person says about the input of a file that does not say it itself, and what metadata says. No NumPy."""

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from mobilenet_tf.errors import InputError

__all__ = ["BYTES", "NOTHING_GIVEN", "ZERO_TO_ONE", "GivenInput", "Normalization", "normalization_of_range"]

MOST_RES = 8192  # of a longer side the pixels of one image alone would fill 800 MB


@dataclass(frozen=True)
class Normalization:
    """x = (byte - mean) / std, with one value for all channels or one for each."""

    mean: tuple[float, ...]
    std: tuple[float, ...]

    @property
    def limits(self) -> tuple[tuple[float, ...], tuple[float, ...]]:
        """What the bytes 0 and 255 become: the smallest and the largest values, one each or one for each channel."""
        channels = max(len(self.mean), len(self.std))
        pairs = list(zip(*(values * (channels // len(values)) for values in (self.mean, self.std)), strict=True))
        smallest, largest = (tuple((byte - mean) / std for mean, std in pairs) for byte in (0, 255))
        return smallest, largest

    @property
    def range(self) -> str:
        """The values that bytes become, in words; of several channels those of the first."""
        (low, *_), (high, *_) = self.limits
        return f"values from {low:.3g} to {high:.3g}"

    def __str__(self) -> str:
        mean, std = (values[0] if len({*values}) == 1 else values for values in (self.mean, self.std))
        return f"(byte - {_text(mean)}) / {_text(std)}"


BYTES = Normalization((0.0,), (1.0,))  # as they are
ZERO_TO_ONE = Normalization((0.0,), (255.0,))
RANGE = re.compile(r"\s*(-?\d+(?:\.\d+)?)\s*\.\.\s*(-?\d+(?:\.\d+)?)\s*")


def normalization_of_range(text: str, option: str) -> Normalization:
    """That of `0..1`, `-1..1` or `0..255`, the values that the bytes 0 and 255 become, as an option says them.

    Raises InputError for another text.
    """
    match = RANGE.fullmatch(text)
    if not match or float(match[1]) >= float(match[2]):
        raise InputError(f"expected {option} as two numbers, the lower first: 0..1, -1..1 or 0..255; got {text!r}.")
    low, high = float(match[1]), float(match[2])
    width = 255 / (high - low)
    return Normalization((-low * width + 0.0,), (width,))  # + 0.0: no negative zero


@dataclass(frozen=True)
class GivenInput:
    """What a person says about a file's input; None for what the file itself should say.

    normalization: of the bytes 0 to 255 of RGB.
    res:           height and width, in pixels, of an input whose height and width the file leaves open.
    """

    normalization: Normalization | None = None
    res: int | None = None

    def __post_init__(self) -> None:
        if self.res is not None and not 1 <= self.res <= MOST_RES:
            raise InputError(f"expected --res from 1 to {MOST_RES} pixels; got {self.res}.")

    @classmethod
    def of(
        cls,
        mean: float | Iterable[float] | None = None,
        std: float | Iterable[float] | None = None,
        res: int | None = None,
    ) -> "GivenInput":
        """From the values of --mean, --std and --res: one number, or one for each of red, green and blue.

        Raises InputError for values that normalize nothing, or for one of mean and std without the other.
        """
        if (mean is None) != (std is None):
            given, missing = ("--mean", "--std") if std is None else ("--std", "--mean")
            raise InputError(
                f"{given} needs {missing} too: the input is (byte - mean) / std, with bytes from 0 to 255.\n"
                "For values from 0 to 1 give --mean 0 --std 255; for bytes as they are --mean 0 --std 1."
            )
        if mean is None or std is None:
            return cls(None, res)
        return cls(Normalization(_channels("--mean", mean), _channels("--std", std)), res)


NOTHING_GIVEN = GivenInput()


def _channels(option: str, value: float | Iterable[float]) -> tuple[float, ...]:
    values = tuple(float(v) for v in (value if isinstance(value, Iterable) else [value]))
    usable = len(values) in (1, 3) and all(map(math.isfinite, values))
    if not usable or (option == "--std" and min(values) <= 0):
        above = ", above 0" if option == "--std" else ""
        raise InputError(
            f"expected {option} as one number{above}, or as three for red, green and blue; got {_listed(values)}."
        )
    if option == "--std" and min(values) < 1:
        raise InputError(
            f"--std {_listed(values)} is for values from 0 to 1. Here mean and std are of bytes, 0 to 255: "
            f"multiply both by 255,\nso that it becomes --std {_listed([255 * v for v in values])}."
        )
    return values


def _listed(values: Sequence[float]) -> str:
    return ",".join(f"{v:.6g}" for v in values)


def _text(values: float | tuple[float, ...]) -> str:
    return f"({', '.join(f'{v:g}' for v in values)})" if isinstance(values, tuple) else f"{values:g}"
