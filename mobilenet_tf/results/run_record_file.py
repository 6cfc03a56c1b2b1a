"""How the records of training runs are written and read, whatever the task: training.json in the run's folder."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, ClassVar, Generic, Self, TypeVar

from mobilenet_tf.errors import ResultError
from mobilenet_tf.json_records import parse_versioned, read_text

__all__ = ["TRAINING_FILE", "Examined", "RunRecordFile"]

TRAINING_FILE = "training.json"
AGAIN = "Train again, or go on with the run by --resume."

EpochT = TypeVar("EpochT")  # what a record holds of an epoch


@dataclass(frozen=True)
class Examined:
    """What was found out before the run: the sentences of the examination, and the notes that the run began with."""

    sentences: list[str]
    notes: list[str]


class RunRecordFile(Generic[EpochT]):
    """What the dataclass of a task's record inherits. version: the schema_version that it reads and writes."""

    version: ClassVar[int]
    history: Sequence[EpochT]
    epochs: int
    kept_epoch: int

    @property
    def kept(self) -> EpochT:
        """The epoch that best.keras is of."""
        return self.history[self.kept_epoch - 1]

    @property
    def finished(self) -> bool:
        """Whether all epochs are done."""
        return len(self.history) >= self.epochs

    def fields(self) -> dict[str, Any]:
        """What is written, by name."""
        return asdict(self)  # type: ignore[call-overload]  # it is a dataclass

    def problem(self) -> str | None:
        """Why a record whose fields have the right types cannot be that of a run; None if nothing is wrong."""
        raise NotImplementedError

    def to_json(self) -> str:
        """The JSON text that `from_json` reads."""
        # A line for each field: json's own indentation would give each photo four lines.
        lines = ",\n".join(f"{json.dumps(name)}: {json.dumps(value)}" for name, value in self.fields().items())
        return f"{{\n{lines}\n}}\n"

    @classmethod
    def from_json(cls, text: str, place: str = TRAINING_FILE) -> Self:
        """The record that `to_json` wrote. place: what an error calls it. Raises ResultError for any other text."""
        record = parse_versioned(cls, text, cls.version, place, ResultError, AGAIN)
        assert isinstance(record, cls)
        problem = record.problem()
        if not 1 <= record.kept_epoch <= len(record.history):
            problem = f"kept_epoch: expected one of the {len(record.history)} epochs; got {record.kept_epoch}"
        if problem is not None:
            raise ResultError(f"{place}: {problem}.\n{AGAIN}")
        return record

    @classmethod
    def read(cls, path: Path) -> Self:
        """Read the file. Raises ResultError."""
        return cls.from_json(read_text(path, ResultError), str(path))
