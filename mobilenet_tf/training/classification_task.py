"""Classification as a task of the training loop: its batches, top-1 on the validation photos, and the record."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mobilenet_tf.results.answers import balanced_accuracy, confusion_counts
from mobilenet_tf.results.places_record import PlacesRecord

from .config import SizedConfig
from .evaluation import Evaluation, evaluate
from .kept_models import KeptEpoch
from .photos_task import PhotosTask
from .record import RunRecord
from .state import Epoch
from .task import RunInput

__all__ = ["ClassificationTask"]


class ClassificationTask(PhotosTask):
    """See Task. res: of the network."""

    epoch_type: type[Epoch] = Epoch

    def __init__(self, run: RunInput, config: SizedConfig, res: int, strategy: Any) -> None:
        super().__init__(run, config, res, strategy)
        self._record = RunRecord(run, config, res)
        self._found: Evaluation | None = None

    def trained(self, counted: float) -> Mapping[str, float | None]:
        """See Task: the learner counts the photos that are classified correctly."""
        return {"top1_train": counted}

    def validate(
        self, model: Any, epoch: int, res: int, on_photos: Callable[[int], None]
    ) -> Mapping[str, float | None]:
        """See Task."""
        del epoch
        predict, images = self.to_validate(model, res)
        found = self._found = evaluate(predict, images, on_photos)
        balanced = balanced_accuracy(confusion_counts(self._validation.labels, found.predicted))
        return {"top1": found.top1, "validation_loss": found.loss, "balanced_accuracy": balanced}

    def line(self, epoch: Epoch) -> str:
        """See Task."""
        return f"top-1 {epoch.top1:.1%}"

    @property
    def predicted(self) -> NDArray[np.int64]:
        """The class that the last validation gave to each validation photo, (n,)."""
        assert self._found is not None
        return self._found.predicted

    def write_record(self, history: Sequence[Epoch], kept: KeptEpoch) -> None:
        """See Task."""
        self._write_record(history, kept)

    def _write_record(self, history: Sequence[Epoch], kept: KeptEpoch, places: PlacesRecord | None = None) -> None:
        assert self._found is not None  # of the last epoch of `history`
        assert self._images is not None
        self._record.write(history, kept, self._found, self._images, places)
