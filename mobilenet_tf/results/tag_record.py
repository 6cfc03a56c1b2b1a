"""The record of a training run of tags, training.json in its folder: each epoch, and what best.keras answers.

Scores are shares from 0 to 1.
"""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

from mobilenet_tf.errors import ResultError
from mobilenet_tf.json_records import parse_versioned, read_text

from .training_record import AGAIN, TRAINING_FILE

__all__ = ["TAGS_VERSION", "ExaminedTags", "TagAnswer", "TagAnswers", "TagEpoch", "TagRecord", "WrongTags"]

TAGS_VERSION = 1


@dataclass(frozen=True)
class TagEpoch:
    """One epoch, from 1: the mean loss over its training views, and what the averaged weights do on validation photos.

    res:     the resolution at which it was validated: a mean AP at another one cannot be compared.
    mean_ap: the mean over the tags of their average precisions.
    validation_loss: mean binary cross entropy; None if it is not finite.
    """

    epoch: int
    res: int
    frozen: bool
    loss: float
    mean_ap: float
    validation_loss: float | None


@dataclass(frozen=True)
class TagAnswer:
    """How well one tag is told, see tasks/tags.TagScore.

    missed, false: how many photos have it and are said not to, and the other way round.
    """

    photos: int
    ap: float | None
    threshold: float
    precision: float | None
    recall: float | None
    missed: int
    false: int


@dataclass(frozen=True)
class WrongTags:
    """A photo with wrong tags. thumbnail: what the model saw, a JPEG in base64. missed, false: indices of tags."""

    name: str
    thumbnail: str
    missed: list[int]
    false: list[int]


@dataclass(frozen=True)
class TagAnswers:
    """What the weights of one epoch answer on the validation photos.

    by_teacher: whether photos without labels were given those that the teacher decides.
    worst:      the photos with most wrong tags.
    """

    epoch: int
    photos: int
    by_teacher: bool
    mean_ap: float
    tags: list[TagAnswer]
    worst: list[WrongTags]


@dataclass(frozen=True)
class ExaminedTags:
    """What was found out before the run: the sentences of the examination, and the notes that the run began with."""

    sentences: list[str]
    notes: list[str]


@dataclass(frozen=True)
class TagRecord:
    """A training run of tags after one epoch or more. The fields are those of TrainingRecord; `classes` are the tags.

    train_tags: of how many photos to train on each tag is true.
    """

    schema_version: int
    task: Literal["tags"]
    name: str
    dataset: str
    classes: list[str]
    train_photos: int
    train_tags: list[int]
    epochs: int
    averaged: bool
    settings: dict[str, Any]
    history: list[TagEpoch]
    kept_epoch: int
    chosen_from: int
    validation_sha256: str
    answers: TagAnswers | None
    examined: ExaminedTags | None = None

    @property
    def finished(self) -> bool:
        """Whether all epochs are done."""
        return len(self.history) >= self.epochs

    @property
    def kept(self) -> TagEpoch:
        """The epoch that best.keras is of."""
        return self.history[self.kept_epoch - 1]

    def to_json(self) -> str:
        """The JSON text that `from_json` reads."""
        lines = ",\n".join(f"{json.dumps(name)}: {json.dumps(value)}" for name, value in asdict(self).items())
        return f"{{\n{lines}\n}}\n"

    @classmethod
    def from_json(cls, text: str, place: str = TRAINING_FILE) -> "TagRecord":
        """The record that `to_json` wrote. place: what an error calls it. Raises ResultError for any other text."""
        record = parse_versioned(cls, text, TAGS_VERSION, place, ResultError, AGAIN)
        assert isinstance(record, cls)
        problem = _problem(record)
        if problem is not None:
            raise ResultError(f"{place}: {problem}.\n{AGAIN}")
        return record

    @classmethod
    def read(cls, path: Path) -> "TagRecord":
        """Read the file. Raises ResultError."""
        return cls.from_json(read_text(path, ResultError), str(path))


def _problem(record: TagRecord) -> str | None:
    """Why a record whose fields have the right types cannot be that of a run; None if nothing is wrong."""
    tags, answers = len(record.classes), record.answers
    if not 1 <= record.kept_epoch <= len(record.history):
        return f"kept_epoch: expected one of the {len(record.history)} epochs; got {record.kept_epoch}"
    if len(record.train_tags) != tags:
        return f"train_tags: expected a number for each of the {tags} tags; got {len(record.train_tags)}"
    if answers is None:
        return None
    if len(answers.tags) != tags:
        return f"answers.tags: expected the scores of {tags} tags; got {len(answers.tags)}"
    if not all(0 <= one.threshold <= 1 for one in answers.tags):
        return "answers.tags: expected thresholds from 0 to 1"
    if not all(0 <= index < tags for photo in answers.worst for index in (*photo.missed, *photo.false)):
        return f"answers.worst: expected indices of tags from 0 to {tags - 1}"
    return None
