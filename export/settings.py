"""What a person chooses about one export."""

from dataclasses import dataclass
from pathlib import Path

from mobilenet_tf.tflite.given_input import Normalization

from .recipes import RECIPES, Recipe

__all__ = ["DEFAULT_SETTINGS", "ExportSettings"]


@dataclass(frozen=True)
class ExportSettings:
    """The settings of one export; fields are named as the options of mobilenet-export.

    alpha, res, classes: None for those of the weights.
    labels, calibration: None for the labels beside the weights, and for the bundled photos.
    max_drop: the percentage of photos, at most, that int8 may give another best class than float; None for no bound.
    raw_outputs: of a detector: its files give the boxes and scores of all anchors, without post-processing.
    normalization: what bytes become for a network of other people; None for what its file shows.
    """

    recipes: tuple[Recipe, ...] = (RECIPES["float32"], RECIPES["int8"])
    arch: str | None = None
    alpha: float | None = None
    res: int | None = None
    weights: str = "imagenet"
    classes: int | None = None
    drop_background: bool = False
    normalization: Normalization | None = None
    labels: Path | None = None
    calibration: Path | None = None
    num_calibration: int = 100
    allow_skipped: bool = False
    io: str = "int8"
    correction: str = "fast"
    allow_float_ops: bool = False
    max_drop: float | None = None
    raw_outputs: bool = False
    per_tensor: bool = False
    quant_report: bool = False
    min_agreement: float = 0.9
    seed: int = 0
    output_dir: Path = Path("build/export")
    overwrite: bool = False

    @property
    def reads_float_ops(self) -> bool:
        """Whether ops without an integer kernel are read: also if no file has integer activations."""
        return self.allow_float_ops or not any(recipe.integer for recipe in self.recipes)


DEFAULT_SETTINGS = ExportSettings()
