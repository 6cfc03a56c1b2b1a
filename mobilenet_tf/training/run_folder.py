"""The folder of a training run: begun, resumed, or replacing an earlier run as soon as it has a model itself."""

import json
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from mobilenet_tf.contract.labels import LABELS_FILE, class_name_problem
from mobilenet_tf.contract.manifest import SPLIT_FILE
from mobilenet_tf.data.split import Split
from mobilenet_tf.errors import InputError, OutputError
from mobilenet_tf.files import refuse_unwritable, replace_folder
from mobilenet_tf.terminal import printable

from .state import STATE_FILE

__all__ = ["BEST_FILE", "LAST_FILE", "SETTINGS_FILE", "check_folder", "run_folder"]

BEST_FILE, LAST_FILE, SETTINGS_FILE = "best.keras", "last.keras", "run.json"
WRITTEN_FIRST = {LABELS_FILE, SETTINGS_FILE, SPLIT_FILE}
PARTIAL = ".partial."  # how the names of files begin that a killed process was writing


def check_folder(folder: Path, *, resume: bool, overwrite: bool) -> None:
    """Raises InputError or OutputError if the content of `folder` does not allow these options.

    Whether a run whose state is there may be resumed or replaced is for earlier_run.py, which knows the new photos.
    """
    if class_name_problem(str(folder)):
        raise OutputError(
            f"expected a folder for runs whose name TensorFlow can write to; '{printable(str(folder))}' is not UTF-8 "
            "or has a line break.\nGive another --output-dir."
        )
    begun = (folder / STATE_FILE).exists()
    if resume and overwrite:
        raise InputError("--resume goes on with a run, --overwrite throws it away; give one of them.")
    if resume and not begun:
        lost = folder.exists() and not _is_abandoned(folder)
        instead = "Begin again with --overwrite." if lost else "Leave --resume out to begin one."
        raise InputError(f"expected a run to resume in {folder}; there is none.\n{instead}")
    if not resume:
        refuse_unwritable(folder, overwrite=overwrite or begun or _is_abandoned(folder))


def _is_abandoned(folder: Path) -> bool:
    """Whether a run was killed here before it had saved anything, so that nothing is lost with its folder."""
    if not folder.is_dir() or _earlier(folder).exists():
        return False
    return {path.name for path in folder.iterdir() if not path.name.startswith(PARTIAL)} <= WRITTEN_FIRST


def _earlier(folder: Path) -> Path:
    """Where the run that a new one replaces is set aside."""
    return folder.with_name(f"{folder.name}.earlier")


@contextmanager
def run_folder(
    folder: Path, *, resume: bool, overwrite: bool, classes: Sequence[str], settings: Mapping[str, Any], split: Split
) -> Iterator[None]:
    """Around a run: makes its folder with its labels, settings and split.

    An earlier run is set aside. It is removed when the new one has a model, and comes back if the new one ends with
    nothing to resume. A run that is resumed has its folder already, and may yet turn out to have other settings. What a
    killed process was writing there is removed.
    Raises OutputError for a folder that cannot be written, or that exists, without `overwrite`.
    """
    earlier = _earlier(folder)
    try:
        if resume:
            _remove_partial_files(folder)
        else:
            abandoned = _is_abandoned(folder)
            # If there is one that was set aside, `folder` is what a killed run left, which had no model yet.
            keep_as = None if abandoned or earlier.exists() else earlier
            with replace_folder(folder, overwrite=overwrite or abandoned, keep_as=keep_as) as made:
                (made / LABELS_FILE).write_text("\n".join(classes) + "\n", encoding="utf-8")
                (made / SETTINGS_FILE).write_text(json.dumps(settings, indent=2) + "\n", encoding="utf-8")
                (made / SPLIT_FILE).write_text(split.to_json(), encoding="utf-8")
        yield
    except BaseException:
        _keep_or_restore(folder, earlier, resumable=False)
        raise
    _keep_or_restore(folder, earlier, resumable=(folder / STATE_FILE).exists())


def _remove_partial_files(folder: Path) -> None:
    try:
        for path in folder.glob(f"{PARTIAL}*"):
            path.unlink()
    except OSError as error:
        raise OutputError(f"cannot write to {folder}: {error.strerror or error}.\nCheck its permissions.") from error


def _keep_or_restore(folder: Path, earlier: Path, *, resumable: bool) -> None:
    """Remove the earlier run if the new one has a model; bring it back if the new one cannot even be resumed."""
    if not earlier.exists():
        return
    if (folder / BEST_FILE).exists():
        shutil.rmtree(earlier)
    elif not resumable:
        shutil.rmtree(folder, ignore_errors=True)
        earlier.rename(folder)
