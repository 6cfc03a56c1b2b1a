"""Many models, one after the other: what is measured already is kept, what fails is named, between two it cools."""

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from hashlib import sha256
from pathlib import Path

from mobilenet_tf.errors import MobilenetError, ModelError, OutputError, ResultError
from mobilenet_tf.files import replace_file
from mobilenet_tf.results.records import RESULT_SUFFIX, Result

__all__ = ["Job", "Measured", "find_models", "result_path", "sweep_targets"]


@dataclass(frozen=True)
class Job:
    """One measurement: of which model, where its result goes, and what measures it."""

    model: Path
    place: Path
    measure: Callable[[Callable[[str, float], None]], Result]


@dataclass(frozen=True)
class Measured:
    """A job's result; `kept` where it was measured before; or the error that it ended with."""

    model: Path
    result: Result | None
    kept: bool = False
    error: MobilenetError | None = None


def find_models(paths: Iterable[Path]) -> list[Path]:
    """The .tflite files among `paths` and in their folders, each once. Raises ModelError where a folder has none."""
    found: dict[Path, None] = {}
    for path in paths:
        models = sorted(path.rglob("*.tflite")) if path.is_dir() else [path]
        if not models:
            raise ModelError(f"expected .tflite files in {path}; there are none. Export some with mobilenet-export.")
        found.update(dict.fromkeys(models))
    return list(found)


def result_path(folder: Path, model: Path, target: str, variant: str) -> Path:
    """Where the result of a model goes: two files of one name in different folders do not meet."""
    place = sha256(str(model.resolve().parent).encode()).hexdigest()[:6]
    target = "".join(c if c.isalnum() else "_" for c in target)
    return folder / f"{model.stem}-{target}-{variant}-{place}{RESULT_SUFFIX}"


def sweep_targets(
    targets: Sequence[Sequence[Job]],
    *,
    again: bool,
    cool_down: float = 0.0,
    tell: Callable[[float, Job, str], None] = lambda *_: None,
) -> list[Measured]:
    """Do the jobs of all targets, those of one in turn and several targets at once, and write their results.

    again:     whether to measure what has been measured: else a result of the same bytes that is there is kept.
    cool_down: seconds between two measurements.
    tell:      told how many jobs are done, with the part of those that are under way, one job, and what it does.
    A model that fails is told with its error, and the next one follows. Raises OutputError where a result cannot be
    written.
    """
    progress = [0.0] * len(targets)

    def run(place: int) -> list[Measured]:
        def told(number: int, job: Job, what: str, share: float) -> None:
            progress[place] = number + share
            tell(sum(progress), job, what)

        return list(_sweep(targets[place], again, cool_down, told))

    if len(targets) == 1:
        return run(0)
    with ThreadPoolExecutor(len(targets)) as pool:
        return [measured for sweep in pool.map(run, range(len(targets))) for measured in sweep]


def _sweep(
    jobs: Sequence[Job], again: bool, cool_down: float, tell: Callable[[int, Job, str, float], None]
) -> Iterator[Measured]:
    measured = False
    for number, job in enumerate(jobs):
        kept = None if again else _kept(job)
        if kept is not None:
            yield Measured(job.model, kept, kept=True)
            continue
        if measured and cool_down:
            tell(number, job, "cooling down", 0.0)
            time.sleep(cool_down)
        measured = True
        try:
            result = job.measure(partial(tell, number, job))
        except MobilenetError as error:
            yield Measured(job.model, None, error=error)
            continue
        _write(job.place, result)
        yield Measured(job.model, result)


def _kept(job: Job) -> Result | None:
    try:
        result = Result.read(job.place)
        return result if result.sha256 == sha256(job.model.read_bytes()).hexdigest() else None
    except (ResultError, OSError):
        return None


def _write(path: Path, result: Result) -> None:
    try:
        with replace_file(path) as unfinished:
            unfinished.write_text(result.to_json(), encoding="utf-8")
    except OSError as error:
        raise OutputError(
            f"cannot write the result {path}: {error.strerror or error}.\nGive another --output-dir."
        ) from error
