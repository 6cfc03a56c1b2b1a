"""The two sides of photos with boxes, so that no picture is on both and each class has its share on both."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mobilenet_tf.data.dataset import Int64, Photos, Subset, UInt8, UInt64
from mobilenet_tf.data.examination import Examination
from mobilenet_tf.data.photo_looks import PhotoLooks
from mobilenet_tf.data.sides import given_sides, held_out_sides
from mobilenet_tf.progress import OnProgress

from .boxed_photos import BoxedPhotos

__all__ = ["BoxSides", "split_boxes"]

BACKGROUND = "background"


@dataclass(frozen=True)
class BoxSides:
    """examination: of the photos by their strata, see BoxedPhotos.strata: only its copies say something here."""

    train: BoxedPhotos
    validation: BoxedPhotos
    examination: Examination
    notes: tuple[str, ...]


@dataclass(frozen=True)
class _Stratified:
    """The photos, each labelled with its stratum."""

    photos: BoxedPhotos
    labels: Int64

    @property
    def digests(self) -> UInt64:
        return self.photos.digests

    def __len__(self) -> int:
        return len(self.photos)

    def name(self, index: int) -> str:
        return self.photos.name(index)

    def read(self, index: int, short_side: int) -> UInt8:
        return self.photos.read(index, short_side)


def split_boxes(
    photos: BoxedPhotos,
    looks: PhotoLooks,
    is_held_out: NDArray[np.bool_],
    classes: tuple[str, ...],
    share: float,
    seed: int,
    on_progress: OnProgress,
) -> BoxSides:
    """The sides of n photos: those that `is_held_out` (n,) names validate, and no copy of them is trained on; if it
    names none, `share` of each class is held out, by `seed`.
    """
    named, stratified = (*classes, BACKGROUND), _Stratified(photos, photos.strata(len(classes)))
    if is_held_out.any():
        places = np.flatnonzero(~is_held_out), np.flatnonzero(is_held_out)
        parts = Subset(stratified, places[0]), Subset(stratified, places[1])
        sides = given_sides(named, parts, (looks.at(places[0]), looks.at(places[1])), share, seed, on_progress)
    else:
        sides = held_out_sides(named, stratified, looks, share, seed, on_progress)
    # A photo that is on both sides as it is given, by one path, is the later one where it validates.
    forward = {path: place for place, path in enumerate(photos.paths)}
    backward = {path: place for place, path in reversed([*enumerate(photos.paths)])}
    train, validation = _places(sides.train, backward), _places(sides.validation, forward)
    return BoxSides(photos.at(train), photos.at(validation), sides.examination, sides.notes)


def _places(side: Photos, place_of: dict[str, int]) -> Int64:
    return np.array([place_of[side.name(index)] for index in range(len(side))], np.int64)
