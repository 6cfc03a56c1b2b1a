"""The commands that are killed, and started twice at once: on which input, and what must hold afterwards."""

import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from .chaos_checks import broken_files, left_over, mixed_runs, same_state, without_model
from .chaos_process import run

__all__ = ["CASES", "Case", "make_inputs"]

RUN = "mobilenet_v1_a0.25_r32_photos"
NETWORK = ("--weights", "random", "--alpha", "0.25", "--res", "32")
SIZED = ("--epochs", "2", "--batch-size", "4", "--deterministic", "--output-dir", "out")
# The weights are random, and no file of them agrees with float.
EXPORT = (*NETWORK, "--quant", "int8", "--calibration", "photos", "--num-calibration", "10", "--output-dir", "out")
TRAIN = ("mobilenet-train", "photos", *NETWORK, *SIZED)
AGAIN = ("mobilenet-train", "again/photos", *NETWORK, *SIZED, "--overwrite")
QUICK = ("--min-seconds", "0", "--runs", "3", "--warmup", "1", "--output-dir", "out")


@dataclass(frozen=True)
class Case:
    """A command that is killed again and again, and then comes to its end.

    words:    the command, given the folder that it runs in.
    earlier:  what of the inputs is in its output before.
    check:    sentences on what is wrong, at any time; of (the folder, whether the command has come to its end).
    statuses: with which two of them at once may end, in order.
    cpu, partial: seconds of CPU time that it takes, and how many files are seen while they are being written, measured
              before: the range of the moments at which it is killed.
    """

    name: str
    words: Callable[[Path], Sequence[str]]
    check: Callable[[Path, bool], list[str]]
    statuses: tuple[tuple[int, int], ...] = ((0, 0),)
    earlier: str | None = None
    cpu: float = 0.0
    partial: int = 0

    @property
    def writes(self) -> bool:
        """Whether it writes into `out`."""
        return self.check is not _check_nothing and self.check is not _check_page


def _resumed(folder: Path) -> Sequence[str]:
    return (*TRAIN, "--resume") if (folder / "out" / RUN / "state.npz").exists() else TRAIN


def _exported(folder: Path) -> Sequence[str]:
    """A process that was killed may have been done."""
    return ("mobilenet-export", *EXPORT, *(["--overwrite"] if (folder / "out").exists() else []))


def _check_run(folder: Path, ended: bool) -> list[str]:
    out = folder / "out"
    same = same_state(out / RUN, folder / "inputs" / "run" / RUN) if ended else []
    return [*broken_files(out), *mixed_runs(out), *same, *(left_over(out) if ended else [])]


def _check_replaced(folder: Path, ended: bool) -> list[str]:
    out = folder / "out"
    return [*broken_files(out), *mixed_runs(out), *without_model(out), *(left_over(out) if ended else [])]


def _check_output(folder: Path, ended: bool) -> list[str]:
    out = folder / "out"
    missing = [] if out.exists() or not ended else ["nothing was written"]
    return [*broken_files(out), *missing, *(left_over(out) if ended and out.is_dir() else [])]


def _check_export_there(folder: Path, ended: bool) -> list[str]:
    there = [*(folder / "out").glob("*/manifest.json")]
    return [*_check_output(folder, ended), *([] if there else ["the earlier export is gone"])]


def _check_page(folder: Path, ended: bool) -> list[str]:
    pages = [path.name for path in folder.glob("[!.]*.html")]  # those with a dot are being written
    found = broken_files(folder / "page.html") + ([] if pages == ["page.html"] else ["the earlier page is gone"])
    return found + ([f"left over: {path.name}" for path in folder.glob(".*page*")] if ended else [])


def _check_nothing(folder: Path, _: bool) -> list[str]:
    written = {path.name for path in folder.iterdir()} - {"inputs", "photos", "again"}
    return [f"wrote {name}" for name in sorted(written)]


CASES = (
    Case("mobilenet-train, resumed", _resumed, _check_run, ((0, 2), (2, 0))),
    Case("mobilenet-train --overwrite", lambda _: AGAIN, _check_replaced, ((0, 0), (0, 2), (2, 0)), earlier="run"),
    Case("mobilenet-export", _exported, _check_output, ((0, 2), (2, 0))),
    Case(
        "mobilenet-export --overwrite",
        lambda _: ("mobilenet-export", *EXPORT, "--seed", "1", "--overwrite"),
        _check_export_there,
        earlier="export",
    ),
    Case(
        "mobilenet-export --correction best",
        lambda _: ("mobilenet-export", *EXPORT, "--correction", "best", "--overwrite"),
        _check_export_there,
        earlier="export",
    ),
    Case(
        "mobilenet-benchmark",
        lambda _: ("mobilenet-benchmark", "inputs/export", *QUICK, "--overwrite"),
        _check_output,
    ),
    Case(
        "mobilenet-report",
        lambda _: ("mobilenet-report", "inputs/run", "-o", "page.html", "--overwrite"),
        _check_page,
        earlier="page.html",
    ),
    Case("mobilenet-classify", lambda _: ("mobilenet-classify", "inputs/model.tflite", "photos"), _check_nothing),
    Case("mobilenet-info", lambda _: ("mobilenet-info", "--json"), _check_nothing),
)


def make_inputs(folder: Path) -> None:
    """Photos of two classes, others of the same names elsewhere, a finished run, an export and a page. Raises
    RuntimeError if a command fails.
    """
    for place, seed in (("photos", 0), ("again/photos", 100)):
        for number, name in enumerate(("cat", "dog")):
            _write_photos(folder / place / name, seed + number)
    run_folder, export_folder = folder / "run", folder / "export"
    _done(folder, *TRAIN, "--output-dir", run_folder)
    _done(folder, "mobilenet-export", *EXPORT, "--output-dir", export_folder)
    _done(folder, "mobilenet-report", run_folder, "-o", folder / "page.html")
    (model,) = export_folder.glob("*/*.tflite")
    shutil.copy(model, folder / "model.tflite")


def _done(folder: Path, *words: object) -> None:
    ended = run(folder, *words)
    if ended.status:
        raise RuntimeError(f"{words[0]} ended with status {ended.status}:\n{ended.output}")


def _write_photos(folder: Path, seed: int) -> None:
    folder.mkdir(parents=True)
    rng = np.random.default_rng(seed)
    for index in range(10):
        coarse = rng.integers(0, 256, (6, 5, 3), dtype=np.uint8)
        Image.fromarray(coarse).resize((48, 40)).save(folder / f"photo_{index:03d}.jpg")
