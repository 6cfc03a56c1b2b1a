"""Writes training.json of a run of any task: what best.keras answered is kept, whatever came after it."""

import hashlib
import math
from collections.abc import Callable, Sequence
from typing import Any, ClassVar

from mobilenet_tf.errors import ResultError
from mobilenet_tf.files import replace_file
from mobilenet_tf.results.run_record_file import TRAINING_FILE
from mobilenet_tf.terminal import printable

from .config import SizedConfig
from .kept_models import KeptEpoch
from .page import remove_page
from .task import RunInput

__all__ = ["RecordWriter", "finite", "photos_sha256"]


class RecordWriter:
    """The record of one run. record_type: the dataclass of the task's record."""

    record_type: ClassVar[Any]

    def __init__(self, run: RunInput, config: SizedConfig) -> None:
        self.run, self.config = run, config
        self._path = run.folder / TRAINING_FILE
        self._answers: Any = None

    def keep(self, kept: KeptEpoch, epoch: int, answers: Callable[[], Any]) -> None:
        """Keep the answers of `epoch`, the last one, if best.keras is of it; else those of the kept one, which a record
        of before has if the run was resumed.
        """
        if kept.epoch == epoch:
            self._answers = answers()
        elif self._answers is None or self._answers.epoch != kept.epoch:
            self._answers = self._answers_before(kept.epoch)

    def write_fields(self, kept: KeptEpoch, **fields: Any) -> None:
        """Write the record with these fields and those that all tasks have. A page of before, which shows less, is
        removed. Raises OSError.
        """
        data, config = self.run.data, self.config
        record = self.record_type(
            schema_version=self.record_type.version,
            name=printable(self._path.parent.name),
            dataset=printable(self.run.dataset),
            classes=list(data.classes),
            epochs=config.epochs,
            averaged=config.ema > 0,
            settings=config.as_json(),
            kept_epoch=kept.epoch,
            chosen_from=kept.among,
            answers=self._answers,
            examined=self.run.examined,
            **fields,
        )
        remove_page(self._path.parent)
        with replace_file(self._path) as partial:
            partial.write_text(record.to_json(), encoding="utf-8")

    def validated_at(self, res: int, epoch: int) -> int:
        """The resolution at which an epoch, from 1, of a network of resolution `res` was validated."""
        return min(self.config.resolutions(res, epoch - 1)[-1], res)

    def _answers_before(self, epoch: int) -> Any:
        """The answers of an epoch before the run was resumed; None if the record that is there has none of it."""
        try:
            answers = self.record_type.read(self._path).answers
        except ResultError:
            return None
        return answers if answers is not None and answers.epoch == epoch else None


def finite(loss: float | None) -> float | None:
    """A loss that JSON can hold; None for any other."""
    return None if loss is None or not math.isfinite(loss) else loss


def photos_sha256(photos: Any, classes: Sequence[str]) -> str:
    """Hash of labelled photos, their labels, and what these are called."""
    content = photos.labels.tobytes() + photos.digests.tobytes() + "\n".join(classes).encode("utf-8")
    return hashlib.sha256(content).hexdigest()
