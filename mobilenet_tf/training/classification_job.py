"""The parts of a training job that are of classification. TensorFlow is loaded by `make_learner`."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mobilenet_tf.contract.labels import read_labels
from mobilenet_tf.data.dataset import Dataset
from mobilenet_tf.data.load import load_dataset
from mobilenet_tf.errors import WeightsError
from mobilenet_tf.networks.spec import ModelSpec
from mobilenet_tf.progress import OnProgress
from mobilenet_tf.results.training_record import ExaminedPhotos
from mobilenet_tf.weights.class_names import labels_beside
from mobilenet_tf.weights.load import Weights, load_weights

from .class_weights import class_weights, class_weights_note
from .config import SizedConfig
from .options import TrainOptions
from .own_network_job import OwnNetworkJob
from .summary import SHOWN, Printed, kept_model_sentences, worse_after_unfreezing

if TYPE_CHECKING:
    from .learner import Learner

__all__ = ["ClassificationJob"]


class ClassificationJob(OwnNetworkJob):
    """See TaskJob."""

    def load_photos(self, options: TrainOptions, on_progress: OnProgress) -> Dataset:
        """See TaskJob."""
        return load_dataset(
            options.photos,
            validation=options.validation,
            validation_share=options.validation_share,
            seed=options.config.seed,
            ground_truth=options.ground_truth,
            labels=options.labels,
            on_progress=on_progress,
        )

    def read_teacher(self, options: TrainOptions, spec: ModelSpec, data: Dataset) -> Weights | None:
        """See TaskJob."""
        return _read_teacher(options.teacher, spec, data.classes) if options.teacher else None

    def notes(self, data: Dataset, config: SizedConfig) -> tuple[str, ...]:
        """See TaskJob."""
        weights_of_classes = class_weights(data.train.labels, len(data.classes), config.class_weights)
        return class_weights_note(weights_of_classes, data.classes)

    def examined(self, job: Any) -> ExaminedPhotos:
        """See TaskJob."""
        from .record import examined_photos

        return examined_photos(job.data, Path(job.options.photos), job.notes)

    def make_learner(self, job: Any, strategy: Any, on_progress: OnProgress) -> "tuple[Learner, str | None]":
        """See TaskJob."""
        from .first_network import make_learner

        return make_learner(job, strategy, on_progress)

    def scores_as_json(self, job: Any, result: Any) -> dict[str, Any]:
        """See TaskJob."""
        del job
        kept = result.kept
        return {
            "top1": result.top1,
            "balanced_accuracy": kept.balanced_accuracy,
            "top1_is_best_of_epochs": kept.among,
        }

    def printed(self, job: Any, result: Any) -> Printed:
        """See TaskJob."""
        header = ["epoch", "loss", "top-1 training", "top-1", "images/s"]
        rows = [
            [str(e.epoch), f"{e.loss:.3f}", f"{e.top1_train:.1%}", f"{e.top1:.1%}", f"{e.images_per_s:.0f}"]
            for e in result.history[-SHOWN:]
        ]
        worse = worse_after_unfreezing(result.history, job.config, len(job.data.validation), len(job.data.classes))
        return Printed(header, rows, self.sentences(job, result) + ([worse] if worse else []))

    def sentences(self, job: Any, result: Any) -> list[str]:
        """What the kept epoch reached."""
        return kept_model_sentences(result.kept, len(job.data.validation), averaged=job.config.ema > 0)


def _read_teacher(file: str, spec: ModelSpec, classes: Sequence[str]) -> Weights:
    teacher = load_weights(file)
    if teacher.head == "sigmoid":
        raise WeightsError(
            f"expected a --teacher that tells classes apart; {file} gives tags, of which several may be true.\n"
            "Train the teacher on the same photos."
        )
    if teacher.spec.classes != spec.classes:
        raise WeightsError(
            f"expected a --teacher of the {spec.classes} classes of the photos; {file} has {teacher.spec.classes}.\n"
            "Train the teacher on the same photos."
        )
    labels = labels_beside(teacher, file)
    if labels is not None and read_labels(labels) != list(classes):
        raise WeightsError(
            f"expected a --teacher of the photos' classes, in their order; {labels} names others.\n"
            "Train the teacher on the same photos."
        )
    return teacher
