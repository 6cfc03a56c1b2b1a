"""Where a fine-tuning is and its best state so far, in a checkpoint file from which an interrupted run continues."""

import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from mobilenet_tf.errors import OutputError
from mobilenet_tf.files import replace_file

__all__ = ["FineTuningState"]


class Trained(Protocol):
    """What is fine-tuned."""

    variables: list[Any]

    @property
    def checkpoint_variables(self) -> list[Any]:
        """The variables, and after them those of the optimizer."""

    def assign(self, values: Sequence[Any]) -> None:
        """Set the first of `checkpoint_variables` to these values."""


class FineTuningState:
    """The number of rounds done, and the variables and divergences of the best.

    path: the checkpoint; None for none. It is read if it belongs to `key`.
    Raises OutputError for a checkpoint that cannot be read.
    """

    def __init__(self, path: Path | None, key: str, trained: Trained, divergences: NDArray[np.float32]) -> None:
        self._path, self._key, self._trained = path, key, trained
        self.round, self.divergences = 0, divergences
        self.best = [variable.numpy() for variable in trained.variables]
        if path is not None and path.exists():
            try:
                self._resume(path)
            except (OSError, ValueError, KeyError, zipfile.BadZipFile) as error:
                raise OutputError(
                    f"cannot go on from the checkpoint {path}: {error}.\nDelete it to fine-tune from the beginning."
                ) from error

    def _resume(self, path: Path) -> None:
        with path.open("rb") as file, np.load(file) as saved:
            if str(saved["key"]) != self._key:  # it belongs to another network, other photos or another seed
                return
            self.round = int(saved["round"])
            self.divergences = saved["best"]
            self.best = [saved[f"best{i}"] for i in range(len(self.best))]
            self._trained.assign([saved[f"now{i}"] for i in range(len(self._trained.checkpoint_variables))])

    def end_round(self, round_: int, divergences: NDArray[np.float32]) -> None:
        """Compare the divergences after a round with the best so far, and write the checkpoint."""
        self.round = round_ + 1
        if divergences.mean() < self.divergences.mean():
            self.divergences = divergences
            self.best = [variable.numpy() for variable in self._trained.variables]
        if self._path is not None:
            self._write(self._path)

    def _write(self, path: Path) -> None:
        values = {f"now{i}": np.asarray(value) for i, value in enumerate(self._trained.checkpoint_variables)}
        values |= {f"best{i}": value for i, value in enumerate(self.best)}
        with replace_file(path) as partial:
            np.savez(
                partial,
                key=self._key,
                round=self.round,
                best=self.divergences,
                **values,
            )

    def remove_checkpoint(self) -> None:
        """Remove the checkpoint of a run that is done."""
        if self._path is not None:
            self._path.unlink(missing_ok=True)
