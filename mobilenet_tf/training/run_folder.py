"""The folder of a training run: begun, resumed, or in the place of an earlier run once it has a model of its own."""

import json
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from mobilenet_tf.contract.labels import LABELS_FILE
from mobilenet_tf.errors import InputError, OutputError

from .state import STATE_FILE

__all__ = ["BEST_FILE", "LAST_FILE", "check_folder", "run_folder"]

BEST_FILE, LAST_FILE, SETTINGS_FILE = "best.keras", "last.keras", "run.json"


def check_folder(folder: Path, *, resume: bool, overwrite: bool) -> None:
    """Raises InputError or OutputError where what is in `folder` does not suit what is asked for."""
    begun = (folder / STATE_FILE).exists()
    if resume and overwrite:
        raise InputError("--resume goes on with a run, --overwrite throws it away; give one of them.")
    if resume and not begun:
        instead = "Begin again with --overwrite." if folder.exists() else "Leave --resume out to begin one."
        raise InputError(f"expected a run to resume in {folder}; there is none.\n{instead}")
    if folder.exists() and not resume and not overwrite:
        raise OutputError(f"{folder} holds an earlier run.\nGo on with it by --resume, or replace it by --overwrite.")


@contextmanager
def run_folder(folder: Path, *, resume: bool, classes: Sequence[str], settings: Mapping[str, Any]) -> Iterator[None]:
    """Around a run: makes its folder with its labels and settings. An earlier run is set aside and goes when the new
    one has a model; it comes back where the new one ends with nothing to go on from.

    A run that is resumed has its folder already, and may yet turn out to be of other settings.
    Raises OutputError for a folder that cannot be written.
    """
    earlier = folder.with_name(f"{folder.name}.earlier")
    try:
        if not resume:
            try:
                _begin(folder, earlier, classes, settings)
            except OSError as error:
                raise OutputError(f"cannot write to {folder}: {error.strerror}.\nGive another --output-dir.") from error
        yield
    except BaseException:
        _settle(folder, earlier, resumable=False)
        raise
    _settle(folder, earlier, resumable=(folder / STATE_FILE).exists())


def _begin(folder: Path, earlier: Path, classes: Sequence[str], settings: Mapping[str, Any]) -> None:
    if folder.exists():
        if earlier.exists():
            # A killed run's: it had not come to a model.
            shutil.rmtree(folder)
        else:
            folder.rename(earlier)
    folder.mkdir(parents=True)
    (folder / LABELS_FILE).write_text("\n".join(classes) + "\n", encoding="utf-8")
    (folder / SETTINGS_FILE).write_text(json.dumps(settings, indent=2) + "\n", encoding="utf-8")


def _settle(folder: Path, earlier: Path, *, resumable: bool) -> None:
    if not earlier.exists():
        return
    if (folder / BEST_FILE).exists():
        shutil.rmtree(earlier)
    elif not resumable:
        shutil.rmtree(folder, ignore_errors=True)
        earlier.rename(folder)
