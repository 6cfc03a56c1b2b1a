"""What the loop of training leaves to a task, such as classification or detection: a protocol, and nothing else.

The loop has the epochs, the steps, the state, the best model, the log and the run's folder. A task has the batches,
what validation finds, and the record of it. The learner of a task makes the task: see NetworkLearner.task.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from .kept_models import KeptEpoch
from .state import Epoch

__all__ = ["Batches", "RunInput", "Task"]


@dataclass(frozen=True)
class RunInput:
    """What a task is made from.

    data:     the photos, of the kind that the task trains on.
    folder:   of the run.
    dataset:  the name of the photos.
    examined: what was found out about them, for the record; None if nothing is known.
    """

    data: Any
    folder: Path
    dataset: str
    examined: Any = None


class Batches(Protocol):
    """The batches to train on."""

    steps: int  # in an epoch

    def batches_of_epoch(self, epoch: int, first: int) -> Iterator[tuple[Any, int]]:
        """From step `first` of an epoch, both from 0: what each replica gets, and the resolution to train it at."""


class Task(Protocol):
    """One run of one task."""

    @property
    def batches(self) -> Batches:
        """The batches of its training photos."""

    @property
    def epoch_type(self) -> type[Epoch]:
        """What a finished epoch is recorded as."""

    def validates(self, epoch: int) -> bool:
        """Whether this epoch, from 0, is validated. The first and the last one are."""

    def trained(self, counted: float) -> Mapping[str, float | None]:
        """The fields of an epoch for the mean, over an epoch's steps, of what the learner counts beside its loss."""

    def validate(
        self, model: Any, epoch: int, res: int, on_photos: Callable[[int], None]
    ) -> Mapping[str, float | None]:
        """The fields of an epoch for what `model` does on the validation photos at this resolution.

        epoch:     that is validated, from 0.
        on_photos: called with how many photos are done.
        """

    def line(self, epoch: Epoch) -> str:
        """The score of a validated epoch in a few words: `top-1 81.3%`."""

    def write_record(self, history: Sequence[Epoch], kept: KeptEpoch) -> None:
        """Write training.json, after `validate` of the last epoch of `history`. Raises OSError."""
