"""Photos to train on and photos to validate with, so that no picture is on both sides."""

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from mobilenet_tf.progress import OnProgress
from mobilenet_tf.terminal import printable, shortened_list

from .alike import without_films
from .copies import groups_of_copies
from .dataset import Dataset, Int64, Photos, Subset, UInt8, UInt64, split_photos
from .examination import Examination, Side, examine
from .photo_looks import PhotoLooks

__all__ = ["Sides", "given_sides", "held_out_sides"]

MOST_LEFT_OUT = 0.5  # of the photos to train on of a class: if more are copies, the sides are no sides


@dataclass(frozen=True)
class Sides:
    """The photos to train on and to validate with, and what was found out about all of them.

    train_groups: as in Dataset.
    """

    train: Photos
    validation: Photos
    examination: Examination
    train_groups: Int64
    notes: tuple[str, ...] = ()

    def dataset(
        self, classes: tuple[str, ...], skipped: tuple[str, ...], left_out: int, broken: int, notes: tuple[str, ...]
    ) -> Dataset:
        """The Dataset of these sides. broken: how many of the photos that are left out cannot be read."""
        examination = replace(self.examination, broken=broken)
        notes += self.notes
        return Dataset(classes, self.train, self.validation, skipped, left_out, notes, examination, self.train_groups)


@dataclass(frozen=True)
class _Joined:
    """The photos of one source, followed by those of another."""

    first: Photos
    second: Photos

    @cached_property
    def labels(self) -> Int64:
        return np.concatenate([self.first.labels, self.second.labels])

    @cached_property
    def digests(self) -> UInt64:
        return np.concatenate([self.first.digests, self.second.digests])

    def __len__(self) -> int:
        return len(self.first) + len(self.second)

    def name(self, index: int) -> str:
        photos, place = self._place(index)
        return photos.name(place)

    def read(self, index: int, short_side: int) -> UInt8:
        photos, place = self._place(index)
        return photos.read(place, short_side)

    def _place(self, index: int) -> tuple[Photos, int]:
        count = len(self.first)
        return (self.first, index) if index < count else (self.second, index - count)


def held_out_sides(
    classes: tuple[str, ...], photos: Photos, looks: PhotoLooks, share: float, seed: int, on_progress: OnProgress
) -> Sides:
    """Hold out `share` of each class of `photos`, by `seed`; those that show one picture stay together."""
    groups, notes = without_films(groups_of_copies(looks, on_progress), photos.labels, looks.digests, classes)
    return replace(_held_out(classes, photos, looks, groups, share, seed), notes=notes)


def given_sides(
    classes: tuple[str, ...],
    photos: tuple[Photos, Photos],
    looks: tuple[PhotoLooks, PhotoLooks],
    share: float,
    seed: int,
    on_progress: OnProgress,
) -> Sides:
    """Take `photos` as they are, (to train on, to validate with), but for those of the former that show what one of the
    latter shows: these are left out.

    If a class would lose more than half of its photos to train on, the sides are put together, and `share` of each
    class is held out by `seed`, which a note says.
    """
    given, validation = photos
    both = looks[0].followed_by(looks[1])
    joined = _Joined(given, validation)
    groups, notes = without_films(groups_of_copies(both, on_progress), joined.labels, both.digests, classes)
    is_copy = np.isin(groups[: len(given)], groups[len(given) :])
    lost = _lost(given.labels, is_copy, len(classes))
    if lost:
        sides = _held_out(classes, joined, both, groups, share, seed)
        names = shortened_list([printable(classes[label]) for label in lost])
        return replace(sides, notes=(*notes, _together_note(names, share)))
    side_of = np.full(len(joined), Side.VALIDATION, np.int64)
    side_of[: len(given)] = np.where(is_copy, Side.LEFT_OUT, Side.TRAIN)
    train = Subset(given, np.flatnonzero(~is_copy)) if is_copy.any() else given
    train_groups = groups[: len(given)][~is_copy]
    found = examine(classes, joined.labels, side_of, joined.name, both.digests, groups, both)
    return Sides(train, validation, found, train_groups, notes)


def _held_out(
    classes: tuple[str, ...], photos: Photos, looks: PhotoLooks, groups: Int64, share: float, seed: int
) -> Sides:
    train, validation = split_photos(photos, share, seed, groups)
    side_of = np.full(len(photos), Side.TRAIN, np.int64)
    side_of[validation.indices] = Side.VALIDATION
    found = examine(classes, photos.labels, side_of, photos.name, looks.digests, groups, looks)
    return Sides(train, validation, found, groups[train.indices])


def _lost(labels: Int64, is_copy: NDArray[np.bool_], classes: int) -> list[int]:
    """The classes of whose photos too many are copies."""
    counts, copies = (np.bincount(some, minlength=classes) for some in (labels, labels[is_copy]))
    return np.flatnonzero(copies > MOST_LEFT_OUT * counts).tolist()


def _together_note(names: str, share: float) -> str:
    return (
        f"Most photos to train on of {names} are copies of photos to validate with: both sides are put together, and "
        f"{share:.0%} of each class validates."
    )
