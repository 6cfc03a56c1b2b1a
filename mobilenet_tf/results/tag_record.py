"""The record of a training run of tags, training.json in its folder: each epoch, and what best.keras answers.

Scores are shares from 0 to 1.
"""

from dataclasses import dataclass
from typing import Any, ClassVar, Literal

from .run_record_file import Examined, RunRecordFile

__all__ = ["TAGS_VERSION", "TagAnswer", "TagAnswers", "TagEpoch", "TagRecord", "WrongTags"]

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
class TagRecord(RunRecordFile[TagEpoch]):
    """A training run of tags after one epoch or more. The fields are those of TrainingRecord; `classes` are the tags.

    train_tags: of how many photos to train on each tag is true.
    """

    version: ClassVar[int] = TAGS_VERSION

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
    examined: Examined | None = None

    def problem(self) -> str | None:
        """See RunRecordFile."""
        return _problem(self)


def _problem(record: TagRecord) -> str | None:
    """Why a record whose fields have the right types cannot be that of a run; None if nothing is wrong."""
    tags, answers = len(record.classes), record.answers
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
