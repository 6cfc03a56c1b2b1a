"""The two sides of photos with tags, so that no picture is on both and each tag has its share on both."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from mobilenet_tf.data.dataset import Int64, Photos
from mobilenet_tf.data.examination import Examination
from mobilenet_tf.data.folder import FilePhotos
from mobilenet_tf.data.photo_looks import PhotoLooks
from mobilenet_tf.data.sides import given_sides, held_out_sides
from mobilenet_tf.progress import OnProgress

from .tagged_photos import TaggedPhotos

__all__ = ["TagSides", "split_tags"]

NO_TAG = "photos without a tag"


@dataclass(frozen=True)
class TagSides:
    """examination: of the photos by their rarest tag, see TaggedPhotos.strata: only its copies say something here.

    train_groups: as in Dataset.
    """

    train: TaggedPhotos
    validation: TaggedPhotos
    examination: Examination
    train_groups: Int64
    notes: tuple[str, ...]


def split_tags(
    tags: tuple[str, ...],
    photos: Sequence[TaggedPhotos],
    looks: Sequence[PhotoLooks],
    share: float,
    seed: int,
    on_progress: OnProgress,
) -> TagSides:
    """The sides of photos to train on, and to validate with if they are given, so that no copy of the latter is
    trained on; else `share` of each tag is held out, by `seed`.
    """
    named = (*tags, NO_TAG)
    stratified = [FilePhotos(one.paths, one.strata(), one.digests) for one in photos]
    if len(stratified) == 1:
        sides = held_out_sides(named, stratified[0], looks[0], share, seed, on_progress)
    else:
        sides = given_sides(named, (stratified[0], stratified[1]), (looks[0], looks[1]), share, seed, on_progress)
    every = TaggedPhotos(
        tuple(path for one in photos for path in one.paths),
        np.concatenate([one.labels for one in photos]),
        np.concatenate([one.digests for one in photos]),
    )
    # A photo that is on both sides as it is given, by one path, is the later one where it validates.
    forward = {path: place for place, path in enumerate(every.paths)}
    backward = {path: place for place, path in reversed([*enumerate(every.paths)])}
    train, validation = _places(sides.train, backward), _places(sides.validation, forward)
    return TagSides(every.at(train), every.at(validation), sides.examination, sides.train_groups, sides.notes)


def _places(side: Photos, place_of: dict[str, int]) -> Int64:
    return np.array([place_of[side.name(index)] for index in range(len(side))], np.int64)
