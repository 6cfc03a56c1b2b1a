"""Embeddings as a task of the training loop: batches, the cosine to the teacher, recall@1, and the record."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mobilenet_tf.results.embedding_record import EmbeddingAnswers
from mobilenet_tf.tasks.embeddings import unit
from mobilenet_tf.training.config import SizedConfig
from mobilenet_tf.training.evaluation import outputs_of
from mobilenet_tf.training.kept_models import KeptEpoch
from mobilenet_tf.training.photos_task import PhotosTask
from mobilenet_tf.training.state import EmbeddedEpoch, Epoch
from mobilenet_tf.training.task import RunInput

from .answers import answers_of
from .record import EmbeddingRunRecord
from .summary import score_text
from .teacher import VectorTeacher

__all__ = ["EmbeddingsTask"]


class EmbeddingsTask(PhotosTask):
    """See Task. res: of the network. teacher: whose vectors are learned; None: classes are.

    The best epoch is that with the highest cosine to the teacher, or without one with the highest recall@1.
    """

    epoch_type = EmbeddedEpoch

    def __init__(
        self, run: RunInput, config: SizedConfig, res: int, strategy: Any, teacher: VectorTeacher | None = None
    ) -> None:
        largest = max(res, teacher.res if teacher else res)  # the teacher sees views of photos that are large enough
        super().__init__(run, config, res, strategy, squares_for=largest)
        self._teacher, self._has_classes = teacher, bool(run.data.classes)
        self._record = EmbeddingRunRecord(run, config, res, None if teacher is None else teacher.origin["file"])
        self._targets: NDArray[np.float32] | None = None
        self._answers: EmbeddingAnswers | None = None

    def validate(
        self, model: Any, epoch: int, res: int, on_photos: Callable[[int], None]
    ) -> Mapping[str, float | None]:
        """See Task."""
        predict, images = self.to_validate(model, res)
        if self._targets is None and self._teacher is not None:
            self._targets = self._teacher.vectors(self._validation, on_photos)
        vectors = unit(outputs_of(predict, images, on_photos))
        answers = answers_of(epoch + 1, vectors, self._targets, images, has_classes=self._has_classes)
        self._answers = answers
        # The loss of the training views is the squared distance, which is twice 1 - cosine.
        loss = None if answers.cosine is None else 2 * (1 - answers.cosine)
        return {"cosine": answers.cosine, "recall_at_1": answers.recall_at_1, "validation_loss": loss}

    def line(self, epoch: Epoch) -> str:
        """See Task."""
        assert isinstance(epoch, EmbeddedEpoch)
        return score_text(epoch)

    def write_record(self, history: Sequence[Epoch], kept: KeptEpoch) -> None:
        """See Task."""
        assert self._answers is not None  # of the last epoch of `history`
        self._record.write(history, kept, self._answers)
