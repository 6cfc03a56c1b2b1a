"""One training run: its input, read and checked before anything is made, and the run itself.

TensorFlow is loaded by `run`.
"""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mobilenet_tf.contract.labels import LABELS_FILE, read_labels
from mobilenet_tf.data.dataset import Dataset
from mobilenet_tf.data.load import load_dataset
from mobilenet_tf.data.scan import Tell
from mobilenet_tf.errors import InputError, WeightsError
from mobilenet_tf.networks.spec import ModelSpec
from mobilenet_tf.version import __version__
from mobilenet_tf.weights.class_names import labels_beside
from mobilenet_tf.weights.load import Weights, load_weights, model_with

from .config import TrainConfig
from .options import TrainOptions
from .run_folder import check_folder, run_folder

if TYPE_CHECKING:
    import keras

    from .learner import Network
    from .loop import TrainResult

__all__ = ["TrainJob", "prepare_training", "run"]

CALIBRATING = 100  # training photos that the ranges of activations are observed on


@dataclass(frozen=True)
class TrainJob:
    """One run whose input has been read and found good. `notes` are for the person to read."""

    options: TrainOptions
    config: TrainConfig
    spec: ModelSpec
    data: Dataset
    weights: Weights
    teacher: Weights | None
    folder: Path
    notes: tuple[str, ...]
    cluster: Any = None  # the strategy of TF_CONFIG's workers

    @property
    def writes(self) -> bool:
        """Whether this process leaves the results: of several workers, the first."""
        return _writes(self.cluster)


def prepare_training(
    options: TrainOptions, say: Callable[[str], None] = lambda _: None, scanned: Tell = lambda _, __: None
) -> TrainJob:
    """Read and check everything a run needs; writes nothing.

    `say` is told what it waits for, `scanned` how far the photos are.
    Raises InputError, and CheckError for a worker of TF_CONFIG's that does not come.
    """
    from .distribution import join_cluster

    # Before the weights: reading some of them starts TensorFlow, too early for a cluster.
    cluster = join_cluster(say)
    seed = options.config.seed
    weights = load_weights(options.weights, arch=options.arch, alpha=options.alpha, res=options.res, seed=seed)
    data = load_dataset(
        options.photos,
        validation=options.validation,
        validation_share=options.validation_share,
        seed=seed,
        tell=scanned,
    )
    spec = replace(weights.spec, classes=len(data.classes))
    teacher = _teacher(options.teacher, spec, data.classes) if options.teacher else None
    suffix = "_quantized" if options.config.quantize else ""
    folder = options.output_dir / f"{spec.name}_{Path(options.photos).resolve().name.replace(':', '_')}{suffix}"
    if _writes(cluster):
        check_folder(folder, resume=options.resume, overwrite=options.overwrite)
    # Random weights are what is trained here; that they predict nothing yet is no news.
    notes = [*data.skipped, *(() if weights.source == "random" else weights.notes)]
    return TrainJob(
        options, options.config.sized(len(data.train)), spec, data, weights, teacher, folder, tuple(notes), cluster
    )


def run(job: TrainJob, *, stop: Callable[[], bool], tell: Callable[[Any], None]) -> "TrainResult | None":
    """Train; None where `stop` ended the run.

    Raises CheckError and OutputError, see train.train; InputError where the workers' input does not fit together.
    """
    from .distribution import agree, check_batch, make_strategy, watch

    strategy = job.cluster or make_strategy()
    check_batch(strategy, job.config.batch_size)
    with watch(strategy):
        agree(strategy, _common(job))
        return _train(job, strategy, stop, tell)


def _train(job: TrainJob, strategy: Any, stop: Callable[[], bool], tell: Callable[[Any], None]) -> "TrainResult | None":
    import keras
    import tensorflow as tf

    from .learner import KerasNetwork
    from .loop import train
    from .transfer import keeps_classifier, model_for, quicken_batch_norm, restore

    options, config = job.options, job.config
    keras.utils.set_random_seed(config.seed)
    if config.deterministic:
        tf.config.experimental.enable_op_determinism()
    with strategy.scope():
        keep = keeps_classifier(job.weights, options.weights, job.data.classes)
        model = model_for(job.weights, len(job.data.classes), keep_classifier=keep)
        replicas = strategy.num_replicas_in_sync
        network = _quantized(model, job, keep) if config.quantize else KerasNetwork(model, replicas)
    quicken_batch_norm(model, config, len(job.data.train))
    if config.transfer and not config.quantize and not options.resume:
        restore(model, job.data.train)
    with opened_folder(job), suppress(KeyboardInterrupt):
        return train(
            network,
            job.data,
            config,
            res=job.spec.res,
            folder=job.folder,
            strategy=strategy,
            teacher=None if job.teacher is None else model_with(job.teacher),
            resume=options.resume,
            stop=stop,
            tell=tell,
        )
    return None


def opened_folder(job: TrainJob) -> AbstractContextManager[None]:
    """Around the run: its folder, see train_folder.run_folder; nothing where another worker writes."""
    if not job.writes:
        return nullcontext()
    return run_folder(job.folder, resume=job.options.resume, classes=job.data.classes, settings=_settings(job))


def _quantized(model: "keras.Model", job: TrainJob, trained: bool) -> "Network":
    """The model as int8 runs it. Raises InputError where it is not trained on these classes yet."""
    from .quantization_aware import QuantizedNetwork
    from .transfer import spread

    if not trained:
        raise InputError(
            "--quantize is for a network that is trained on these classes already.\n"
            f"Train it first, then give its best.keras, with {LABELS_FILE} beside it, by --weights."
        )
    return QuantizedNetwork(model, spread(job.data.train, job.spec.res, CALIBRATING))


def _settings(job: TrainJob) -> dict[str, Any]:
    return {
        "name": job.spec.name,
        "photos": job.options.photos,
        "classes": len(job.data.classes),
        "train_images": len(job.data.train),
        "validation_images": len(job.data.validation),
        "weights": {"source": job.weights.source, **job.weights.origin},
        "config": job.config.as_json(),
    }


def _common(job: TrainJob) -> dict[str, Any]:
    """What all workers must have alike: the options but for the folders' names, and the labels of the photos."""
    settings = _settings(job)
    return {
        **{name: value for name, value in settings.items() if name not in ("photos", "config")},
        **settings["config"],
        "classes": job.data.classes,
        "version": __version__,
        "labels": job.data.labels_sha256,
        "teacher": job.teacher and job.teacher.origin,
        "resume": job.options.resume,
    }


def _writes(cluster: Any) -> bool:
    from .distribution import is_chief

    return cluster is None or is_chief(cluster)


def _teacher(file: str, spec: ModelSpec, classes: Sequence[str]) -> Weights:
    teacher = load_weights(file)
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
