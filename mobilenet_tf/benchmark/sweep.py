"""Many measurements, one after the other: a result that exists is used again, a model that fails is named, and between
two measurements the device may cool down.
"""

import os
import threading
import time
import traceback
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from mobilenet_tf.errors import MobilenetError, ModelError, OutputError, ResultError, reason_of
from mobilenet_tf.files import replace_file
from mobilenet_tf.locks import locked
from mobilenet_tf.progress import OnProgress, ignore_progress, part_of
from mobilenet_tf.results.records import RESULT_SUFFIX, Result
from mobilenet_tf.tflite.model_file import read_model, without_tflite

from .changed_inputs import changed_since

__all__ = ["Job", "Outcome", "find_models", "result_path", "sweep_targets"]

MOST_STEM_BYTES = 80  # of a model's name in that of its result: a file's name may have 255, with all that is added


@dataclass(frozen=True)
class Job:
    """One measurement: of which model, the file of its result, and the function that measures.

    inputs: the files and folders besides the model that it depends on.
    """

    model: Path
    result_file: Path
    measure: Callable[[OnProgress], Result]
    inputs: tuple[Path, ...] = ()


@dataclass(frozen=True)
class Outcome:
    """What became of a job: a result, which an earlier run measured if `reused`; or the error that it ended with."""

    model: Path
    result: Result | None
    reused: bool = False
    error: MobilenetError | None = None


def find_models(paths: Iterable[Path]) -> tuple[list[Path], list[MobilenetError]]:
    """(the .tflite files among `paths` and in their folders, each once; an error for each folder that has none)."""
    models: dict[Path, None] = {}
    errors: list[MobilenetError] = []
    for path in paths:
        files = sorted(path.rglob("*.tflite")) if _is_folder(path) else [path]
        if not files:
            errors.append(without_tflite(path))
        models.update(dict.fromkeys(files))
    return list(models), errors


def _is_folder(path: Path) -> bool:
    """Whether `path` is a folder; not if it cannot be looked at, as if its name is too long: reading it says why."""
    try:
        return path.is_dir()
    except OSError:
        return False


def result_path(folder: Path, model: Path, target: str, variant: str) -> Path:
    """The file of a model's result: two models of one name in different folders have different ones."""
    place = sha256(os.fsencode(model.resolve().parent)).hexdigest()[:6]
    target = "".join(c if c.isalnum() else "_" for c in target)
    stem = os.fsencode(model.stem)
    if len(stem) > MOST_STEM_BYTES:
        place = sha256(os.fsencode(model.name) + place.encode()).hexdigest()[:6]
        stem = stem[:MOST_STEM_BYTES].decode("utf-8", "ignore").encode()
    return folder / f"{os.fsdecode(stem)}-{target[:MOST_STEM_BYTES]}-{variant}-{place}{RESULT_SUFFIX}"


def sweep_targets(
    targets: Sequence[Sequence[Job]],
    *,
    overwrite: bool,
    cool_down: float = 0.0,
    on_progress: OnProgress = ignore_progress,
) -> list[Outcome]:
    """Do the jobs of all targets, those of one target in turn and several targets at once, and write their results.

    overwrite: whether to measure what has been measured: otherwise a result of the same bytes and inputs is used again.
    cool_down: seconds between two measurements on one target.
    A model that fails leaves its error in its Outcome, and the next one follows. Raises OutputError if a result
    cannot be written.
    """
    progress = _Progress(targets, on_progress)

    def sweep(number: int) -> list[Outcome]:
        return list(_sweep(targets[number], overwrite, cool_down, progress.of_target(number)))

    if len(targets) == 1:
        return sweep(0)
    with ThreadPoolExecutor(len(targets)) as pool:
        return [outcome for outcomes in pool.map(sweep, range(len(targets))) for outcome in outcomes]


class _Progress:
    """The progress of several targets as one."""

    def __init__(self, targets: Sequence[Sequence[Job]], on_progress: OnProgress) -> None:
        self._jobs = [len(jobs) for jobs in targets]
        self._shares = [0.0] * len(targets)
        self._on_progress = on_progress
        self._lock = threading.Lock()

    def of_target(self, number: int) -> OnProgress:
        """For the jobs of one target, as a share of these."""

        def on_progress(task: str, share: float) -> None:
            with self._lock:
                self._shares[number] = share
                done = sum(share * jobs for share, jobs in zip(self._shares, self._jobs, strict=True))
                self._on_progress(task, done / sum(self._jobs))

        return on_progress


def _sweep(jobs: Sequence[Job], overwrite: bool, cool_down: float, on_progress: OnProgress) -> Iterator[Outcome]:
    measured = False
    for number, job in enumerate(jobs):
        on_job = _progress_of(job, part_of(on_progress, number / len(jobs), (number + 1) / len(jobs)))
        with locked(job.result_file, "another mobilenet-benchmark", " writes ", on_job):
            earlier = None if overwrite else _earlier_result(job)
            if earlier is not None:
                on_job("measured before", 1.0)
                yield Outcome(job.model, earlier, reused=True)
                continue
            if measured and cool_down:
                on_job("cooling down", 0.0)
                time.sleep(cool_down)
            measured = True
            try:
                result, text = _measured(job, on_job)
            except MobilenetError as error:
                yield Outcome(job.model, None, error=error)
                continue
            _write(job.result_file, text)
        on_job("measured", 1.0)
        yield Outcome(job.model, result)


def _measured(job: Job, on_job: OnProgress) -> tuple[Result, str]:
    """A job's result, and its text. Raises MobilenetError, whatever goes wrong."""
    try:
        result = job.measure(on_job)
        return result, result.to_json()
    except MobilenetError:
        raise
    except Exception as error:  # what a file or a device says may be wrong in ways that nobody has thought of
        traceback.print_exc()  # seen with --verbose
        raise ModelError(
            f"cannot measure {job.model}: {type(error).__name__}: {reason_of(error, 120)}\n--verbose shows where."
        ) from error


def _progress_of(job: Job, on_progress: OnProgress) -> OnProgress:
    return lambda task, share: on_progress(f"{job.model.stem}: {task}", share)


def _earlier_result(job: Job) -> Result | None:
    try:
        result = Result.read(job.result_file)
        same_model = result.sha256 == sha256(read_model(job.model)).hexdigest()
        # Version 1 measured accuracy on photos that had been trained on too; it has no answers to each photo.
        outdated = result.accuracy is not None and not result.accuracy.answers
        return result if same_model and not outdated and not changed_since(job.result_file, job.inputs) else None
    except (ModelError, ResultError, OSError):
        return None


def _write(path: Path, text: str) -> None:
    try:
        with replace_file(path) as unfinished:
            unfinished.write_text(text, encoding="utf-8")
    except OSError as error:
        raise OutputError(
            f"cannot write the result {path}: {error.strerror or error}.\nGive another --output-dir."
        ) from error
