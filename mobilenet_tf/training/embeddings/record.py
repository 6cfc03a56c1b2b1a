"""training.json in the folder of a run that trains embeddings, written after each epoch."""

from collections.abc import Sequence

from mobilenet_tf.results.embedding_record import EmbeddingAnswers, EmbeddingEpoch, EmbeddingRecord
from mobilenet_tf.training.config import SizedConfig
from mobilenet_tf.training.kept_models import KeptEpoch
from mobilenet_tf.training.record_writer import RecordWriter, photos_sha256
from mobilenet_tf.training.state import EmbeddedEpoch, Epoch
from mobilenet_tf.training.task import RunInput

__all__ = ["EmbeddingRunRecord"]


class EmbeddingRunRecord(RecordWriter):
    """The record of one run of a network of resolution `res`. teacher: the name of its file, or None."""

    record_type = EmbeddingRecord

    def __init__(self, run: RunInput, config: SizedConfig, res: int, teacher: str | None) -> None:
        super().__init__(run, config)
        self._res, self._teacher = res, teacher

    def write(self, history: Sequence[Epoch], kept: KeptEpoch, answers: EmbeddingAnswers) -> None:
        """Write the record after the last epoch of `history`, whose answers are given; those of an earlier epoch stay
        if best.keras is of that one. Raises OSError.
        """
        self.keep(kept, answers.epoch, lambda: answers)
        data = self.run.data
        self.write_fields(
            kept,
            task="embedding",
            dimensions=data.dimensions,
            teacher=self._teacher,
            train_photos=len(data.train),
            history=[self._epoch(epoch) for epoch in history],
            validation_sha256=photos_sha256(data.validation, data.classes),
        )

    def _epoch(self, epoch: Epoch) -> EmbeddingEpoch:
        assert isinstance(epoch, EmbeddedEpoch)
        return EmbeddingEpoch(
            epoch=epoch.epoch,
            res=self.validated_at(self._res, epoch.epoch),
            frozen=epoch.epoch <= self.config.freeze,
            loss=epoch.loss,
            cosine=epoch.cosine,
            recall_at_1=epoch.recall_at_1,
        )
