"""What mobilenet-report is given: files and folders -> benchmark results and the records of training runs."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from mobilenet_tf.errors import ResultError

from .groups import read_results, result_files
from .records import RESULT_SUFFIX, Result
from .run_record_file import TRAINING_FILE
from .run_records import RunRecord, read_run_record

__all__ = ["Inputs", "read_inputs"]

HISTORY_FILE = "history.csv"  # what the folder of every training run has after its first epoch


@dataclass(frozen=True)
class Inputs:
    """What there is to report on, in the order in which it was given."""

    results: list[Result]
    runs: list[RunRecord]


def read_inputs(paths: Iterable[Path]) -> Inputs:
    """The results in files and in every *.result.json under folders, and the runs whose training.json is given or is
    under a folder; each file once. Raises ResultError.
    """
    records: dict[Path, Path] = {}
    others: list[Path] = []
    for path in paths:
        found = _record_files(path)
        records |= {file.resolve(): file for file in found}
        if path.is_dir() and not result_files(path):
            if not found:
                raise ResultError(_nothing_in(path))
        elif not (found and path.is_file()):
            others.append(path)
    return Inputs(read_results(others), [read_run_record(file) for file in records.values()])


def _record_files(path: Path) -> list[Path]:
    """The records of training runs at a path. The name of a folder that is being written begins with a dot."""
    if path.is_file():
        return [path] if path.name == TRAINING_FILE else []
    files = (file for file in path.rglob(TRAINING_FILE) if file.is_file())
    return sorted(file for file in files if not any(part.startswith(".") for part in file.relative_to(path).parts))


def _nothing_in(folder: Path) -> str:
    if (folder / HISTORY_FILE).is_file():
        return (
            f"expected {TRAINING_FILE} in the training run {folder}; there is none: an earlier version trained it.\n"
            "Train again to have a report."
        )
    return (
        f"expected *{RESULT_SUFFIX} files or training runs; there are none under {folder}.\n"
        "Measure with mobilenet-benchmark first and name the folder that it wrote (build/results), or name the folder "
        "of a training run of which an epoch is done (build/train/RUN)."
    )
