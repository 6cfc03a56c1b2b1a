"""What a person should know of labelled photos before training on them: counts, odd photos, and copies."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from .photo_looks import MOST_COMPARED, TINY_SIDE, PhotoLooks

__all__ = ["IMBALANCE", "ClassCounts", "Copies", "Examination", "Side", "examination_problem", "examine"]

IMBALANCE = 5  # a class with less than a fifth of the largest one's photos is a small one


class Side(IntEnum):
    """What a photo is used for."""

    TRAIN = 0
    VALIDATION = 1
    LEFT_OUT = 2  # of training, because a copy of it validates


@dataclass(frozen=True)
class ClassCounts:
    """How many photos a class has: to train on, to validate with, and of all of these how many are odd; None if that is
    not known of this kind of photos. left_out: see Side.LEFT_OUT.
    """

    name: str
    train: int
    validation: int
    left_out: int = 0
    tiny: int | None = None
    grey: int | None = None
    rotated: int | None = None

    @property
    def photos(self) -> int:
        """The number of all its photos."""
        return self.train + self.validation + self.left_out


@dataclass(frozen=True)
class Copies:
    """Photos that show one picture.

    names:   of the photos, at least two.
    classes: of each of them.
    sides:   of each of them.
    exact:   whether they are the same, byte for byte.
    """

    names: tuple[str, ...]
    classes: tuple[str, ...]
    sides: tuple[Side, ...]
    exact: bool

    @property
    def in_several_classes(self) -> bool:
        """Whether they contradict each other."""
        return len(set(self.classes)) > 1


@dataclass(frozen=True)
class Examination:
    """broken: how many photos cannot be read. only_exact: whether photos that merely look alike were not searched for,
    because they are too many, or nothing is known of how they look.
    """

    classes: tuple[ClassCounts, ...]
    copies: tuple[Copies, ...]
    broken: int = 0
    only_exact: bool = False

    @property
    def photos(self) -> int:
        """The number of photos that can be read."""
        return sum(one.photos for one in self.classes)

    @property
    def small_classes(self) -> tuple[str, ...]:
        """The classes to train on with less than a fifth of the photos that the largest one has."""
        largest = max(one.train for one in self.classes)
        return tuple(one.name for one in self.classes if 0 < IMBALANCE * one.train < largest)


def examination_problem(found: Examination, classes: Sequence[str]) -> str | None:
    """Why an examination from a file cannot be that of photos of these classes; None if nothing is wrong."""
    if [one.name for one in found.classes] != [*classes]:
        return f"expected counts of each of the {len(classes)} classes, in their order"
    counts = [found.broken, *(value for one in found.classes for value in vars(one).values() if type(value) is int)]
    if min(counts) < 0:
        return f"expected counts of 0 or more; got {min(counts)}"
    if len({(one.tiny is None, one.grey is None, one.rotated is None) for one in found.classes}) > 1:
        return "expected the odd photos of all classes, or of none"
    if any(len(one.names) < 2 or len({*map(len, (one.names, one.classes, one.sides))}) > 1 for one in found.copies):
        return "expected the name, the class and the side of two photos or more for each picture that has copies"
    return None


def examine(
    classes: Sequence[str],
    labels: NDArray[np.int64],
    sides: NDArray[np.int64],
    name_of: Callable[[int], str],
    digests: NDArray[np.uint64],
    groups: NDArray[np.int64],
    looks: PhotoLooks | None = None,
) -> Examination:
    """Summarize n photos: their class indices (n,), sides (n,), names, digests (n,), and groups (n,) as
    copies.groups_of_copies gives them. looks: None if nothing is known of how they look.
    """

    def counted(chosen: NDArray[np.bool_]) -> list[int]:
        return np.bincount(labels[chosen], minlength=len(classes)).tolist()

    columns = [counted(sides == side) for side in Side]
    if looks is not None:
        columns += [counted(odd) for odd in (looks.short_side < TINY_SIDE, looks.is_grey, looks.is_rotated)]
    rows = [ClassCounts(*row) for row in zip(classes, *columns, strict=True)]
    copies = [
        Copies(
            names=tuple(map(name_of, members.tolist())),
            classes=tuple(classes[label] for label in labels[members]),
            sides=tuple(map(Side, sides[members])),
            exact=len(np.unique(digests[members])) == 1,
        )
        for members in _groups_of_several(groups)
    ]
    only_exact = looks is None or len(digests) > MOST_COMPARED
    return Examination(tuple(rows), tuple(copies), only_exact=only_exact)


def _groups_of_several(groups: NDArray[np.int64]) -> list[NDArray[np.intp]]:
    """The indices of the photos of each group of two or more."""
    numbers, counts = np.unique(groups, return_counts=True)
    members = np.flatnonzero(np.isin(groups, numbers[counts > 1]))  # of a million photos, most are alone
    order = members[np.argsort(groups[members], kind="stable")]
    return np.split(order, np.flatnonzero(np.diff(groups[order])) + 1) if len(order) else []
