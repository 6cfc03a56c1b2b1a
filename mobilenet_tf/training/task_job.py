"""What a job leaves to its task before the loop begins: how weights and photos are read, and what learner they make."""

from typing import Any, Protocol

from mobilenet_tf.progress import OnProgress

from .config import SizedConfig
from .embeddings.settings import EMBEDDING
from .options import DETECTION, TAGS, TrainOptions
from .places.settings import PLACES
from .summary import Printed

__all__ = ["TaskJob", "job_of_task"]


class TaskJob(Protocol):
    """The parts of a job that differ by task. TensorFlow is loaded by `make_learner`."""

    def read_weights(self, options: TrainOptions) -> Any:
        """The weights to begin with: spec, source, origin, notes, and a split or None. Raises InputError."""

    def load_photos(self, options: TrainOptions, on_progress: OnProgress) -> Any:
        """The photos: with what Dataset has. Raises InputError."""

    def check_photos(self, data: Any, options: TrainOptions) -> None:
        """Raise CheckError if too much is left out of them, beside photos."""

    def read_teacher(self, options: TrainOptions, spec: Any, data: Any) -> Any:
        """What the network also learns from; None without --teacher. Raises InputError."""

    def notes(self, data: Any, config: SizedConfig) -> tuple[str, ...]:
        """What the person should know of the training of these photos."""

    def examined(self, job: Any) -> Any:
        """What was found out about the photos, for the record of the run."""

    def make_learner(self, job: Any, strategy: Any, on_progress: OnProgress) -> tuple[Any, str | None]:
        """(the learner, a sentence on the score to expect or None)."""

    def scores_as_json(self, job: Any, result: Any) -> dict[str, Any]:
        """What --json gives of the scores of a finished run, a TrainResult."""

    def printed(self, job: Any, result: Any) -> Printed:
        """What people read of the scores of a finished run, a TrainResult."""


def job_of_task(task: str) -> TaskJob:
    """The parts of a task: `classification`, `detection`, `embedding`, `places` or `tags`."""
    if task == DETECTION:
        from .detection.job import DetectionJob

        return DetectionJob()
    if task == EMBEDDING:
        from .embeddings.job import EmbeddingsJob

        return EmbeddingsJob()
    if task == PLACES:
        from .places.job import PlacesJob

        return PlacesJob()
    if task == TAGS:
        from .tags.job import TagsJob

        return TagsJob()
    from .classification_job import ClassificationJob

    return ClassificationJob()
