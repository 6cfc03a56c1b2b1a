"""The record of a training run of a detector, training.json in its folder: each epoch, and what best.keras finds.

Scores are shares from 0 to 1; boxes are (ymin, xmin, ymax, xmax), shares of the photo.
"""

from dataclasses import dataclass
from typing import Any, ClassVar, Literal

from .run_record_file import Examined, RunRecordFile

__all__ = [
    "DETECTION_VERSION",
    "ClassAnswers",
    "DetectionAnswers",
    "DetectionEpoch",
    "DetectionRecord",
    "DrawnBox",
    "WorstPhoto",
]

DETECTION_VERSION = 1
POINTS = 101  # of a curve of precision: recalls from 0 to 1


@dataclass(frozen=True)
class DetectionEpoch:
    """One epoch, from 1: mean losses over its training views; box_loss: the part for the places of boxes.

    ap, ap50, ar: of the averaged weights on the validation photos; None if the epoch was not validated.
    """

    epoch: int
    frozen: bool
    loss: float
    box_loss: float
    ap: float | None = None
    ap50: float | None = None
    ar: float | None = None


@dataclass(frozen=True)
class ClassAnswers:
    """How well one class is found. boxes: how many there are to find; without any, the scores are None.

    precision: of boxes that overlap by 0.5, at recalls from 0 to 1; none without boxes.
    found, false: how many boxes are found, and how many are found that are not there, at the threshold.
    """

    boxes: int
    ap: float | None
    ap50: float | None
    ar: float | None
    voc_ap50: float | None
    precision: list[float]
    found: int
    false: int


@dataclass(frozen=True)
class DrawnBox:
    """label: the index of its class. score: None of a box that is there. right: whether it was found, or is there."""

    box: list[float]
    label: int
    score: float | None
    right: bool


@dataclass(frozen=True)
class WorstPhoto:
    """A photo with many boxes that were missed or are not there. thumbnail: a JPEG in base64, of the stretched photo.

    width, height: of the photo in pixels.
    """

    name: str
    thumbnail: str
    width: int
    height: int
    missed: int
    false: int
    boxes: list[DrawnBox]


@dataclass(frozen=True)
class DetectionAnswers:
    """What the weights of one epoch find on the validation photos.

    threshold: the score from which on a box counts as found, below: the one with the highest F1 on these photos.
    """

    epoch: int
    photos: int
    ap: float
    ap50: float
    ap75: float
    ap_small: float | None
    ap_medium: float | None
    ap_large: float | None
    ar: float
    voc_ap50: float
    threshold: float
    classes: list[ClassAnswers]
    worst: list[WorstPhoto]


@dataclass(frozen=True)
class DetectionRecord(RunRecordFile[DetectionEpoch]):
    """A training run of a detector after one epoch or more. The fields are those of TrainingRecord.

    train_boxes: how many boxes of each class there are to train on.
    """

    version: ClassVar[int] = DETECTION_VERSION

    schema_version: int
    task: Literal["detection"]
    name: str
    dataset: str
    classes: list[str]
    train_photos: int
    train_boxes: list[int]
    epochs: int
    averaged: bool
    settings: dict[str, Any]
    history: list[DetectionEpoch]
    kept_epoch: int
    chosen_from: int
    validation_sha256: str
    answers: DetectionAnswers | None
    examined: Examined | None = None

    def problem(self) -> str | None:
        """See RunRecordFile."""
        return _problem(self)


def _problem(record: DetectionRecord) -> str | None:
    """Why a record whose fields have the right types cannot be that of a run; None if nothing is wrong."""
    classes, answers = len(record.classes), record.answers
    if len(record.train_boxes) != classes:
        return f"train_boxes: expected a number for each of the {classes} classes; got {len(record.train_boxes)}"
    if answers is None:
        return None
    if len(answers.classes) != classes:
        return f"answers.classes: expected the scores of {classes} classes; got {len(answers.classes)}"
    if any(len(one.precision) not in (0, POINTS) for one in answers.classes):
        return f"answers.classes: expected curves of {POINTS} points"
    boxes = [box for photo in answers.worst for box in photo.boxes]
    if not all(len(box.box) == 4 and 0 <= box.label < classes for box in boxes):
        return f"answers.worst: expected boxes of four numbers, with class indices from 0 to {classes - 1}"
    if any(min(photo.width, photo.height) < 1 for photo in answers.worst):
        return "answers.worst: expected photos of one pixel or more"
    return None
