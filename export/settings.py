"""What a person chooses about one export."""

from dataclasses import dataclass
from pathlib import Path

from mobilenet_tf.contract.manifest import Task
from mobilenet_tf.tflite.given_input import Normalization

from .recipes import RECIPES, Recipe

__all__ = ["DEFAULT_SETTINGS", "ExportSettings"]

AGREEMENT, AGREEMENT_OF_EMBEDDINGS = 0.9, 0.8  # with float, that passes


@dataclass(frozen=True)
class ExportSettings:
    """The settings of one export; fields are named as the options of mobilenet-export.

    alpha, res, classes: None for those of the weights.
    labels, calibration: None for the labels beside the weights, and for the bundled photos.
    task:     what the files give; None for what the network gives.
    max_drop: the percentage of photos, at most, that int8 may give another best class than float, or of a detector's
        objects that not both find; None for no bound.
    min_agreement: from 0 to 1; None for `least_agreement`'s own.
    raw_outputs: of a detector: its files give the boxes and scores of all anchors, without post-processing.
    normalization: what bytes become for a network of other people; None for what its file shows.
    """

    recipes: tuple[Recipe, ...] = (RECIPES["float32"], RECIPES["int8"])
    arch: str | None = None
    alpha: float | None = None
    res: int | None = None
    weights: str = "imagenet"
    task: Task | None = None
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
    min_agreement: float | None = None
    seed: int = 0
    output_dir: Path = Path("build/export")
    overwrite: bool = False

    def least_agreement(self, *, embedding: bool = False, random: bool = False) -> float:
        """The least agreement that passes. random: the weights are: nothing can be expected of them.

        Of many photos that look alike, several are nearly as near as the nearest one: embeddings must agree less often.
        """
        if random:
            return 0.0
        usual = AGREEMENT_OF_EMBEDDINGS if embedding else AGREEMENT
        return usual if self.min_agreement is None else self.min_agreement

    @property
    def reads_float_ops(self) -> bool:
        """Whether ops without an integer kernel are read: also if no file has integer activations."""
        return self.allow_float_ops or not any(recipe.integer for recipe in self.recipes)


DEFAULT_SETTINGS = ExportSettings()
