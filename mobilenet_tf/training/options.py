"""The options of mobilenet-train with their defaults, before any file is read. TensorFlow-free."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mobilenet_tf.errors import InputError
from mobilenet_tf.weights.load import SOURCES

from .augmentation import Augmentation
from .config import TrainConfig
from .recipes import RECIPES, default_recipe

__all__ = ["TrainOptions", "options_from"]


@dataclass(frozen=True)
class TrainOptions:
    """The options of mobilenet-train; `config` holds those that say how to train, `name` is that of the data set."""

    photos: str
    config: TrainConfig
    name: str | None = None
    arch: str | None = None
    alpha: float | None = None
    res: int | None = None
    weights: str = "imagenet"
    teacher: str | None = None
    validation: Path | None = None
    validation_share: float = 0.2
    ground_truth: Path | None = None
    labels: Path | None = None
    allow_skipped: bool = False
    output_dir: Path = Path("build/train")
    resume: bool = False
    overwrite: bool = False


def options_from(
    *, learning_rate: float | None, multi_res: list[int], start_res: str | None, **options: Any
) -> TrainOptions:
    """The options of the command line, its defaults filled in. Raises InputError."""
    if options["weights"] in SOURCES:
        options |= {"alpha": options["alpha"] or 0.5, "res": options["res"] or 160}
    transfer = options["weights"] != "random"
    options["recipe"] = options["recipe"] or default_recipe(trained=transfer, quantize=options["quantize"])
    recipe = vars(RECIPES[options["recipe"]])
    options |= {name: recipe[name] for name, value in options.items() if value is None and name in recipe}
    augmentation = Augmentation(options.pop("min_crop"), options.pop("flip"), options.pop("color_jitter"))
    settings = {name: options.pop(name) for name in TrainConfig.__dataclass_fields__ if name in options}
    config = TrainConfig(
        **settings,
        rate=learning_rate,
        transfer=transfer,
        augmentation=augmentation,
        multi_res=tuple(multi_res),
        start_res=_pairs(start_res or ""),
    )
    return TrainOptions(config=config, **options)


def _pairs(text: str) -> tuple[tuple[int, int], ...]:
    """`64:24,96:7` -> ((64, 24), (96, 7))."""
    try:
        return tuple((int(res), int(epochs)) for res, epochs in (part.split(":") for part in text.split(",") if part))
    except ValueError as error:
        raise InputError(f"expected --start-res as resolution:epochs, like 64:24,96:7; got {text!r}.") from error
