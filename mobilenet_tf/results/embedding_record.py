"""The record of a training run of embeddings, training.json in its folder: each epoch, and what best.keras answers.

Shares are from 0 to 1.
"""

from dataclasses import dataclass
from typing import Any, ClassVar, Literal

from .run_record_file import Examined, RunRecordFile

__all__ = ["EMBEDDING_VERSION", "EmbeddingAnswers", "EmbeddingEpoch", "EmbeddingRecord", "NearPhoto", "ShownPhoto"]

EMBEDDING_VERSION = 1


@dataclass(frozen=True)
class EmbeddingEpoch:
    """One epoch, from 1: the mean loss over its training views, and what the averaged weights do on validation photos.

    res:         the resolution at which it was validated: scores at another one cannot be compared.
    cosine:      the mean cosine to the vectors of the teacher; None without one.
    recall_at_1: the share of photos whose nearest other one is of their class; None if no class has two.
    """

    epoch: int
    res: int
    frozen: bool
    loss: float
    cosine: float | None
    recall_at_1: float | None


@dataclass(frozen=True)
class NearPhoto:
    """A photo that is near another one. thumbnail: what the model saw, a JPEG in base64. label: the index of its class,
    None without classes. cosine: to the other one.
    """

    name: str
    thumbnail: str
    label: int | None
    cosine: float


@dataclass(frozen=True)
class ShownPhoto:
    """A photo and its nearest others, the nearest first.

    is_wrong: whether the nearest is of another class; without classes, whether it is not the teacher's nearest.
    expected: the teacher's nearest of a photo without a class; None if it is the same, or not shown.
    """

    name: str
    thumbnail: str
    label: int | None
    is_wrong: bool
    nearest: list[NearPhoto]
    expected: NearPhoto | None


@dataclass(frozen=True)
class EmbeddingAnswers:
    """What the weights of one epoch answer on the validation photos.

    recall_photos: how many photos recall_at_1 is of.
    agreement: the share of photos whose nearest other photo is the teacher's; None without one.
    teacher_recall_at_1: that of the teacher's vectors; None without one, or as recall_at_1.
    shown:     photos with their nearest, the wrong ones first.
    """

    epoch: int
    photos: int
    cosine: float | None
    recall_at_1: float | None
    recall_photos: int
    agreement: float | None
    teacher_recall_at_1: float | None
    shown: list[ShownPhoto]


@dataclass(frozen=True)
class EmbeddingRecord(RunRecordFile[EmbeddingEpoch]):
    """A training run of embeddings after one epoch or more. The fields are those of TrainingRecord.

    classes:    of the photos; none if nothing says them.
    dimensions: of the vectors.
    teacher:    the name of the teacher's file; None of a run by ArcFace.
    """

    version: ClassVar[int] = EMBEDDING_VERSION

    schema_version: int
    task: Literal["embedding"]
    name: str
    dataset: str
    classes: list[str]
    dimensions: int
    teacher: str | None
    train_photos: int
    epochs: int
    averaged: bool
    settings: dict[str, Any]
    history: list[EmbeddingEpoch]
    kept_epoch: int
    chosen_from: int
    validation_sha256: str
    answers: EmbeddingAnswers | None
    examined: Examined | None = None

    def problem(self) -> str | None:
        """See RunRecordFile."""
        if self.answers is None:
            return None
        shown = self.answers.shown
        photos = [*shown, *(near for one in shown for near in one.nearest), *(one.expected for one in shown)]
        labels = [photo.label for photo in photos if photo is not None and photo.label is not None]
        if not all(0 <= label < len(self.classes) for label in labels):
            return f"answers.shown: expected indices of the {len(self.classes)} classes"
        return None
