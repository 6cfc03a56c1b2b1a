"""What the tasks on whole photos, which are validated after every epoch, have in common."""

from collections.abc import Mapping
from typing import Any

from .batches import TrainingBatches
from .config import SizedConfig
from .evaluation import EvaluationImages, Predictor, predictor_of
from .task import RunInput

__all__ = ["PhotosTask"]


class PhotosTask:
    """See Task. The classes below this one have the rest of it.

    res: of the network. squares_for: see TrainingBatches.
    """

    def __init__(
        self, run: RunInput, config: SizedConfig, res: int, strategy: Any, *, squares_for: int | None = None
    ) -> None:
        self.batches = TrainingBatches(run.data.train, config, res, strategy, squares_for=squares_for)
        self._validation = run.data.validation
        self._predict: Predictor | None = None
        self._images: EvaluationImages | None = None

    def validates(self, epoch: int) -> bool:
        """See Task: every epoch is."""
        del epoch
        return True

    def trained(self, counted: float) -> Mapping[str, float | None]:
        """See Task: the learner counts nothing."""
        del counted
        return {"top1_train": None}

    def to_validate(self, model: Any, res: int) -> tuple[Predictor, EvaluationImages]:
        """What answers, and the validation images at a resolution. Both are made once: the model stays the same object,
        and the images stay the same while the resolution does.
        """
        self._predict = self._predict or predictor_of(model)
        if self._images is None or self._images.res != res:
            self._images = EvaluationImages(self._validation, res)
        return self._predict, self._images
