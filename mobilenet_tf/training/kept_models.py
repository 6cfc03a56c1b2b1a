"""The models that a run keeps: which epoch's is the best, and the .keras files, each with the run's split inside."""

import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mobilenet_tf.contract.manifest import SPLIT_FILE
from mobilenet_tf.data.split import Split
from mobilenet_tf.files import replace_file

from .config import SizedConfig
from .state import DetectorEpoch, Epoch, TaggedEpoch

__all__ = ["KeptEpoch", "kept_epoch", "replace_member", "replace_split", "save_model", "write_split"]


@dataclass(frozen=True)
class KeptEpoch:
    """The epoch whose weights best.keras holds.

    epoch: its number, from 1.
    among: how many epochs it was chosen from.
    top1:  its top-1 on the validation photos; None before the first epoch at the model's own resolution.
    balanced_accuracy: as top1; None also in a run that an earlier version began.
    ap, ap50: as top1, of detection; mean_ap: of tags.
    """

    epoch: int
    among: int
    top1: float | None
    balanced_accuracy: float | None = None
    ap: float | None = None
    ap50: float | None = None
    mean_ap: float | None = None


def kept_epoch(history: Sequence[Epoch], config: SizedConfig, res: int) -> KeptEpoch:
    """The best epoch of a history of at least one, for a model of resolution `res`: that with the highest score,
    and the last of several. Epochs at a smaller resolution are not compared; until there is another, the last is kept.
    """
    scored = [(epoch.score, epoch.epoch, epoch) for epoch in history if epoch.score is not None]
    compared = [entry for entry in scored if config.resolutions(res, entry[1] - 1)[-1] >= res]
    if not compared:
        return KeptEpoch(history[-1].epoch, 1, None)
    best = max(compared, key=lambda entry: entry[:2])[2]
    of_boxes = (best.ap, best.ap50) if isinstance(best, DetectorEpoch) else (None, None)
    of_tags = best.mean_ap if isinstance(best, TaggedEpoch) else None
    return KeptEpoch(best.epoch, len(compared), best.top1, best.balanced_accuracy, *of_boxes, of_tags)


def save_model(model: Any, path: Path, split: Split) -> None:
    """Write a Keras model to a .keras file, complete or not at all. Raises OSError."""
    with replace_file(path) as partial:
        model.save(partial)
        with zipfile.ZipFile(partial, "a") as archive:
            _add_split(archive, split)


def replace_split(path: Path, split: Split) -> None:
    """Put another split into the .keras file `path`, which stays complete. Raises OSError for a file that is none."""
    replace_member(path, SPLIT_FILE, split.to_json())


def replace_member(path: Path, name: str, text: str) -> None:
    """Put a text into the .keras file `path`, in place of one of this name. Raises OSError for a file that is none."""
    try:
        with zipfile.ZipFile(path) as old, replace_file(path) as partial, zipfile.ZipFile(partial, "w") as new:
            for member in old.infolist():
                if member.filename != name:
                    new.writestr(member, old.read(member))
            new.writestr(name, text, zipfile.ZIP_DEFLATED)
    except zipfile.BadZipFile as error:
        raise OSError(f"{path.name} is damaged") from error


def write_split(folder: Path, split: Split) -> None:
    """Write the run's split.json. Raises OSError."""
    with replace_file(folder / SPLIT_FILE) as partial:
        partial.write_text(split.to_json(), encoding="utf-8")


def _add_split(archive: zipfile.ZipFile, split: Split) -> None:
    archive.writestr(SPLIT_FILE, split.to_json(), zipfile.ZIP_DEFLATED)
