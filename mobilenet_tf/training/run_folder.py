"""The folder of a training run: begun, resumed, or replacing an earlier run as soon as it has a model itself."""

import json
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from mobilenet_tf.contract.labels import LABELS_FILE, class_name_problem
from mobilenet_tf.errors import InputError, OutputError
from mobilenet_tf.files import replace_folder
from mobilenet_tf.terminal import printable

from .state import STATE_FILE

__all__ = ["BEST_FILE", "LAST_FILE", "check_folder", "run_folder"]

BEST_FILE, LAST_FILE, SETTINGS_FILE = "best.keras", "last.keras", "run.json"


def check_folder(folder: Path, *, resume: bool, overwrite: bool) -> None:
    """Raises InputError or OutputError if the content of `folder` does not allow these options."""
    if class_name_problem(str(folder)):
        raise OutputError(
            f"expected a folder for runs whose name TensorFlow can write to; '{printable(str(folder))}' is not UTF-8 "
            "or has a line break.\nGive another --output-dir."
        )
    begun = (folder / STATE_FILE).exists()
    if resume and overwrite:
        raise InputError("--resume goes on with a run, --overwrite throws it away; give one of them.")
    if resume and not begun:
        instead = "Begin again with --overwrite." if folder.exists() else "Leave --resume out to begin one."
        raise InputError(f"expected a run to resume in {folder}; there is none.\n{instead}")
    if folder.exists() and not resume and not overwrite:
        raise OutputError(f"{folder} holds an earlier run.\nGo on with it by --resume, or replace it by --overwrite.")


@contextmanager
def run_folder(
    folder: Path, *, resume: bool, overwrite: bool, classes: Sequence[str], settings: Mapping[str, Any]
) -> Iterator[None]:
    """Around a run: makes its folder with its labels and settings.

    An earlier run is set aside. It is removed when the new one has a model, and comes back if the new one ends with
    nothing to resume. A run that is resumed has its folder already, and may yet turn out to have other settings.
    Raises OutputError for a folder that cannot be written, or that exists, without `overwrite`.
    """
    earlier = folder.with_name(f"{folder.name}.earlier")
    try:
        if not resume:
            # If there is one that was set aside, `folder` is what a killed run left, which had no model yet.
            keep_as = None if earlier.exists() else earlier
            with replace_folder(folder, overwrite=overwrite, keep_as=keep_as) as made:
                (made / LABELS_FILE).write_text("\n".join(classes) + "\n", encoding="utf-8")
                (made / SETTINGS_FILE).write_text(json.dumps(settings, indent=2) + "\n", encoding="utf-8")
        yield
    except BaseException:
        _keep_or_restore(folder, earlier, resumable=False)
        raise
    _keep_or_restore(folder, earlier, resumable=(folder / STATE_FILE).exists())


def _keep_or_restore(folder: Path, earlier: Path, *, resumable: bool) -> None:
    """Remove the earlier run if the new one has a model; bring it back if the new one cannot even be resumed."""
    if not earlier.exists():
        return
    if (folder / BEST_FILE).exists():
        shutil.rmtree(earlier)
    elif not resumable:
        shutil.rmtree(folder, ignore_errors=True)
        earlier.rename(folder)
