"""The state of a training run: counters, every variable and the history, in one file that is replaced atomically."""

import json
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from mobilenet_tf.errors import OutputError
from mobilenet_tf.files import replace_file

__all__ = [
    "STATE_FILE",
    "DetectorEpoch",
    "EmbeddedEpoch",
    "Epoch",
    "PlaceEpoch",
    "RunKey",
    "RunState",
    "TaggedEpoch",
    "load_state",
    "save_state",
]

STATE_FILE = "state.npz"  # in a run's folder


@dataclass(frozen=True)
class Epoch:
    """One finished epoch: means over its training views, and what the averaged weights do on the validation photos.

    first_learning_rate: that of its first step.
    validation_loss:     mean cross-entropy; it and the mean rate are None in the state of an earlier version.
    mean_learning_rate:  over its steps.
    balanced_accuracy:   on the validation photos, see answers.balanced_accuracy; None as above.

    The top-1 of a task that has none is None. How history.csv and curves.png show an epoch:

    not_listed:   the fields without a column.
    second_loss:  the field that is drawn beside `loss`, and what it is.
    scores:       the fields that are drawn as shares, each with what it is, or None if no legend is needed.
    scores_title: of their chart.
    """

    not_listed: ClassVar[Sequence[str]] = ()
    second_loss: ClassVar[tuple[str, str]] = ("validation_loss", "validation, averaged weights")
    scores: ClassVar[Mapping[str, str | None]] = {"top1_train": None, "top1": None}
    scores_title: ClassVar[str] = "Top-1 (%)"

    epoch: int
    loss: float
    top1_train: float | None
    top1: float | None
    first_learning_rate: float
    images_per_s: float
    validation_loss: float | None = None
    mean_learning_rate: float | None = None
    balanced_accuracy: float | None = None

    @property
    def score(self) -> float | None:
        """By which the best epoch is chosen; None if the epoch was not validated."""
        return self.top1


@dataclass(frozen=True)
class DetectorEpoch(Epoch):
    """One finished epoch of a detector.

    box_loss:     the part of the loss for the places of boxes.
    ap, ap50, ar: on the validation photos, see tasks/detection_score.py; None if the epoch was not validated.
    """

    not_listed = ("top1_train", "top1", "validation_loss", "balanced_accuracy")
    second_loss = ("box_loss", "training views, of the boxes' places")
    scores: ClassVar[Mapping[str, str | None]] = {"ap": "AP", "ap50": "AP50"}
    scores_title = "AP and AP50 on the validation photos (%)"

    box_loss: float = 0.0
    ap: float | None = None
    ap50: float | None = None
    ar: float | None = None

    @property
    def score(self) -> float | None:
        """See Epoch: AP."""
        return self.ap


@dataclass(frozen=True)
class PlaceEpoch(Epoch):
    """One finished epoch of places: on the validation photos, see tasks/places.distances_score."""

    within_1_km: float = 0.0
    within_25_km: float = 0.0
    within_200_km: float = 0.0
    within_750_km: float = 0.0
    within_2500_km: float = 0.0
    median_km: float = 0.0


@dataclass(frozen=True)
class TaggedEpoch(Epoch):
    """One finished epoch of tags. mean_ap: on the validation photos, see tasks/tags.py."""

    not_listed = ("top1_train", "top1", "balanced_accuracy")
    scores: ClassVar[Mapping[str, str | None]] = {"mean_ap": None}
    scores_title = "Mean average precision on the validation photos (%)"

    mean_ap: float | None = None

    @property
    def score(self) -> float | None:
        """See Epoch: the mean average precision."""
        return self.mean_ap


@dataclass(frozen=True)
class EmbeddedEpoch(Epoch):
    """One finished epoch of embeddings, on the validation photos.

    validation_loss: the mean squared distance from the teacher's vectors; None without a teacher.
    cosine:          the mean cosine to them.
    recall_at_1:     see tasks/embeddings.py; None if no class has two photos, or classes are not known.
    """

    not_listed = ("top1_train", "top1", "balanced_accuracy")
    scores: ClassVar[Mapping[str, str | None]] = {"cosine": "cosine to the teacher", "recall_at_1": "recall@1"}
    scores_title = "Scores on the validation photos (%)"

    cosine: float | None = None
    recall_at_1: float | None = None

    @property
    def score(self) -> float | None:
        """See Epoch: the cosine to the teacher, or without one recall@1."""
        return self.recall_at_1 if self.cosine is None else self.cosine


@dataclass
class RunState:
    """How far a run is: `step` steps of `epoch` are done (both from 0), with the sums of that epoch so far.

    loss and right are sums over the steps, of the mean loss and of what the learner counts beside it, such as the share
    of photos classified correctly.
    best: the highest score of an epoch at the model's own resolution; -1 if there is none yet.
    """

    epoch: int = 0
    step: int = 0
    loss: float = 0.0
    right: float = 0.0
    seconds: float = 0.0
    best: float = -1.0
    history: list[Epoch] = field(default_factory=list)

    def to_json(self) -> str:
        """Its content, for `from_json`."""
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> "RunState":
        """The state that `to_json` wrote. Raises ValueError, KeyError or TypeError for another text."""
        content = json.loads(text)
        for epoch in content["history"]:
            if "learning_rate" in epoch:  # its name in earlier versions
                epoch["first_learning_rate"] = epoch.pop("learning_rate")
        history = [_epoch_type(epoch)(**epoch) for epoch in content["history"]]
        return cls(**{**content, "history": history})


def _epoch_type(fields: Mapping[str, Any]) -> type[Epoch]:
    """The type of the epoch that has these fields."""
    if "box_loss" in fields:
        return DetectorEpoch
    if "mean_ap" in fields:
        return TaggedEpoch
    if "recall_at_1" in fields:
        return EmbeddedEpoch
    return PlaceEpoch if "median_km" in fields else Epoch


@dataclass(frozen=True)
class RunKey:
    """What a saved state belongs to: hashes of the run's settings, and of its photos in their order."""

    settings: str
    photos: str


def save_state(path: Path, state: RunState, variables: Sequence[Any], key: RunKey) -> None:
    """Write everything a run needs to go on; a crash leaves the earlier file."""
    arrays = {f"v{number:04d}": np.asarray(variable) for number, variable in enumerate(variables)}
    try:
        with replace_file(path) as partial:
            np.savez(partial, progress=state.to_json(), key=key.settings, photos=key.photos, **arrays)
    except OSError as error:
        raise OutputError(
            f"cannot save the training state to {path}: {error.strerror}.\nThe run stops here."
        ) from error


def load_state(path: Path, variables: Sequence[Any], key: RunKey) -> RunState:
    """Set `variables` to their saved values. Raises OutputError for a broken file, or one of other settings or photos.

    A state of an earlier version does not say which photos it belongs to, only their labels, among the settings.
    """
    try:
        with path.open("rb") as file, np.load(file) as saved:
            if str(saved["key"]) != key.settings:
                raise ValueError("it was saved by a run with other settings, other classes or another number of photos")
            if str(saved.get("photos", key.photos)) != key.photos:
                raise OutputError(
                    f"cannot resume from {path}: it was saved by a run on other photos: some were changed, replaced, "
                    "renamed or moved.\nPut them back as they were, or begin again with --overwrite."
                )
            for number, variable in enumerate(variables):
                variable.assign(saved[f"v{number:04d}"])
            return RunState.from_json(str(saved["progress"]))
    except (OSError, EOFError, ValueError, KeyError, TypeError, zipfile.BadZipFile) as error:
        raise OutputError(
            f"cannot resume from {path}: {error}.\nGive the options it was begun with, or begin again with --overwrite."
        ) from error
