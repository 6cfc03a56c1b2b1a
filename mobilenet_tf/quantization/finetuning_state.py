"""Where a fine-tuning is, in a checkpoint file from which an interrupted run continues."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from .checkpoint import read_checkpoint, write_checkpoint

__all__ = ["FineTuningState"]


class Trained(Protocol):
    """What is fine-tuned."""

    @property
    def checkpoint_variables(self) -> Sequence[Any]:
        """All variables that change."""

    def assign(self, values: Sequence[Any]) -> None:
        """Set `checkpoint_variables` to these values."""


class FineTuningState:
    """The number of rounds done, and the divergences on the held-back photos after the last of them.

    path: the checkpoint; None for none. It is read if it belongs to `key`.
    Raises OutputError for a checkpoint that cannot be read.
    """

    def __init__(self, path: Path | None, key: str, trained: Trained, divergences: NDArray[np.float32]) -> None:
        self._path, self._key, self._trained = path, key, trained
        self.round, self.divergences = 0, divergences
        saved = read_checkpoint(path, key)
        if saved is not None:
            self.round, self.divergences = int(saved["round"]), saved["divergences"]
            trained.assign([saved[f"variable{i}"] for i in range(len(trained.checkpoint_variables))])

    def end_round(self, divergences: NDArray[np.float32]) -> None:
        """Count a round, and write the checkpoint."""
        self.round, self.divergences = self.round + 1, divergences
        values = {f"variable{i}": np.asarray(value) for i, value in enumerate(self._trained.checkpoint_variables)}
        write_checkpoint(self._path, self._key, {"round": self.round, "divergences": divergences, **values})

    def remove_checkpoint(self) -> None:
        """Remove the checkpoint of a run that is done."""
        if self._path is not None:
            self._path.unlink(missing_ok=True)
