"""Photos to train on and photos to validate with, so that no picture is on both sides."""

from dataclasses import dataclass

import numpy as np

from mobilenet_tf.errors import DataError
from mobilenet_tf.progress import OnProgress
from mobilenet_tf.terminal import shortened_list

from .copies import groups_of_copies
from .dataset import Int64, Photos, Subset, split_photos
from .examination import Examination, Side, examine
from .photo_looks import PhotoLooks

__all__ = ["Sides", "given_sides", "held_out_sides"]


@dataclass(frozen=True)
class Sides:
    """The photos to train on and to validate with, and what was found out about all of them."""

    train: Photos
    validation: Photos
    examination: Examination


def held_out_sides(
    classes: tuple[str, ...], photos: Photos, looks: PhotoLooks, share: float, seed: int, on_progress: OnProgress
) -> Sides:
    """Hold out `share` of each class of `photos`, by `seed`; those that show one picture stay together."""
    groups = groups_of_copies(looks, on_progress)
    train, validation = split_photos(photos, share, seed, groups)
    sides = np.full(len(photos), Side.TRAIN, np.int64)
    sides[validation.indices] = Side.VALIDATION
    return Sides(train, validation, examine(classes, photos.labels, sides, photos.name, looks.digests, groups, looks))


def given_sides(
    classes: tuple[str, ...],
    photos: tuple[Photos, Photos],
    looks: tuple[PhotoLooks, PhotoLooks],
    on_progress: OnProgress,
) -> Sides:
    """Take `photos` as they are, (to train on, to validate with), but for those of the former that show what one of the
    latter shows: these are left out. Raises DataError if that leaves a class nothing to train on.
    """
    given, validation = photos
    both = looks[0].followed_by(looks[1])
    groups = groups_of_copies(both, on_progress)
    is_copy = np.isin(groups[: len(given)], groups[len(given) :])
    sides: Int64 = np.full(len(both.digests), Side.VALIDATION, np.int64)
    sides[: len(given)] = np.where(is_copy, Side.LEFT_OUT, Side.TRAIN)
    train = Subset(given, np.flatnonzero(~is_copy)) if is_copy.any() else given
    lost = [classes[label] for label in np.setdiff1d(given.labels, train.labels)]
    if lost:
        raise DataError(
            f"all photos to train on of {shortened_list(lost)} are copies of photos to validate with.\n"
            "Give other photos to validate with, or only those to train on: a part of them is then held out."
        )

    def name_of(index: int) -> str:
        return given.name(index) if index < len(given) else validation.name(index - len(given))

    labels = np.concatenate([given.labels, validation.labels])
    return Sides(train, validation, examine(classes, labels, sides, name_of, both.digests, groups, both))
