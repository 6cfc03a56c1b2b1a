"""training.json in the folder of a run that trains a detector, written after each epoch that is validated."""

import hashlib
import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from mobilenet_tf.data.boxes.boxed_photos import BoxedPhotos
from mobilenet_tf.data.boxes.dataset import BoxDataset
from mobilenet_tf.errors import ResultError
from mobilenet_tf.files import replace_file
from mobilenet_tf.results.detection_record import (
    DETECTION_VERSION,
    DetectionAnswers,
    DetectionEpoch,
    DetectionRecord,
)
from mobilenet_tf.results.run_record_file import TRAINING_FILE, Examined
from mobilenet_tf.terminal import printable
from mobilenet_tf.training.config import SizedConfig
from mobilenet_tf.training.kept_models import KeptEpoch
from mobilenet_tf.training.page import remove_page
from mobilenet_tf.training.state import DetectorEpoch, Epoch

__all__ = ["DetectionRunRecord"]


class DetectionRunRecord:
    """The record of one run in `folder`. dataset: the name of its photos; examined: what was found out about them."""

    def __init__(
        self, folder: Path, data: BoxDataset, config: SizedConfig, dataset: str, examined: Examined | None
    ) -> None:
        self._path, self._data, self._config = folder / TRAINING_FILE, data, config
        self._dataset, self._examined = dataset, examined
        self._answers: DetectionAnswers | None = None

    def write(self, history: Sequence[Epoch], kept: KeptEpoch, answers: DetectionAnswers) -> None:
        """Write the record after the last epoch of `history`, whose answers are given; those of an earlier epoch stay
        if best.keras is of that one. A page of before, which shows less, is removed. Raises OSError.
        """
        if kept.epoch == answers.epoch:
            self._answers = answers
        elif self._answers is None or self._answers.epoch != kept.epoch:
            self._answers = self._answers_before(kept.epoch)
        data, config = self._data, self._config
        record = DetectionRecord(
            schema_version=DETECTION_VERSION,
            task="detection",
            name=printable(self._path.parent.name),
            dataset=printable(self._dataset),
            classes=list(data.classes),
            train_photos=len(data.train),
            train_boxes=data.train.counts(len(data.classes))[1].tolist(),
            epochs=config.epochs,
            averaged=config.ema > 0,
            settings=config.as_json(),
            history=[_epoch(epoch, config) for epoch in history],
            kept_epoch=kept.epoch,
            chosen_from=kept.among,
            validation_sha256=_sha256(data.validation, data.classes),
            answers=self._answers,
            examined=self._examined,
        )
        remove_page(self._path.parent)
        with replace_file(self._path) as partial:
            partial.write_text(record.to_json(), encoding="utf-8")

    def _answers_before(self, epoch: int) -> DetectionAnswers | None:
        """The answers of an epoch before the run was resumed; None if the record that is there has none of it."""
        try:
            answers = DetectionRecord.read(self._path).answers
        except ResultError:
            return None
        return answers if answers is not None and answers.epoch == epoch else None


def _epoch(epoch: Epoch, config: SizedConfig) -> DetectionEpoch:
    assert isinstance(epoch, DetectorEpoch)
    box_loss = epoch.box_loss if math.isfinite(epoch.box_loss) else 0.0
    return DetectionEpoch(
        epoch.epoch, epoch.epoch <= config.freeze, epoch.loss, box_loss, epoch.ap, epoch.ap50, epoch.ar
    )


def _sha256(photos: BoxedPhotos, classes: Sequence[str]) -> str:
    whole = hashlib.sha256("\n".join(classes).encode("utf-8"))
    for array in (photos.digests, *photos.boxes, *photos.classes):
        whole.update(np.ascontiguousarray(array).tobytes())
    return whole.hexdigest()
