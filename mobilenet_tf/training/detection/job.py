"""The parts of a training job that are of detection. TensorFlow is loaded by `make_learner`."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from mobilenet_tf.data.boxes.dataset import BoxDataset
from mobilenet_tf.data.boxes.load import load_boxes
from mobilenet_tf.progress import OnProgress
from mobilenet_tf.results.run_record_file import Examined
from mobilenet_tf.training.config import SizedConfig
from mobilenet_tf.training.examine import kept_examination
from mobilenet_tf.training.options import CLASSIFICATION, DETECTION, TrainOptions
from mobilenet_tf.training.summary import SHOWN, Printed

from .start import DetectorStart, read_start
from .summary import detection_sentences

if TYPE_CHECKING:
    from .learner import DetectionLearner

__all__ = ["DetectionJob"]


class DetectionJob:
    """See TaskJob."""

    def read_weights(self, options: TrainOptions) -> DetectorStart:
        """See TaskJob."""
        return read_start(
            options.weights, arch=options.arch, alpha=options.alpha, res=options.res, seed=options.config.seed
        )

    def load_photos(self, options: TrainOptions, on_progress: OnProgress) -> BoxDataset:
        """See TaskJob."""
        return load_boxes(
            options.photos,
            validation=options.validation,
            validation_share=options.validation_share,
            seed=options.config.seed,
            labels=options.labels,
            on_progress=on_progress,
        )

    def check_photos(self, data: BoxDataset, options: TrainOptions) -> None:
        """See TaskJob: boxes may be left out too."""
        data.check_lost_boxes(options.photos, allow_skipped=options.allow_skipped)

    def read_teacher(self, options: TrainOptions, spec: Any, data: BoxDataset) -> None:
        """See TaskJob: options_from refuses a --teacher."""
        del options, spec, data

    def notes(self, data: BoxDataset, config: SizedConfig) -> tuple[str, ...]:
        """See TaskJob."""
        del config
        kind = data.examination.kind
        return (f"The photos come with boxes ({kind}): a detector is trained. --task {CLASSIFICATION} does not.",)

    def examined(self, job: Any) -> Examined:
        """See TaskJob."""
        return kept_examination(job.data, job.options.photos, job.notes)

    def make_learner(self, job: Any, strategy: Any, on_progress: OnProgress) -> "tuple[DetectionLearner, None]":
        """See TaskJob."""
        from .first_detector import make_learner

        return make_learner(job, strategy, on_progress), None

    def scores_as_json(self, job: Any, result: Any) -> dict[str, Any]:
        """See TaskJob."""
        del job
        kept = result.kept
        return {"task": DETECTION, "ap": kept.ap, "ap50": kept.ap50, "ap_is_best_of_epochs": kept.among}

    def printed(self, job: Any, result: Any) -> Printed:
        """See TaskJob: of the epochs that were validated."""
        header = ["epoch", "loss", "of the boxes", "AP", "AP50", "AR", "images/s"]
        validated = [epoch for epoch in result.history if epoch.ap is not None]
        rows = [
            [
                *(str(e.epoch), f"{e.loss:.3f}", f"{e.box_loss:.3f}", f"{e.ap:.1%}", f"{e.ap50:.1%}", f"{e.ar:.1%}"),
                f"{e.images_per_s:.0f}",
            ]
            for e in validated[-SHOWN:]
        ]
        photos, averaged = len(job.data.validation), job.config.ema > 0
        # On photos with boxes the export measures AP too.
        for_export = ("--calibration", job.options.photos) if Path(job.options.photos).is_dir() else ()
        sentences = detection_sentences(result.kept, photos, averaged=averaged)
        return Printed(header, rows, sentences, for_export=for_export)
