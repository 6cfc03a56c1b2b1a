"""The folder of a training run: begun, resumed, or replacing an earlier run as soon as it has a model itself."""

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from mobilenet_tf.contract.labels import LABELS_FILE, class_name_problem
from mobilenet_tf.contract.manifest import SPLIT_FILE
from mobilenet_tf.data.split import Split
from mobilenet_tf.errors import CheckError, InputError, OutputError
from mobilenet_tf.files import PARTIAL, discard_folder, refuse_unwritable, remove_abandoned_files, replace_folder
from mobilenet_tf.terminal import printable

from .state import STATE_FILE

__all__ = ["BEST_FILE", "LAST_FILE", "SETTINGS_FILE", "OwnFolder", "check_folder", "put_back", "run_folder"]

BEST_FILE, LAST_FILE, SETTINGS_FILE = "best.keras", "last.keras", "run.json"
WRITTEN_FIRST = {LABELS_FILE, SETTINGS_FILE, SPLIT_FILE}


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
    return folder.is_dir() and not _earlier(folder).exists() and _has_saved_nothing(folder)


def _has_saved_nothing(folder: Path) -> bool:
    return {path.name for path in folder.iterdir() if not path.name.startswith(PARTIAL)} <= WRITTEN_FIRST


def _earlier(folder: Path) -> Path:
    """Where the run that a new one replaces is set aside: no run's name begins with a dot."""
    return folder.with_name(f".{folder.name}.earlier")


def put_back(folder: Path) -> None:
    """Put back the run that was set aside if a killed process had saved nothing of the one that was to replace it.

    Raises OSError.
    """
    earlier = _earlier(folder)
    if not earlier.exists():
        return
    if folder.is_dir() and _has_saved_nothing(folder):
        discard_folder(folder, of=folder)
    if not folder.exists():
        earlier.rename(folder)


@contextmanager
def run_folder(
    folder: Path, *, resume: bool, overwrite: bool, classes: Sequence[str], settings: Mapping[str, Any], split: Split
) -> Iterator[None]:
    """Around a run: makes its folder with its labels, settings and split; without labels if there are no classes.

    An earlier run is set aside. It is removed when the new one has a model, and comes back if the new one ends with
    nothing to resume. A run that is resumed has its folder already, and may yet turn out to have other settings: if it
    ends with an error, all stays as it is. What a killed process was writing there is removed.
    Raises OutputError for a folder that cannot be written, or that exists, without `overwrite`.
    """
    if resume:
        try:
            remove_abandoned_files(folder)
        except OSError as error:
            raise OutputError(
                f"cannot write to {folder}: {error.strerror or error}.\nCheck its permissions."
            ) from error
        yield
    else:
        _make(folder, overwrite, classes, settings, split)
        place = OwnFolder(folder)
        try:
            yield
        except BaseException as error:
            # A run that diverged has saved only what leads there again.
            _leave(folder, place, resumable=not isinstance(error, CheckError))
            raise
    if not resume:
        _leave(folder, place, resumable=True)
    elif (folder / BEST_FILE).exists():
        _discard_earlier(folder)


def _make(folder: Path, overwrite: bool, classes: Sequence[str], settings: Mapping[str, Any], split: Split) -> None:
    """Make the folder; what it held before, or is set aside already, is kept: of several the newest with a model."""
    put_back(folder)
    if (folder / BEST_FILE).exists():
        _discard_earlier(folder)
    abandoned = _is_abandoned(folder)
    keep_as = None if abandoned or _earlier(folder).exists() else _earlier(folder)
    try:
        with replace_folder(folder, overwrite=overwrite or abandoned, keep_as=keep_as) as made:
            if classes:
                (made / LABELS_FILE).write_text("\n".join(classes) + "\n", encoding="utf-8")
            (made / SETTINGS_FILE).write_text(json.dumps(settings, indent=2) + "\n", encoding="utf-8")
            (made / SPLIT_FILE).write_text(split.to_json(), encoding="utf-8")
    except BaseException:
        put_back(folder)  # if it was set aside already
        raise


def _discard_earlier(folder: Path) -> None:
    """Remove the run that was set aside: the newer one has a model."""
    if _earlier(folder).exists():
        discard_folder(_earlier(folder), of=folder)


def _leave(folder: Path, place: "OwnFolder", *, resumable: bool) -> None:
    """After a new run: the earlier one goes if there is a model; both stay if the new one can be resumed; else the
    folder of the new one goes, and the earlier one comes back. A folder that somebody else has put there stays.
    """
    if place.is_there:
        if (folder / BEST_FILE).exists():
            _discard_earlier(folder)
            return
        if resumable and (folder / STATE_FILE).exists():
            return
        if _earlier(folder).exists() or _has_saved_nothing(folder):
            discard_folder(folder, of=folder)
    put_back(folder)


class OwnFolder:
    """The folder of a run, which must be there with what was written into it first until the run ends."""

    def __init__(self, folder: Path) -> None:
        """The folder is made if it does not exist."""
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self._first = folder.stat()
        self._files = [name for name in WRITTEN_FIRST if (folder / name).exists()]

    @property
    def is_there(self) -> bool:
        """Whether the folder is still the same one."""
        try:
            return os.path.samestat(self._first, self._folder.stat())
        except OSError:
            return False

    def check(self) -> None:
        """Raise OutputError if the folder, or one of the files that the run began with, is gone."""
        gone = [name for name in self._files if not (self._folder / name).exists()]
        if not self.is_there or gone:
            what = f"{', '.join(sorted(gone))} in {self._folder}" if self.is_there else str(self._folder)
            raise OutputError(
                f"{what} was removed or replaced while the run was training.\n"
                "The run stops here: a model without its labels would be of no use. Begin again."
            )
