"""What every source of labelled photos gives: photos with random access, split into training and validation."""

import hashlib
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from mobilenet_tf.errors import DataError
from mobilenet_tf.terminal import shortened_list

from .examination import Examination, Side, examine
from .two_sides import TwoSides, check_class_names

__all__ = [
    "Dataset",
    "Int64",
    "Photos",
    "Subset",
    "UInt8",
    "UInt64",
    "evenly_spaced",
    "split_photos",
    "untrained_classes_note",
]

UInt8 = NDArray[np.uint8]
Int64 = NDArray[np.int64]
UInt64 = NDArray[np.uint64]


class Photos(Protocol):
    """Labelled photos with random access, safe to read from several threads."""

    @property
    def labels(self) -> Int64:
        """(n,) class indices."""

    @property
    def digests(self) -> UInt64:
        """(n,) what names each photo by its content, see split.digest_number."""

    def __len__(self) -> int: ...

    def name(self, index: int) -> str:
        """By what a person finds the photo: its path, or its place in a shard or in an array."""

    def read(self, index: int, short_side: int) -> UInt8:
        """(height, width, 3) RGB, upright; may be smaller than the original, but its short side is not under
        min(original, short_side). Raises DataError if the file has been removed or changed since it was scanned."""


@dataclass(frozen=True)
class Dataset(TwoSides):
    """What `load_dataset` returns.

    skipped:  a line for each broken file, or kind of file that is skipped: its path and why.
    left_out: the number of photos that were seen and are not used, for the reasons in `skipped`.
    notes:    what was chosen, and a person should know.
    examination: of the photos; None if nobody has examined them.
    train_groups: (n,) of the photos to train on, the same number for those that show one picture; None: only those of
              one digest do.
    Raises DataError if fewer than two classes have photos to train on, or no photo is left to validate with.
    """

    classes: tuple[str, ...]
    train: Photos
    validation: Photos
    skipped: tuple[str, ...]
    left_out: int = 0
    notes: tuple[str, ...] = ()
    examination: Examination | None = None
    train_groups: Int64 | None = None

    def __post_init__(self) -> None:
        check_class_names(self.classes)
        classes_found = len(np.unique(self.train.labels))
        if classes_found < 2:
            raise DataError(
                f"expected photos of at least two classes to train on; found {classes_found}.\n"
                "Add photos of another class."
            )
        if not len(self.validation):
            raise DataError(
                "expected photos to validate with; found none.\n"
                "Give at least two different photos a class, so that one is held out, or a validation set of its own."
            )

    def examined(self) -> Examination:
        """The examination of the photos; if it was made without one, the counts and the exact copies."""
        if self.examination is not None:
            return self.examination
        train, validation = self.train, self.validation
        labels, digests = (
            np.concatenate([getattr(train, name), getattr(validation, name)]) for name in ("labels", "digests")
        )
        sides = np.repeat(np.array([Side.TRAIN, Side.VALIDATION]), [len(train), len(validation)])
        _, first, inverse = np.unique(digests, return_index=True, return_inverse=True)

        def name_of(index: int) -> str:
            return train.name(index) if index < len(train) else validation.name(index - len(train))

        found = examine(self.classes, labels, sides, name_of, digests, first[inverse])
        return replace(found, broken=self.left_out)

    @property
    def labels_sha256(self) -> str:
        """Hash of all photos' labels, in order: it tells two data sets with different labels apart."""
        return hashlib.sha256(self.train.labels.tobytes() + self.validation.labels.tobytes()).hexdigest()


@dataclass(frozen=True)
class Subset:
    """Some of another source's photos: those at `indices`, in that order."""

    photos: Photos
    indices: Int64

    @cached_property
    def labels(self) -> Int64:
        """(n,) class indices."""
        return self.photos.labels[self.indices]

    @cached_property
    def digests(self) -> UInt64:
        """(n,) see Photos.digests."""
        return self.photos.digests[self.indices]

    def __len__(self) -> int:
        return len(self.indices)

    def name(self, index: int) -> str:
        """As Photos.name."""
        return self.photos.name(int(self.indices[index]))

    def read(self, index: int, short_side: int) -> UInt8:
        """As Photos.read."""
        return self.photos.read(int(self.indices[index]), short_side)


def split_photos(photos: Photos, share: float, seed: int, groups: Int64 | None = None) -> tuple[Subset, Subset]:
    """(train, validation): `share` of each class is held out, by `seed`, in the photos' order on both sides.

    groups: (n,) the same number for photos that show one picture; None: those of the same digest do.
    All copies of a photo are on one side, those in other classes too. A class of two different photos or more has at
    least one on each side, unless other classes have its photos too; a single photo stays with training.
    """
    labels, digests = photos.labels, photos.digests if groups is None else groups.astype(np.uint64)
    by_class = np.split(np.argsort(labels, kind="stable"), np.cumsum(np.bincount(labels))[:-1])
    different = [_different(digests[members]) for members in by_class]
    is_held_out = np.isin(digests, _held_out(different, share, seed))
    return Subset(photos, np.flatnonzero(~is_held_out)), Subset(photos, np.flatnonzero(is_held_out))


def _different(digests: UInt64) -> UInt64:
    """Each digest once, in the order in which they come first."""
    return digests[np.sort(np.unique(digests, return_index=True)[1])]


def _held_out(different: list[UInt64], share: float, seed: int) -> UInt64:
    """The digests that are held out, from the different ones of each class.

    Small classes choose first: which side their photos are on stands for the larger ones that have the same photos.
    """
    found, classes = np.unique(np.concatenate(different), return_counts=True)
    in_several = set(found[classes > 1].tolist())
    held_out: set[int] = set()
    kept: set[int] = set()  # of those in several classes
    for index in sorted(range(len(different)), key=lambda index: len(different[index])):
        shuffled = np.random.default_rng((seed, index)).permutation(different[index]).tolist()
        count = min(max(1, round(share * len(shuffled))), len(shuffled) - 1) - len(held_out.intersection(shuffled))
        free = [digest for digest in shuffled if digest not in held_out and digest not in kept]
        held_out.update(free[: max(0, count)])
        kept.update(in_several.intersection(free[max(0, count) :]))
    return np.array([*held_out], np.uint64)


def evenly_spaced(photos: Photos, count: int) -> Subset:
    """At most `count` photos, at equal distances from the first to the last."""
    return Subset(photos, np.unique(np.linspace(0, len(photos) - 1, count).astype(np.int64)))


def untrained_classes_note(classes: tuple[str, ...], train: Photos, validation: Photos) -> tuple[str, ...]:
    """A line for the person to read if classes have photos to validate with and none to train on; else nothing."""
    names = [classes[index] for index in np.setdiff1d(validation.labels, train.labels)]
    if not names:
        return ()
    return (f"validation: classes without a photo to train on: {shortened_list(names)}",)
