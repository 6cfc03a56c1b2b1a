"""The parts of a training job that are of embeddings. TensorFlow is loaded by `make_learner`, and with a teacher."""

from typing import TYPE_CHECKING, Any

from mobilenet_tf.data.embeddings.dataset import EmbeddingDataset
from mobilenet_tf.data.embeddings.load import NeededClasses, load_embedding_photos
from mobilenet_tf.errors import ClassesError
from mobilenet_tf.networks.spec import ModelSpec
from mobilenet_tf.progress import OnProgress
from mobilenet_tf.results.run_record_file import Examined
from mobilenet_tf.training.config import SizedConfig
from mobilenet_tf.training.examine import kept_examination
from mobilenet_tf.training.options import TrainOptions
from mobilenet_tf.training.own_network_job import OwnNetworkJob
from mobilenet_tf.training.summary import Printed

from .settings import EMBEDDING, USUAL_DIMENSIONS
from .summary import answers_in, embedding_rows, embedding_sentences

if TYPE_CHECKING:
    from .learner import EmbeddingsLearner
    from .teacher import VectorTeacher

__all__ = ["EmbeddingsJob"]

CLASSES_OR_TEACHER = (
    "Embeddings are learned from classes: a sub-folder for each identity, with at least two photos. Without them give "
    "a --teacher, whose vectors are learned."
)


class EmbeddingsJob(OwnNetworkJob):
    """See TaskJob. The teacher is read once: it says how many dimensions vectors have, and teaches."""

    _teacher: "VectorTeacher | None" = None

    def load_photos(self, options: TrainOptions, on_progress: OnProgress) -> EmbeddingDataset:
        """See TaskJob."""
        dimensions = options.dimensions or USUAL_DIMENSIONS
        if options.teacher is not None:
            from .teacher_file import read_teacher

            self._teacher = read_teacher(options.teacher, options.teacher_range)
            dimensions = self._teacher.dimensions
        needed: NeededClasses = "held out" if options.hold_out_classes else "needed"
        try:
            return load_embedding_photos(
                options.photos,
                dimensions,
                classes=needed if self._teacher is None else "unneeded",
                validation=options.validation,
                validation_share=options.validation_share,
                seed=options.config.seed,
                lists=(options.ground_truth, options.labels),
                on_progress=on_progress,
            )
        except ClassesError as error:
            if self._teacher is not None:
                raise
            raise ClassesError(f"{str(error).splitlines()[0]}\n{CLASSES_OR_TEACHER}") from error

    def read_teacher(self, options: TrainOptions, spec: ModelSpec, data: EmbeddingDataset) -> "VectorTeacher | None":
        """See TaskJob."""
        del options, spec, data  # the dimensions are the teacher's
        return self._teacher

    def notes(self, data: EmbeddingDataset, config: SizedConfig) -> tuple[str, ...]:
        """See TaskJob."""
        del config
        if self._teacher is None:
            return (f"The vectors have {data.dimensions} dimensions. --dimensions N changes it.", _on_recall(data))
        teacher = self._teacher
        taught = (
            f"The vectors have {teacher.dimensions} dimensions, as those of the teacher, which sees photos of "
            f"{teacher.res}x{teacher.res}."
        )
        doubt = teacher.linear_end and teacher.linear_end.note(teacher.dimensions, len(data.classes))
        return (*teacher.notes, taught, *([doubt] if doubt else []))

    def examined(self, job: Any) -> Examined:
        """See TaskJob."""
        return kept_examination(job.data, job.options.photos, job.notes)

    def make_learner(self, job: Any, strategy: Any, on_progress: OnProgress) -> "tuple[EmbeddingsLearner, str | None]":
        """See TaskJob."""
        from .first_network import make_learner

        return make_learner(job, strategy, on_progress)

    def scores_as_json(self, job: Any, result: Any) -> dict[str, Any]:
        """See TaskJob."""
        epoch, answers = result.history[result.kept.epoch - 1], answers_in(job.folder) if job.writes else None
        return {
            "task": EMBEDDING,
            "dimensions": job.data.dimensions,
            "cosine": epoch.cosine,
            "recall_at_1": epoch.recall_at_1,
            "recall_photos": answers and answers.recall_photos,
            "nearest_agreement": answers and answers.agreement,
            "teacher_recall_at_1": answers and answers.teacher_recall_at_1,
            "is_best_of_epochs": result.kept.among,
        }

    def printed(self, job: Any, result: Any) -> Printed:
        """See TaskJob."""
        header, rows = embedding_rows(result.history)
        answers, epoch = answers_in(job.folder) if job.writes else None, result.history[result.kept.epoch - 1]
        photos, averaged = len(job.data.validation), job.config.ema > 0
        return Printed(header, rows, embedding_sentences(result.kept, epoch, answers, photos, averaged=averaged))


def _on_recall(data: EmbeddingDataset) -> str:
    """Whether the photos that validate are of classes that are trained on."""
    validate = {*data.validation.labels.tolist()}
    new = len([label for label in validate if label >= data.trained_classes])
    if not new:
        return (
            "Recall@1 is measured among classes that are trained on: of new ones, such as other people, expect less. "
            "--hold-out-classes, or other classes in --validation, measures it among new ones."
        )
    if new < len(validate):
        return f"Recall@1 is measured among {len(validate)} classes, {new} of which are not trained on."
    return f"Recall@1 is measured among {new} classes that are not trained on."
