"""One training run: its input, read and checked before anything is written, and the run itself.

TensorFlow is loaded by `run`.
"""

import re
from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack, nullcontext
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from mobilenet_tf.data.boxes.dataset import BoxDataset
from mobilenet_tf.data.layout import names_a_side
from mobilenet_tf.data.left_out_text import folded
from mobilenet_tf.data.photos import check_left_out
from mobilenet_tf.data.split import Split, split_of
from mobilenet_tf.errors import InputError
from mobilenet_tf.locks import locked
from mobilenet_tf.progress import OnProgress, ignore_progress, part_of
from mobilenet_tf.version import __version__

from .config import SizedConfig
from .earlier_run import check_earlier_run
from .options import TrainOptions
from .run_folder import check_folder, put_back, run_folder
from .task_job import job_of_task

if TYPE_CHECKING:
    from .loop import TrainResult

__all__ = ["TrainJob", "notes_on_split", "prepare_training", "run"]

UNUSABLE = "[\x00-\x1f\x7f:\ud800-\udfff]"  # characters in the name of a folder
SCAN_START = 0.1  # share of the preparation that reading the weights takes


@dataclass(frozen=True)
class TrainJob:
    """One run whose input has been read and checked. `notes` are for the person to read.

    spec, data, weights, teacher: of the kinds that the task has, see task_job.py.
    split:   which photos are trained on, earlier runs included, and which validate.
    cluster: the strategy of TF_CONFIG's workers; None without TF_CONFIG.
    """

    options: TrainOptions
    config: SizedConfig
    spec: Any
    data: Any
    weights: Any
    teacher: Any
    folder: Path
    split: Split
    notes: tuple[str, ...]
    cluster: Any = None

    @property
    def writes(self) -> bool:
        """Whether this process writes the results: of several workers, the first one does."""
        return _writes(self.cluster)


def prepare_training(
    options: TrainOptions,
    cluster: Any = None,
    on_progress: OnProgress = ignore_progress,
    locks: ExitStack | None = None,
) -> TrainJob:
    """Read and check everything a run needs; writes nothing.

    cluster: the strategy of TF_CONFIG's workers, from `distribution.join_cluster`; None without TF_CONFIG.
    locks:   what holds the lock of the run's folder until it is closed; None: the folder is not locked.
    Raises InputError; CheckError if more than a tenth of the photos is left out and --allow-skipped does not allow it.
    """
    on_progress("reading the weights", 0.0)
    of_task = job_of_task(options.task)
    weights = of_task.read_weights(options)
    dataset = _dataset_name(options)
    folder = options.output_dir / f"{weights.spec.name}_{dataset}{'_quantized' * options.config.quantize}"
    if _writes(cluster):
        if locks is not None:
            locks.enter_context(locked(folder, "another mobilenet-train", " is training into "))
            put_back(folder)
        check_folder(folder, resume=options.resume, overwrite=options.overwrite)
    data = of_task.load_photos(options, part_of(on_progress, SCAN_START, 1.0))
    of_task.check_photos(data, options)
    check_left_out(data.used, data.seen, options.photos, data.skipped, allow_skipped=options.allow_skipped)
    spec = replace(weights.spec, classes=data.outputs)
    teacher = of_task.read_teacher(options, spec, data)
    # Random weights are what is trained here: that they predict nothing yet needs no note.
    split = split_of(data, dataset, weights.split, Path(options.photos))
    of_weights = () if weights.source == "random" else weights.notes
    of_split = notes_on_split(data, weights.split, options.weights)
    notes = [*folded(data.skipped), *data.notes, _photos_note(data), *of_weights, *of_split]
    config = options.config.sized(len(data.train))
    notes += of_task.notes(data, config)
    job = TrainJob(options, config, spec, data, weights, teacher, folder, split, tuple(notes), cluster)
    if not job.writes:
        return job
    return replace(job, notes=job.notes + check_earlier_run(folder, options, data.output_names, split, _settings(job)))


def _dataset_name(options: TrainOptions) -> str:
    """--name, or the name of the photos' folder, as part of the name of a run, in characters that every file system
    takes.

    Many data sets have a folder `train` or `images`: it says nothing without the name of the folder that it is in.
    """
    if options.name is not None:
        if not options.name.strip() or "/" in options.name:
            raise InputError(f"expected a --name that can be part of a folder's name; got {options.name!r}.")
        return re.sub(UNUSABLE, "_", options.name)
    folder = Path(options.photos).resolve()
    folder = folder.parent if folder.is_file() else folder  # a list of photos
    is_common = names_a_side(folder.name) or folder.name.casefold() == "images"
    name = f"{folder.parent.name}_{folder.name}" if is_common else folder.name
    return re.sub(UNUSABLE, "_", name) or "photos"


def _photos_note(data: Any) -> str:
    sides = f"{len(data.train)} to train on and {len(data.validation)} to validate with"
    return f"{data.used} of the {data.seen} photos are used, {sides}."


def run(
    job: TrainJob,
    *,
    stop: Callable[[], bool] = lambda: False,
    on_progress: OnProgress = ignore_progress,
    on_note: Callable[[str], None] = lambda _: None,
) -> "TrainResult":
    """Train until the end, or until `stop` returns True. on_note: called with what a person should know early.

    Raises CheckError and OutputError, see loop.train; InputError if the workers' options or photos differ.
    """
    on_progress("loading TensorFlow", 0.0)
    from .distribution import check_batch, check_same_settings, detect_lost_workers, make_strategy
    from .loop import train

    of_task = job_of_task(job.options.task)
    strategy = job.cluster or make_strategy()
    check_batch(strategy, job.config.batch_size)
    with detect_lost_workers(strategy, on_note):
        check_same_settings(strategy, _common(job))
        learner, expected = of_task.make_learner(job, strategy, on_progress)
        if expected and job.writes:
            on_note(expected)
        with opened_folder(job):
            return train(
                learner,
                job.data,
                job.folder,
                split=job.split,
                examined=of_task.examined(job),
                resume=job.options.resume,
                stop=stop,
                on_progress=on_progress,
            )


def opened_folder(job: TrainJob) -> AbstractContextManager[None]:
    """Around the run: its folder, see run_folder.run_folder; nothing if another worker writes."""
    if not job.writes:
        return nullcontext()
    options, classes, settings = job.options, job.data.output_names, _settings(job)
    return run_folder(
        job.folder,
        resume=options.resume,
        overwrite=options.overwrite,
        classes=classes,
        settings=settings,
        split=job.split,
    )


def _settings(job: TrainJob) -> dict[str, Any]:
    return {
        "name": job.spec.name,
        "photos": job.options.photos,
        "classes": len(job.data.classes),
        **({} if job.data.output_names else {"dimensions": job.data.outputs}),
        "train_images": len(job.data.train),
        "validation_images": len(job.data.validation),
        "validation_share": job.options.validation_share,
        "hold_out_classes": job.options.hold_out_classes,
        "weights": {"source": job.weights.source, **job.weights.origin},
        "teacher": _teacher_text(job),
        "config": job.config.as_json(),
    }


def _teacher_text(job: TrainJob) -> str | None:
    """The file of the teacher, which its content tells from others of its name; None without one."""
    if job.teacher is None:
        return None
    origin = job.teacher.origin
    return f"{origin['file']} (sha256 {origin['sha256'][:8]})" if "file" in origin else job.options.teacher


def _common(job: TrainJob) -> dict[str, Any]:
    """What must be the same on all workers: the options except the folders' names, and the labels of the photos."""
    settings = _settings(job)
    return {
        **{name: value for name, value in settings.items() if name not in ("photos", "config")},
        **settings["config"],
        "classes": job.data.classes,
        "version": __version__,
        "labels": job.data.labels_sha256,
        "photos": job.data.photos_sha256,
        "teacher": job.teacher and job.teacher.origin,
        "resume": job.options.resume,
    }


def notes_on_split(data: Any, earlier: Split | None, source: str) -> list[str]:
    """What the person must know of the validation photos before a score on them is read.

    earlier: the split of the weights that the run begins with, read from `source`; None if they have none.
    """
    score = "AP" if isinstance(data, BoxDataset) else "top-1" if data.output_names else "the score"
    digests = data.validation.digests
    learned = np.array([int(digest, 16) for digest in earlier.train] if earlier else [], np.uint64)
    copied = np.isin(digests, data.train.digests)
    by_run = np.isin(digests, learned) & ~copied
    causes, remedies = [], []
    if copied.any():
        causes.append("as copies of training photos")
        remedies.append("Remove the copies.")
    if by_run.any():
        causes.append(f"by the run of --weights {source}")
        remedies.append("Give the same photos and --seed as that run.")
    if not causes:
        return []
    return [
        f"{copied.sum() + by_run.sum()} of the {len(data.validation)} validation photos were trained on too, "
        f"{' or '.join(causes)}: {score} will be too high.\n{' '.join(remedies)}"
    ]


def _writes(cluster: Any) -> bool:
    from .distribution import is_chief

    return cluster is None or is_chief(cluster)
