"""The photos that an export's accuracy is measured on: those that the network has not learned from, if there are any.

A network knows the photos that it was trained on: its top-1 on them says nothing about new photos. Weights of
mobilenet-train carry a split, which says which photos those are.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

from mobilenet_tf.data.split import SortedPhotos

from .calibration import ImageSet

__all__ = ["AccuracyPhotos", "accuracy_photos"]


@dataclass(frozen=True)
class AccuracyPhotos:
    """The photos that accuracy counts, each once.

    ground_truth: the class of each verification image that is counted; None for the others.
    trained:      how many of the photos the network has learned from; None if the weights do not say it.
    validation:   how many validated its training and were not learned from.
    epochs:       of how many epochs the weights are the best one by their top-1 on validation photos; 0 if they were
                  not chosen so, or if no validation photo is among these.
    """

    ground_truth: list[int | None]
    trained: int | None = None
    validation: int = 0
    epochs: int = 0

    @property
    def count(self) -> int:
        """The number of photos."""
        return sum(label is not None for label in self.ground_truth)


def accuracy_photos(
    images: ImageSet, classes: Mapping[Path, int | None], training: SortedPhotos | None, epochs: int = 0
) -> AccuracyPhotos:
    """Choose the photos of known class that accuracy counts, by the rule of SortedPhotos.to_measure.

    classes:  the class of each photo; None if it is not known.
    training: what the training of the weights did with the photos; None if the weights do not say it.
    epochs:   of how many epochs of it the weights are the best.
    Of the crops of one photo only the first is counted, which shows what the app would see.
    """
    known = [photo for photo, index in classes.items() if index is not None]
    if training is None:
        return AccuracyPhotos(_counted(images, classes, known))
    measured = training.among(known).to_measure()
    return AccuracyPhotos(
        ground_truth=_counted(images, classes, measured.paths),
        trained=measured.trained,
        validation=measured.validation,
        epochs=epochs if measured.validation and epochs > 1 else 0,
    )


def _counted(images: ImageSet, classes: Mapping[Path, int | None], photos: Collection[Path]) -> list[int | None]:
    """The class of the first image of each of these photos; None for the other images."""
    first = {photo: place for place, photo in reversed(list(enumerate(images.photos)))}
    places = {first[photo] for photo in photos}
    return [classes[photo] if place in places else None for place, photo in enumerate(images.photos)]
