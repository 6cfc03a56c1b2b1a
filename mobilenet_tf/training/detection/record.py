"""training.json in the folder of a run that trains a detector, written after each epoch that is validated."""

import hashlib
import math
from collections.abc import Sequence

import numpy as np

from mobilenet_tf.data.boxes.boxed_photos import BoxedPhotos
from mobilenet_tf.results.detection_record import (
    DetectionAnswers,
    DetectionEpoch,
    DetectionRecord,
)
from mobilenet_tf.training.config import SizedConfig
from mobilenet_tf.training.kept_models import KeptEpoch
from mobilenet_tf.training.record_writer import RecordWriter
from mobilenet_tf.training.state import DetectorEpoch, Epoch

__all__ = ["DetectionRunRecord"]


class DetectionRunRecord(RecordWriter):
    """The record of one run."""

    record_type = DetectionRecord

    def write(self, history: Sequence[Epoch], kept: KeptEpoch, answers: DetectionAnswers) -> None:
        """Write the record after the last epoch of `history`, whose answers are given; those of an earlier epoch stay
        if best.keras is of that one. Raises OSError.
        """
        self.keep(kept, answers.epoch, lambda: answers)
        data = self.run.data
        self.write_fields(
            kept,
            task="detection",
            train_photos=len(data.train),
            train_boxes=data.train.counts(len(data.classes))[1].tolist(),
            history=[_epoch(epoch, self.config) for epoch in history],
            validation_sha256=_sha256(data.validation, data.classes),
        )


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
