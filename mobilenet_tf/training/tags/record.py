"""training.json in the folder of a run that trains tags, written after each epoch; and the thresholds in its models."""

from collections.abc import Sequence

from mobilenet_tf.results.tag_record import TagAnswers, TagEpoch, TagRecord
from mobilenet_tf.training.config import SizedConfig
from mobilenet_tf.training.kept_models import KeptEpoch, replace_member
from mobilenet_tf.training.record_writer import RecordWriter, finite, photos_sha256
from mobilenet_tf.training.run_folder import BEST_FILE, LAST_FILE
from mobilenet_tf.training.state import Epoch, TaggedEpoch
from mobilenet_tf.training.task import RunInput
from mobilenet_tf.weights.tag_thresholds import THRESHOLDS_FILE, thresholds_json

__all__ = ["TagRunRecord"]


class TagRunRecord(RecordWriter):
    """The record of one run of a network of resolution `res`."""

    record_type = TagRecord

    def __init__(self, run: RunInput, config: SizedConfig, res: int) -> None:
        super().__init__(run, config)
        self._res = res

    def write(self, history: Sequence[Epoch], kept: KeptEpoch, answers: TagAnswers) -> None:
        """Write the record after the last epoch of `history`, whose answers are given; those of an earlier epoch stay
        if best.keras is of that one. The models of this epoch get its thresholds. Raises OSError.
        """
        self.keep(kept, answers.epoch, lambda: answers)
        thresholds = thresholds_json([one.threshold for one in answers.tags])
        for name in (LAST_FILE, *([BEST_FILE] if kept.epoch == answers.epoch else [])):
            replace_member(self.run.folder / name, THRESHOLDS_FILE, thresholds)
        data = self.run.data
        self.write_fields(
            kept,
            task="tags",
            train_photos=len(data.train),
            train_tags=data.train.counts().tolist(),
            history=[self._epoch(epoch) for epoch in history],
            validation_sha256=photos_sha256(data.validation, data.classes),
        )

    def _epoch(self, epoch: Epoch) -> TagEpoch:
        assert isinstance(epoch, TaggedEpoch)
        return TagEpoch(
            epoch=epoch.epoch,
            res=self.validated_at(self._res, epoch.epoch),
            frozen=epoch.epoch <= self.config.freeze,
            loss=epoch.loss,
            mean_ap=epoch.mean_ap or 0.0,
            validation_loss=finite(epoch.validation_loss),
        )
