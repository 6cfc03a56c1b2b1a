"""training.json in a run's folder, written after each epoch: what the report shows of the run."""

import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from mobilenet_tf.data.dataset import Dataset, Photos
from mobilenet_tf.data.examination_text import relative_name
from mobilenet_tf.results.answers import most_confident_wrong
from mobilenet_tf.results.places_record import PlacesRecord
from mobilenet_tf.results.thumbnails import thumbnail_text
from mobilenet_tf.results.training_record import (
    ExaminedPhotos,
    PhotoAnswers,
    TrainedEpoch,
    TrainingRecord,
)
from mobilenet_tf.terminal import printable

from .config import SizedConfig
from .evaluation import Evaluation, EvaluationImages
from .kept_models import KeptEpoch
from .record_writer import RecordWriter, finite, photos_sha256
from .state import Epoch
from .task import RunInput

__all__ = ["RunRecord", "examined_photos"]

DIGITS = 6  # of a confidence


class RunRecord(RecordWriter):
    """The record of one run of a network of resolution `res`."""

    record_type = TrainingRecord

    def __init__(self, run: RunInput, config: SizedConfig, res: int) -> None:
        super().__init__(run, config)
        self._res = res

    def write(
        self,
        history: Sequence[Epoch],
        kept: KeptEpoch,
        validation: Evaluation,
        images: EvaluationImages,
        places: PlacesRecord | None = None,
    ) -> None:
        """Write the record after the last epoch of `history`, whose `validation` was on `images`.

        If best.keras is of an earlier epoch, its answers stay. Raises OSError. places: of a run whose classes are cells
        of the earth.
        """
        data, last = self.run.data, history[-1].epoch
        self.keep(kept, last, lambda: self._answers_of(last, validation, images))
        self.write_fields(
            kept,
            train_photos=np.bincount(data.train.labels, minlength=len(data.classes)).tolist(),
            history=[self._epoch(epoch) for epoch in history],
            validation_sha256=photos_sha256(data.validation, data.classes),
            places=places,
        )

    def _epoch(self, epoch: Epoch) -> TrainedEpoch:
        return TrainedEpoch(
            epoch=epoch.epoch,
            res=self.validated_at(self._res, epoch.epoch),
            frozen=epoch.epoch <= self.config.freeze,
            loss=epoch.loss,
            top1_train=epoch.top1_train or 0.0,
            top1=epoch.top1 or 0.0,
            validation_loss=finite(epoch.validation_loss),
            balanced_accuracy=epoch.balanced_accuracy,
        )

    def _answers_of(self, epoch: int, validation: Evaluation, images: EvaluationImages) -> PhotoAnswers:
        folder, names = _names(self.run.data.validation)
        confidence = np.nan_to_num(validation.confidence)  # of logits that are infinite it is no number
        wrong = most_confident_wrong(confidence, validation.predicted == images.labels)
        return PhotoAnswers(
            epoch=epoch,
            folder=folder,
            names=names,
            true=images.labels.tolist(),
            predicted=validation.predicted.tolist(),
            confidence=[round(value, DIGITS) for value in confidence.tolist()],
            thumbnails={str(index): thumbnail_text(images.image(index)) for index in wrong},
        )


def examined_photos(data: Dataset, folder: Path, notes: Sequence[str]) -> ExaminedPhotos:
    """What is kept of the examination of `data`. folder: the one that names of photos are to be relative to."""
    found = data.examined()
    copies = tuple(
        replace(group, names=tuple(relative_name(name, folder) for name in group.names)) for group in found.copies
    )
    return ExaminedPhotos(
        replace(found, copies=copies), [" ".join(map(printable, note.splitlines())) for note in notes]
    )


def _names(photos: Photos) -> tuple[str, list[str]]:
    """(the folder that all files are in, or nothing; the names of the photos without it)."""
    names = [photos.name(index) for index in range(len(photos))]
    folder = os.path.commonpath(map(os.path.dirname, names)) if all(os.path.dirname(name) for name in names) else ""
    return printable(folder), [printable(os.path.relpath(name, folder) if folder else name) for name in names]
