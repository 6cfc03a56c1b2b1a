"""Detection as a task of the training loop: its batches, AP on the validation photos, and the record."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from mobilenet_tf.networks.detectors import DetectorSpec
from mobilenet_tf.results.detection_record import DetectionAnswers
from mobilenet_tf.tasks.detection_score import detection_score
from mobilenet_tf.training.config import SizedConfig
from mobilenet_tf.training.kept_models import KeptEpoch
from mobilenet_tf.training.state import DetectorEpoch, Epoch
from mobilenet_tf.training.task import RunInput

from .answers import answers_of
from .batches import DetectionBatches
from .evaluation import DetectorPredictor, detections, predictor_of
from .matching import AnchorMatcher
from .photos import StretchedPhotos
from .record import DetectionRunRecord
from .settings import DetectionSettings

__all__ = ["DetectionTask"]


class DetectionTask:
    """See Task."""

    epoch_type = DetectorEpoch

    def __init__(
        self, run: RunInput, config: SizedConfig, settings: DetectionSettings, spec: DetectorSpec, strategy: Any
    ) -> None:
        self._config, self._settings, self._anchors = config, settings, spec.anchors()
        matcher = AnchorMatcher(self._anchors, settings.least_overlap)
        self.batches = DetectionBatches(run.data.train, config, settings, spec.res, matcher, strategy)
        self._images = StretchedPhotos(run.data.validation, spec.res)
        self._truth, self._classes = run.data.validation.true_boxes(), len(run.data.classes)
        self._record = DetectionRunRecord(run, config)
        self._predict: DetectorPredictor | None = None  # made once: the model stays the same object
        self._answers: DetectionAnswers | None = None

    def validates(self, epoch: int) -> bool:
        """See Task."""
        return self._settings.validates(epoch, self._config.epochs)

    def trained(self, counted: float) -> Mapping[str, float | None]:
        """See Task: the learner counts the loss of the places of boxes."""
        return {"top1_train": None, "box_loss": counted}

    def validate(
        self, model: Any, epoch: int, res: int, on_photos: Callable[[int], None]
    ) -> Mapping[str, float | None]:
        """See Task."""
        del res  # a detector has one
        self._predict = self._predict or predictor_of(model)
        found = detections(self._predict, self._images, self._anchors, on_photos=on_photos)
        score = detection_score(found, self._truth, self._classes)
        self._answers = answers_of(epoch + 1, score, found, self._truth, self._images)
        return {"ap": score.ap, "ap50": score.ap50, "ar": score.ar}

    def line(self, epoch: Epoch) -> str:
        """See Task."""
        assert isinstance(epoch, DetectorEpoch)
        return f"AP {epoch.ap:.1%} AP50 {epoch.ap50:.1%}"

    def write_record(self, history: Sequence[Epoch], kept: KeptEpoch) -> None:
        """See Task."""
        assert self._answers is not None  # of the last epoch of `history`
        self._record.write(history, kept, self._answers)
