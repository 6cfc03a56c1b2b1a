"""What data sets of every kind of label have: photos to train on, and others to validate with."""

import hashlib
from collections.abc import Iterable, Sized
from typing import Any, Protocol

from mobilenet_tf.contract.labels import class_folder_problem
from mobilenet_tf.errors import DataError
from mobilenet_tf.terminal import printable

__all__ = ["TwoSides", "check_class_names"]


class Side(Sized, Protocol):
    """The photos of one side."""

    @property
    def digests(self) -> Any:
        """(n,) see dataset.Photos."""


class TwoSides:
    """What the dataclass of a data set inherits. left_out: see dataset.Dataset."""

    classes: tuple[str, ...]
    train: Side
    validation: Side
    left_out: int

    @property
    def outputs(self) -> int:
        """How many numbers a network of these photos gives for each."""
        return len(self.classes)

    @property
    def output_names(self) -> tuple[str, ...]:
        """What these are called, as labels.txt has it; nothing if they have no names."""
        return self.classes

    @property
    def used(self) -> int:
        """The number of photos that are used, on both sides."""
        return len(self.train) + len(self.validation)

    @property
    def seen(self) -> int:
        """The number of photos that were found, used or not."""
        return self.used + self.left_out

    @property
    def photos_sha256(self) -> str:
        """Hash of which photos these are, in order: it tells two data sets with different photos apart."""
        return hashlib.sha256(self.train.digests.tobytes() + self.validation.digests.tobytes()).hexdigest()


def check_class_names(classes: Iterable[str]) -> None:
    """Raise DataError for a name that cannot name a class."""
    for name in classes:
        if problem := class_folder_problem(name):
            raise DataError(
                f"the class '{printable(name[:60])}' {problem}: it cannot name a class.\nGive it another name."
            )
