"""The record of a training run, training.json in its folder: each epoch, and what best.keras answers on each
validation photo. docs/training.md explains it; the report draws it.

Accuracies and confidences are shares from 0 to 1.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar

import numpy as np

from mobilenet_tf.data.examination import Examination, examination_problem

from .answers import Answers, WrongPhoto, confidence_bins, confusion_counts, most_confident_wrong
from .places_record import PlacesRecord, places_problem
from .run_record_file import RunRecordFile

__all__ = [
    "RECORD_VERSION",
    "ExaminedPhotos",
    "PhotoAnswers",
    "TrainedEpoch",
    "TrainingRecord",
]

RECORD_VERSION = 1


@dataclass(frozen=True)
class TrainedEpoch:
    """One epoch, from 1: means over its training views, and what the averaged weights do on the validation photos.

    res:             the resolution at which it was validated: a top-1 at another one cannot be compared.
    frozen:          whether only the classifier learned.
    validation_loss: mean cross-entropy; None if it is not known, or not finite.
    balanced_accuracy: as top1, but each class counts alike; None in records of before it was kept.
    """

    epoch: int
    res: int
    frozen: bool
    loss: float
    top1_train: float
    top1: float
    validation_loss: float | None
    balanced_accuracy: float | None = None


@dataclass(frozen=True)
class PhotoAnswers:
    """What the weights of one epoch answer on each validation photo: lists of one length, in the order of the photos.

    epoch:      whose weights these are, from 1.
    folder:     that all files are in; empty if the photos are not in files.
    names:      of the photos: the path below the folder, or the place in a shard or an array.
    true:       the class of each photo, an index; `predicted`: the class that it was given.
    confidence: the probability of that class.
    thumbnails: index of a photo -> what the model saw of it, a JPEG in base64: for some of the wrong ones.
    """

    epoch: int
    folder: str
    names: list[str]
    true: list[int]
    predicted: list[int]
    confidence: list[float]
    thumbnails: dict[str, str]


@dataclass(frozen=True)
class ExaminedPhotos:
    """What was found out about the photos before the run.

    found: their examination; the names of photos are relative to the folder of all of them, if they are in it.
    notes: that the run began with, a sentence or more each.
    """

    found: Examination
    notes: list[str]


@dataclass(frozen=True)
class TrainingRecord(RunRecordFile[TrainedEpoch]):
    """A training run after one epoch or more.

    name:              of the run: that of its folder.
    dataset:           the name of the photos.
    classes:           their names, in the order of the model's outputs.
    train_photos:      how many each class has to train on.
    epochs:            that the run was to have.
    averaged:          whether the weights that are validated and kept are the moving average.
    settings:          of the run, by name.
    history:           the epochs that are done.
    kept_epoch:        the epoch that best.keras is of.
    chosen_from:       of how many epochs it is the best.
    validation_sha256: hash of the validation photos and their classes, in order: compare accuracies only if it is
                       equal.
    answers:           of best.keras; None in a run that was begun by an earlier version.
    examined:          the photos; None in records of before it was kept.
    places:            of classes that are cells of the earth; None of others.
    """

    version: ClassVar[int] = RECORD_VERSION

    schema_version: int
    name: str
    dataset: str
    classes: list[str]
    train_photos: list[int]
    epochs: int
    averaged: bool
    settings: dict[str, Any]
    history: list[TrainedEpoch]
    kept_epoch: int
    chosen_from: int
    validation_sha256: str
    answers: PhotoAnswers | None
    examined: ExaminedPhotos | None = None
    places: PlacesRecord | None = None

    @cached_property
    def summary(self) -> Answers | None:
        """The answers summed up; None if there are none."""
        if self.answers is None:
            return None
        true, given = np.array(self.answers.true, np.int64), np.array(self.answers.predicted, np.int64)
        confidence = np.array(self.answers.confidence, np.float64)
        wrong = [self._wrong_photo(self.answers, index) for index in most_confident_wrong(confidence, true == given)]
        return Answers(self.classes, confusion_counts(true, given), confidence_bins(confidence, true == given), wrong)

    @staticmethod
    def _wrong_photo(answers: PhotoAnswers, index: int) -> WrongPhoto:
        return WrongPhoto(
            answers.names[index],
            answers.true[index],
            answers.predicted[index],
            answers.confidence[index],
            answers.thumbnails.get(str(index), ""),
        )

    def fields(self) -> dict[str, Any]:
        """See RunRecordFile."""
        fields = super().fields()
        if self.places is None:  # as before there were any
            del fields["places"]
        return fields

    def problem(self) -> str | None:
        """See RunRecordFile."""
        return _problem(self)


def _problem(record: TrainingRecord) -> str | None:
    """Why a record whose fields have the right types cannot be that of a run; None if nothing is wrong."""
    classes, answers = len(record.classes), record.answers
    if record.examined is not None and (wrong := examination_problem(record.examined.found, record.classes)):
        return f"examined.found: {wrong}"
    if len(record.train_photos) != classes:
        return f"train_photos: expected a number for each of the {classes} classes; got {len(record.train_photos)}"
    photos = None if answers is None else len(answers.names)
    if record.places is not None and (wrong := places_problem(record.places, classes, photos)):
        return f"places.{wrong}"
    if answers is None:
        return None
    columns = (answers.names, answers.true, answers.predicted, answers.confidence)
    if len({len(column) for column in columns}) > 1 or not answers.names:
        return "answers: expected names, true, predicted and confidence of each photo"
    if not all(0 <= index < classes for index in (*answers.true, *answers.predicted)):
        return f"answers: expected class indices from 0 to {classes - 1}"
    if not all(0 <= value <= 1 for value in answers.confidence):
        return "answers.confidence: expected shares from 0 to 1"
    return None
