"""One training run: its input, read and checked before anything is made, and the run itself.

TensorFlow is loaded by `run`.
"""

import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from . import __version__
from .data import Dataset, load_dataset
from .errors import InputError, OutputError, WeightsError
from .labels import LABELS_FILE
from .spec import ModelSpec
from .train_config import TrainConfig
from .train_options import TrainOptions
from .train_state import STATE_FILE
from .weights import Weights, load_weights, model_with

if TYPE_CHECKING:
    import keras

    from .learner import Network
    from .train import TrainResult

__all__ = ["TrainJob", "prepare_training", "run"]

SETTINGS_FILE = "run.json"
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


def prepare_training(options: TrainOptions, say: Callable[[str], None] = lambda _: None) -> TrainJob:
    """Read and check everything a run needs; writes nothing. `say` is told what it waits for.

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
    )
    spec = replace(weights.spec, classes=len(data.classes))
    teacher = _teacher(options.teacher, spec) if options.teacher else None
    suffix = "_quantized" if options.config.quantize else ""
    folder = options.output_dir / f"{spec.name}_{Path(options.photos).resolve().name.replace(':', '_')}{suffix}"
    if _writes(cluster):
        _check_folder(folder, options)
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
    from .train import train
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
    if job.writes:
        begin_folder(job)
    try:
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
    except KeyboardInterrupt:
        return None


def _quantized(model: "keras.Model", job: TrainJob, trained: bool) -> "Network":
    """The model as int8 runs it. Raises InputError where it is not trained on these classes yet."""
    from .quantized_network import QuantizedNetwork
    from .transfer import spread

    if not trained:
        raise InputError(
            "--quantize is for a network that is trained on these classes already.\n"
            f"Train it first, then give its best.keras, with {LABELS_FILE} beside it, by --weights."
        )
    return QuantizedNetwork(model, spread(job.data.train, job.spec.res, CALIBRATING))


def begin_folder(job: TrainJob) -> None:
    """Make the run's folder with its labels and settings; an earlier run's goes where it is to be overwritten.

    A run that is resumed has its own already, and may yet turn out to be of other settings.
    """
    if job.options.resume:
        return
    try:
        if job.options.overwrite and job.folder.exists():
            shutil.rmtree(job.folder)
        job.folder.mkdir(parents=True, exist_ok=True)
        (job.folder / LABELS_FILE).write_text("\n".join(job.data.classes) + "\n", encoding="utf-8")
        (job.folder / SETTINGS_FILE).write_text(json.dumps(_settings(job), indent=2) + "\n", encoding="utf-8")
    except OSError as error:
        raise OutputError(f"cannot write to {job.folder}: {error.strerror}.\nGive another --output-dir.") from error


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


def _teacher(file: str, spec: ModelSpec) -> Weights:
    teacher = load_weights(file)
    if teacher.spec.classes != spec.classes:
        raise WeightsError(
            f"expected a --teacher of the {spec.classes} classes of the photos; {file} has {teacher.spec.classes}.\n"
            "Train the teacher on the same photos."
        )
    return teacher


def _check_folder(folder: Path, options: TrainOptions) -> None:
    begun = (folder / STATE_FILE).exists()
    if options.resume and options.overwrite:
        raise InputError("--resume goes on with a run, --overwrite throws it away; give one of them.")
    if options.resume and not begun:
        instead = "Begin again with --overwrite." if folder.exists() else "Leave --resume out to begin one."
        raise InputError(f"expected a run to resume in {folder}; there is none.\n{instead}")
    if folder.exists() and not options.resume and not options.overwrite:
        raise OutputError(f"{folder} holds an earlier run.\nGo on with it by --resume, or replace it by --overwrite.")
