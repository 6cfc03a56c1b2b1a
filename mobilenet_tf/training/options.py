"""The options of mobilenet-train with their defaults, before any file is read. TensorFlow-free."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mobilenet_tf.errors import InputError
from mobilenet_tf.weights.load import SOURCES

from .augmentation import Augmentation
from .config import TrainConfig
from .detection.settings import DetectionSettings
from .embeddings.settings import EMBEDDING, check_options
from .places.settings import CELL_PHOTOS, PLACES, cell_photos
from .recipes import RECIPES, default_recipe

__all__ = ["CLASSIFICATION", "DETECTION", "TAGS", "TrainOptions", "options_from"]

CLASSIFICATION, DETECTION, TAGS = "classification", "detection", "tags"
USUAL_RES = {CLASSIFICATION: 160, DETECTION: 300, EMBEDDING: 160, PLACES: 160, TAGS: 160}
# Options that a detector does not have, with the value that leaves them out.
NOT_OF_DETECTION: dict[str, Any] = {
    "recipe": None, "teacher": None, "quantize": False, "multi_res": [], "start_res": None, "ground_truth": None,
}  # fmt: skip


@dataclass(frozen=True)
class TrainOptions:
    """The options of mobilenet-train; `config` holds those that say how to train, `name` is that of the data set."""

    photos: str
    config: TrainConfig
    task: str = CLASSIFICATION
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
    cell_photos: tuple[int, int] = CELL_PHOTOS
    dimensions: int | None = None
    teacher_range: str | None = None
    hold_out_classes: bool = False
    allow_skipped: bool = False
    output_dir: Path = Path("build/train")
    resume: bool = False
    overwrite: bool = False


def options_from(
    *, learning_rate: float | None, multi_res: list[int], start_res: str | None, **options: Any
) -> TrainOptions:
    """The options of the command line, its defaults filled in. Raises InputError."""
    task = options["task"] = options.get("task") or task_of(options["photos"], options["ground_truth"])
    if task == TAGS:
        _check_tags(options)
    check_options(options, task)
    only_detection = {name: options.pop(name, None) for name in ("class_loss", "expand", "validate_every")}
    detection = _detection(only_detection, {**options, "multi_res": multi_res, "start_res": start_res}, task)
    options["cell_photos"] = cell_photos(options.get("cell_photos"), task, options)
    if options["weights"] in SOURCES:
        options |= {"alpha": options["alpha"] or 0.5, "res": options["res"] or USUAL_RES[task]}
    transfer = options["weights"] != "random"
    usual = DETECTION if detection else default_recipe(trained=transfer, quantize=options["quantize"])
    options["recipe"] = options["recipe"] or usual
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
        detection=detection,
    )
    return TrainOptions(config=config, **options)


def task_of(photos: str, ground_truth: Path | None) -> str:
    """The task that the labels of photos are for: detection if there are boxes, tags if several of them are true of a
    photo, else classification.
    """
    if photos == "cifar10" or photos.startswith("tfds:"):
        return CLASSIFICATION
    from mobilenet_tf.data.boxes.find import has_boxes
    from mobilenet_tf.data.tags.find import has_tags

    if ground_truth is None and has_boxes(photos):
        return DETECTION
    return TAGS if has_tags(photos, ground_truth) else CLASSIFICATION


def _check_tags(options: dict[str, Any]) -> None:
    """Raise InputError for what tags cannot be trained with."""
    if options["quantize"]:
        raise InputError(f"--quantize: only classification has this.\nLeave it out, or give --task {CLASSIFICATION}.")
    if options["photos"] == "cifar10" or options["photos"].startswith("tfds:"):
        raise InputError(
            f"expected a folder of photos with tags, or a list of them; {options['photos']} has classes.\n"
            "Leave --task out."
        )


def _detection(given: dict[str, Any], options: dict[str, Any], task: str) -> DetectionSettings | None:
    """The settings that only detection has; None for another task. Raises InputError for options of other tasks."""
    chosen = {name: value for name, value in given.items() if value is not None}
    if task != DETECTION:
        if chosen:
            names = ", ".join(f"--{name.replace('_', '-')}" for name in chosen)
            raise InputError(f"{names}: only detection has this.\nLeave it out, or give photos with boxes.")
        return None
    refused = [name for name, value in NOT_OF_DETECTION.items() if options.get(name, value) != value]
    if refused:
        names = ", ".join(f"--{name.replace('_', '-')}" for name in refused)
        raise InputError(f"{names}: only classification has this.\nLeave it out, or give --task {CLASSIFICATION}.")
    return DetectionSettings(**chosen)


def _pairs(text: str) -> tuple[tuple[int, int], ...]:
    """`64:24,96:7` -> ((64, 24), (96, 7))."""
    try:
        return tuple((int(res), int(epochs)) for res, epochs in (part.split(":") for part in text.split(",") if part))
    except ValueError as error:
        raise InputError(f"expected --start-res as resolution:epochs, like 64:24,96:7; got {text!r}.") from error
