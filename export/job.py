"""One export's options, and its input, read and checked before anything is made."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from mobilenet_tf.errors import InputError
from mobilenet_tf.files import refuse_unwritable
from mobilenet_tf.weights.class_names import labels_beside, labels_for
from mobilenet_tf.weights.load import Weights, load_weights

from .calibration import Split, load_split
from .quantize import ROUNDS
from .recipes import Recipe

__all__ = ["Job", "Options", "prepare"]


@dataclass(frozen=True)
class Options:
    """What to export, apart from alpha and res; the fields are mobilenet-export's options."""

    recipes: Sequence[Recipe]
    arch: str | None = None
    weights: str = "imagenet"
    classes: int | None = None
    drop_background: bool = False
    labels: Path | None = None
    calibration: Path | None = None
    num_calibration: int = 100
    io: str = "int8"
    correction: str = "fast"
    per_tensor: bool = False
    quant_report: bool = False
    min_agreement: float = 0.9
    seed: int = 0
    output_dir: Path = Path("build/export")
    overwrite: bool = False


@dataclass(frozen=True)
class Job:
    """One export whose input has been read and found good. `notes` are for the person to read."""

    options: Options
    weights: Weights
    labels: list[str]
    split: Split
    target: Path
    notes: tuple[str, ...]

    @property
    def stages(self) -> int:
        """How many stages `export_model` will tell of."""
        tuned = any(recipe.name == "int8" for recipe in self.options.recipes) and self.options.correction == "best"
        return 2 + 2 * len(self.options.recipes) + ROUNDS * tuned


def prepare(options: Options, alpha: float | None, res: int | None) -> Job:
    """Read and check everything an export needs; writes nothing. Raises InputError."""
    weights = load_weights(
        options.weights,
        arch=options.arch,
        alpha=alpha,
        res=res,
        classes=options.classes,
        drop_background=options.drop_background,
        seed=options.seed,
    )
    labels, labels_note = labels_for(weights, options.labels or labels_beside(weights, options.weights))
    if options.per_tensor and any(recipe.quantized and not recipe.integer for recipe in options.recipes):
        raise InputError(
            "--per-tensor is for integer recipes; dynamic_int8 has per-channel kernels only.\n"
            "Leave dynamic_int8 out of --quant, or --per-tensor out."
        )
    if options.quant_report and not any(recipe.quantized for recipe in options.recipes):
        raise InputError("--quant-report tells of quantized files; --quant names none. Add int8 to it.")
    target = options.output_dir / weights.spec.name
    refuse_unwritable(target, overwrite=options.overwrite)
    split = load_split(
        options.calibration,
        res=weights.spec.res,
        count=options.num_calibration,
        seed=options.seed,
        bundled="cifar10" if weights.source == "cifar10" else "imagenet",
    )
    notes = [*weights.notes, *split.warnings]
    if labels_note:
        notes.append(labels_note)
    if split.folder is None and any(recipe.quantized for recipe in options.recipes):
        notes.append("calibrated on the bundled photos; about 100 of your own (--calibration DIR) are better.")
    return Job(options, weights, labels, split, target, tuple(notes))
