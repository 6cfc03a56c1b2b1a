"""Experiments of many long runs, each a line of a file once it has ended: they go on where they were stopped."""

import json
import statistics
import subprocess
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

__all__ = ["calibrating", "calibration_links", "finish_runs", "run_of", "spread", "train_to_the_end"]

CALIBRATION_PHOTOS = 100
Run = TypeVar("Run")


def finish_runs(runs: Iterable[Run], results: Path, finish: Callable[[Run], dict[str, Any]]) -> list[dict[str, Any]]:
    """The lines of `results`, after the runs that are not there were done.

    finish: a run, a dataclass -> its line, which has its fields and more.
    """
    finished = read_results(results)
    for run in runs:
        if any(run == run_of(type(run), line) for line in finished):
            continue
        finished.append(finish(run))
        results.parent.mkdir(parents=True, exist_ok=True)
        with results.open("a") as file:
            file.write(json.dumps(finished[-1]) + "\n")
        print("  ".join(f"{name} {value}" for name, value in finished[-1].items()), flush=True)
    return finished


def read_results(path: Path) -> list[dict[str, Any]]:
    """The lines of the runs that have ended."""
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


def run_of(kind: Any, line: dict[str, Any]) -> Any:
    """The run, of a dataclass, that a line of the results is of; fields that came later have their defaults."""
    return kind(**{name: line[name] for name in kind.__dataclass_fields__ if name in line})


def spread(shares: Sequence[float]) -> str:
    """`87.9% +-1.2`: the mean, and the standard deviation in points if there are several."""
    if not shares:
        return "-"
    deviation = f" +-{100 * statistics.stdev(shares):.1f}" if len(shares) > 1 else ""
    return f"{statistics.mean(shares):.1%}{deviation}"


def train_to_the_end(folder: Path, words: Callable[[], Sequence[Any]]) -> float:
    """Run mobilenet-train with its run in `folder` to the end, or go on with it -> its seconds, those before it was
    stopped included; they stand in seconds.json. words: the command, made if there is something to do.
    """
    folder.mkdir(parents=True, exist_ok=True)
    clock = folder / "seconds.json"
    before = json.loads(clock.read_text()) if clock.exists() else {"seconds": 0.0, "done": False}
    if before["done"]:
        return float(before["seconds"])
    resumed = ["--resume"] if [*folder.glob("*/state.npz")] else []
    command = [*map(str, words()), "--output-dir", str(folder), *resumed]
    begun, done = time.perf_counter(), False
    try:
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        done = True
    finally:
        seconds = before["seconds"] + time.perf_counter() - begun
        clock.write_text(json.dumps({"seconds": seconds, "done": done}))
    return float(seconds)


def calibrating(count: int) -> NDArray[np.int64]:
    """The indices of the photos that calibrate, evenly spaced among `count`."""
    return np.unique(np.linspace(0, count - 1, CALIBRATION_PHOTOS).astype(np.int64))


def calibration_links(paths: Sequence[str], folder: Path) -> Path:
    """A folder of links to the photos that calibrate, of those at `paths`."""
    folder.mkdir(exist_ok=True)
    for number, path in enumerate(paths[index] for index in calibrating(len(paths)).tolist()):
        link = folder / f"{number}{Path(path).suffix}"
        if not link.exists():
            link.symlink_to(Path(path).resolve())
    return folder
