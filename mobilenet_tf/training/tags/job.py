"""The parts of a training job that are of tags. TensorFlow is loaded by `make_learner`, and with a teacher's file."""

from typing import TYPE_CHECKING, Any

from mobilenet_tf.data.tags.dataset import TagDataset
from mobilenet_tf.data.tags.load import load_tags
from mobilenet_tf.networks.spec import ModelSpec
from mobilenet_tf.progress import OnProgress
from mobilenet_tf.results.run_record_file import Examined
from mobilenet_tf.training.config import SizedConfig
from mobilenet_tf.training.examine import kept_examination
from mobilenet_tf.training.options import CLASSIFICATION, TAGS, TrainOptions
from mobilenet_tf.training.own_network_job import OwnNetworkJob
from mobilenet_tf.training.summary import SHOWN, Printed
from mobilenet_tf.weights.load import Weights

from .summary import answers_in, tag_sentences, tag_table, tags_as_json
from .teacher_file import read_teacher, teacher_tags
from .weights import tag_weights, tag_weights_note

if TYPE_CHECKING:
    from .learner import TagsLearner

__all__ = ["TagsJob"]


class TagsJob(OwnNetworkJob):
    """See TaskJob. The teacher is read once: it names the tags of the photos, and teaches."""

    _teacher: Weights | None = None

    def load_photos(self, options: TrainOptions, on_progress: OnProgress) -> TagDataset:
        """See TaskJob."""
        tags = None
        if options.teacher is not None:
            self._teacher = read_teacher(options.teacher)
            tags = teacher_tags(self._teacher, options.teacher, alone=options.config.teacher_weight == 1)
        return load_tags(
            options.photos,
            validation=options.validation,
            validation_share=options.validation_share,
            seed=options.config.seed,
            ground_truth=options.ground_truth,
            labels=options.labels,
            teacher=tags,
            on_progress=on_progress,
        )

    def read_teacher(self, options: TrainOptions, spec: ModelSpec, data: TagDataset) -> Weights | None:
        """See TaskJob."""
        del options, spec, data  # the tags are the teacher's
        return self._teacher

    def notes(self, data: TagDataset, config: SizedConfig) -> tuple[str, ...]:
        """See TaskJob."""
        several = data.examined().several
        chosen = f"Several tags are true of {several} photos: tags are trained. --task {CLASSIFICATION} does not."
        weights = tag_weights(data.train.labels, config.class_weights)
        return (*([chosen] if several else []), *tag_weights_note(weights, data.classes))

    def examined(self, job: Any) -> Examined:
        """See TaskJob."""
        return kept_examination(job.data, job.options.photos, job.notes)

    def make_learner(self, job: Any, strategy: Any, on_progress: OnProgress) -> "tuple[TagsLearner, str | None]":
        """See TaskJob."""
        from .first_network import make_learner

        return make_learner(job, strategy, on_progress)

    def scores_as_json(self, job: Any, result: Any) -> dict[str, Any]:
        """See TaskJob."""
        return {
            "task": TAGS,
            "mean_ap": result.kept.mean_ap,
            "mean_ap_is_best_of_epochs": result.kept.among,
            "tags": tags_as_json(job.data.classes, answers_in(job.folder) if job.writes else None),
        }

    def printed(self, job: Any, result: Any) -> Printed:
        """See TaskJob."""
        header = ["epoch", "loss", "validation loss", "mean AP", "images/s"]
        rows = [
            [str(e.epoch), f"{e.loss:.3f}", f"{e.validation_loss:.3f}", f"{e.mean_ap:.1%}", f"{e.images_per_s:.0f}"]
            for e in result.history[-SHOWN:]
        ]
        answers = answers_in(job.folder) if job.writes else None
        photos, averaged = len(job.data.validation), job.config.ema > 0
        by_tag = () if answers is None else (tag_table(job.data.classes, answers), "")
        return Printed(header, rows, tag_sentences(result.kept, answers, photos, averaged=averaged), by_tag)
