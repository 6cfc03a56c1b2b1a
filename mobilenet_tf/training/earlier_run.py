"""What an earlier run left in the folder of a new one, and whether the new one fits it: its photos and its options."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from mobilenet_tf.contract.labels import LABELS_FILE, read_labels
from mobilenet_tf.contract.manifest import SPLIT_FILE
from mobilenet_tf.data.split import Split
from mobilenet_tf.errors import DataError, InputError, LabelsError, OutputError
from mobilenet_tf.terminal import printable, shortened_list

from .config import TrainConfig
from .options import TrainOptions
from .recipes import Recipe
from .run_folder import SETTINGS_FILE
from .state import STATE_FILE

__all__ = ["check_earlier_run", "differing_options"]

# Names in run.json -> the options that they come from, if these have other names.
OPTIONS = {
    "rate": "--learning-rate",
    "color": "--color-jitter",
    "train_images": "training photos:",
    "validation_images": "validation photos:",
}
COUNTS = ("train_images", "validation_images")


@dataclass(frozen=True)
class EarlierRun:
    """What the files of a run's folder say; empty or None if they do not, as in a folder of an earlier version."""

    classes: tuple[str, ...]
    settings: Mapping[str, Any]
    split: Split | None

    def is_on_other_photos(self, classes: Sequence[str], split: Split) -> bool:
        """Whether its classes are others, or its validation photos are all unknown to the new run's split."""
        if self.classes and self.classes != tuple(classes):
            return True
        return self.split is not None and not self.split.validation & (split.train | split.validation)

    @property
    def description(self) -> str:
        """Its photos in a few words, for the person to recognize it."""
        place = f" in {printable(self.settings['photos'])}" if isinstance(self.settings.get("photos"), str) else ""
        return f"other photos{place}" + f", of the classes {shortened_list([*self.classes])}" * bool(self.classes)


def check_earlier_run(
    folder: Path, options: TrainOptions, classes: Sequence[str], split: Split, settings: Mapping[str, Any]
) -> tuple[str, ...]:
    """Notes on the run whose state `folder` holds, if it does, before a new one of these options, classes, split and
    settings.

    Raises InputError if it is to be resumed, and its photos or options are others; OutputError if it is neither to be
    resumed nor replaced.
    """
    if not (folder / STATE_FILE).exists():
        return ()
    run = _read(folder)
    other = run.is_on_other_photos(classes, split)
    if options.overwrite:
        what = f"--overwrite: the run in {folder}, on {run.description}, goes when the first epoch of this one is done."
        return (what,) if other else ()
    if other and options.resume:
        raise InputError(
            f"cannot resume the run in {folder}: it was begun on {run.description}.\n"
            "Leave --resume out, and give this run a --name of its own or another --output-dir."
        )
    if other:
        raise OutputError(
            f"{folder} holds a run on {run.description}.\n"
            "Give this run a --name of its own or another --output-dir. (--overwrite would throw that run away.)"
        )
    if not options.resume:
        raise OutputError(f"{folder} holds an earlier run.\nGo on with it by --resume, or replace it by --overwrite.")
    differing = differing_options(run.settings, settings, options.config)
    if differing:
        begun, now = (", ".join(pair[side] for pair in differing) for side in (0, 1))
        raise InputError(
            f"cannot resume the run in {folder}: it was begun with {begun}; now {now}.\n"
            "Give what it was begun with, or begin again with --overwrite."
        )
    return ()


def differing_options(begun: Mapping[str, Any], now: Mapping[str, Any], given: TrainConfig) -> list[tuple[str, str]]:
    """(as it was begun, as it is now) for each option that differs in two contents of run.json.

    given: the settings of the command line, where None is a value that follows from others: it is not named beside
           the difference that it follows from. What only one of the two knows is of another version, and not compared.
    """
    one, other = _flat(begun), _flat(json.loads(json.dumps(now)))
    differing = {name for name in other if name in one and one[name] != other[name]}
    if "recipe" in differing:
        differing -= {field.name for field in fields(Recipe)}
    counts = differing & {*COUNTS}
    if not counts:
        differing.discard("validation_share")  # there are validation photos of their own
    if given.freeze is None and (counts or differing & {"epochs", "recipe"}):
        differing.discard("freeze")
    if counts and one.get("batch_size") == one.get("train_images"):
        differing.discard("batch_size")  # no batch is larger than all photos
    if given.epochs is None and (counts or "recipe" in differing):
        differing.discard("epochs")
    return [(_as_option(name, one[name]), _as_option(name, other[name])) for name in other if name in differing]


def _flat(settings: Mapping[str, Any]) -> dict[str, Any]:
    """The settings that a resumed run must share with the run as it was begun, by name."""
    config = settings.get("config")
    config = dict(config) if isinstance(config, Mapping) else {}
    augmentation, detection = config.pop("augmentation", {}), config.pop("detection", None) or {}
    counts = {
        name: settings[name]
        for name in (*COUNTS, "validation_share", "hold_out_classes", "dimensions", "teacher")
        if name in settings
    }
    return {**counts, **config, **augmentation, **detection}


def _as_option(name: str, value: Any) -> str:
    """As a person knows it from the command line."""
    if name == "transfer":
        return "trained --weights" if value else "--weights random"
    option = OPTIONS.get(name, f"--{name.replace('_', '-')}")
    if value is True:
        return option
    if value is False and name == "flip":
        return "--no-flip"
    if value is None or value is False or value == []:
        return f"no {option}"
    if isinstance(value, list):
        return f"{option} {','.join(':'.join(map(str, v)) if isinstance(v, list) else str(v) for v in value)}"
    return f"{option} {value}"


def _read(folder: Path) -> EarlierRun:
    try:
        classes = tuple(read_labels(folder / LABELS_FILE))
    except LabelsError:
        classes = ()
    try:
        settings = json.loads((folder / SETTINGS_FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        settings = {}
    try:
        split = Split.from_json((folder / SPLIT_FILE).read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, DataError):
        split = None
    return EarlierRun(classes, settings if isinstance(settings, dict) else {}, split)
