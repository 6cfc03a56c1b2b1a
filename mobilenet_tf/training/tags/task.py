"""Tags as a task of the training loop: batches, mean average precision on the validation photos, and the record."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mobilenet_tf.results.tag_record import TagAnswers
from mobilenet_tf.tasks.tags import UNKNOWN, sigmoid
from mobilenet_tf.training.config import SizedConfig
from mobilenet_tf.training.evaluation import outputs_of
from mobilenet_tf.training.kept_models import KeptEpoch
from mobilenet_tf.training.photos_task import PhotosTask
from mobilenet_tf.training.state import Epoch, TaggedEpoch
from mobilenet_tf.training.task import RunInput

from .answers import answers_of
from .record import TagRunRecord
from .teacher import TagTeacher

__all__ = ["TagsTask"]


class TagsTask(PhotosTask):
    """See Task. res: of the network. teacher: decides the tags of validation photos without labels."""

    epoch_type = TaggedEpoch

    def __init__(
        self, run: RunInput, config: SizedConfig, res: int, strategy: Any, teacher: TagTeacher | None = None
    ) -> None:
        super().__init__(run, config, res, strategy)
        self._teacher = teacher
        self._record = TagRunRecord(run, config, res)
        self._truth: NDArray[np.int64] | None = None
        self._answers: TagAnswers | None = None

    def validate(
        self, model: Any, epoch: int, res: int, on_photos: Callable[[int], None]
    ) -> Mapping[str, float | None]:
        """See Task."""
        predict, images = self.to_validate(model, res)
        if self._truth is None:
            labels: NDArray[np.int64] = self._validation.labels
            self._truth = labels if self._teacher is None else self._teacher.labels_of(self._validation)
        logits = outputs_of(predict, images, on_photos)
        self._answers = answers_of(epoch + 1, sigmoid(logits), self._truth, images)
        return {"mean_ap": self._answers.mean_ap, "validation_loss": _loss(logits, self._truth)}

    def line(self, epoch: Epoch) -> str:
        """See Task."""
        assert isinstance(epoch, TaggedEpoch)
        return f"mean AP {epoch.mean_ap:.1%}"

    def write_record(self, history: Sequence[Epoch], kept: KeptEpoch) -> None:
        """See Task."""
        assert self._answers is not None  # of the last epoch of `history`
        self._record.write(history, kept, self._answers)


def _loss(logits: NDArray[np.float64], truth: NDArray[np.int64]) -> float:
    """The mean binary cross entropy of what is known."""
    losses = np.logaddexp(0, logits) - logits * (truth == 1)
    known = truth != UNKNOWN
    return float(losses[known].mean()) if known.any() else 0.0
