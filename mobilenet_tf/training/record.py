"""training.json in a run's folder, written after each epoch: what the report shows of the run."""

import hashlib
import math
import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from mobilenet_tf.data.dataset import Dataset, Photos
from mobilenet_tf.data.examination_text import relative_name
from mobilenet_tf.errors import ResultError
from mobilenet_tf.files import replace_file
from mobilenet_tf.results.answers import most_confident_wrong
from mobilenet_tf.results.places_record import PlacesRecord
from mobilenet_tf.results.run_record_file import TRAINING_FILE
from mobilenet_tf.results.thumbnails import thumbnail_text
from mobilenet_tf.results.training_record import (
    RECORD_VERSION,
    ExaminedPhotos,
    PhotoAnswers,
    TrainedEpoch,
    TrainingRecord,
)
from mobilenet_tf.terminal import printable

from .config import SizedConfig
from .evaluation import Evaluation, EvaluationImages
from .kept_models import KeptEpoch
from .page import remove_page
from .state import Epoch

__all__ = ["RunRecord", "examined_photos"]

DIGITS = 6  # of a confidence


class RunRecord:
    """The record of one run of a network of resolution `res` in `folder`.

    dataset:  the name of its photos.
    examined: what was found out about them, if it is known.
    """

    def __init__(
        self,
        folder: Path,
        data: Dataset,
        config: SizedConfig,
        res: int,
        dataset: str,
        examined: ExaminedPhotos | None = None,
    ) -> None:
        self._path, self._data, self._config, self._res = folder / TRAINING_FILE, data, config, res
        self._dataset, self._examined = dataset, examined
        self._answers: PhotoAnswers | None = None

    def write(
        self,
        history: Sequence[Epoch],
        kept: KeptEpoch,
        validation: Evaluation,
        images: EvaluationImages,
        places: PlacesRecord | None = None,
    ) -> None:
        """Write the record after the last epoch of `history`, whose `validation` was on `images`.

        If best.keras is of an earlier epoch, its answers stay. A page of before, which shows less, is removed. Raises
        OSError. places: of a run whose classes are cells of the earth.
        """
        if kept.epoch == history[-1].epoch:
            self._answers = self._answers_of(kept.epoch, validation, images)
        elif self._answers is None or self._answers.epoch != kept.epoch:
            self._answers = self._answers_before(kept.epoch)
        data, config = self._data, self._config
        record = TrainingRecord(
            schema_version=RECORD_VERSION,
            name=printable(self._path.parent.name),
            dataset=printable(self._dataset),
            classes=list(data.classes),
            train_photos=np.bincount(data.train.labels, minlength=len(data.classes)).tolist(),
            epochs=config.epochs,
            averaged=config.ema > 0,
            settings=config.as_json(),
            history=[self._epoch(epoch) for epoch in history],
            kept_epoch=kept.epoch,
            chosen_from=kept.among,
            validation_sha256=_photos_sha256(data.validation, data.classes),
            answers=self._answers,
            examined=self._examined,
            places=places,
        )
        remove_page(self._path.parent)
        with replace_file(self._path) as partial:
            partial.write_text(record.to_json(), encoding="utf-8")

    def _epoch(self, epoch: Epoch) -> TrainedEpoch:
        loss = epoch.validation_loss
        return TrainedEpoch(
            epoch=epoch.epoch,
            res=min(self._config.resolutions(self._res, epoch.epoch - 1)[-1], self._res),
            frozen=epoch.epoch <= self._config.freeze,
            loss=epoch.loss,
            top1_train=epoch.top1_train or 0.0,
            top1=epoch.top1 or 0.0,
            validation_loss=None if loss is None or not math.isfinite(loss) else loss,
            balanced_accuracy=epoch.balanced_accuracy,
        )

    def _answers_of(self, epoch: int, validation: Evaluation, images: EvaluationImages) -> PhotoAnswers:
        folder, names = _names(self._data.validation)
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

    def _answers_before(self, epoch: int) -> PhotoAnswers | None:
        """The answers of an epoch before the run was resumed; None if the record that is there has none of it."""
        try:
            answers = TrainingRecord.read(self._path).answers
        except ResultError:
            return None
        return answers if answers is not None and answers.epoch == epoch else None


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


def _photos_sha256(photos: Photos, classes: Sequence[str]) -> str:
    content = photos.labels.tobytes() + photos.digests.tobytes() + "\n".join(classes).encode("utf-8")
    return hashlib.sha256(content).hexdigest()
