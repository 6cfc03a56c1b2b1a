"""What load_boxes returns: photos with boxes to train on and to validate with."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mobilenet_tf.data.two_sides import TwoSides, check_class_names
from mobilenet_tf.errors import CheckError, DataError

from .boxed_photos import BoxedPhotos
from .examination import BoxExamination

__all__ = ["BoxDataset"]

MOST_LOST = 0.1  # of the boxes, without an option that allows it


@dataclass(frozen=True)
class BoxDataset(TwoSides):
    """What `load_boxes` returns; the fields are those of dataset.Dataset.

    boxes_seen, boxes_lost: how many boxes were written, and how many of them cannot be used.
    Raises DataError if no box is left to train on, or none to validate with.
    """

    classes: tuple[str, ...]
    train: BoxedPhotos
    validation: BoxedPhotos
    skipped: tuple[str, ...]
    examination: BoxExamination
    left_out: int = 0
    notes: tuple[str, ...] = ()
    boxes_seen: int = 0
    boxes_lost: int = 0

    def __post_init__(self) -> None:
        check_class_names(self.classes)
        for side, doing in ((self.train, "train on"), (self.validation, "validate with")):
            if not sum(map(len, side.boxes)):
                raise DataError(
                    f"expected photos with boxes to {doing}; {len(side)} photo(s) there have none.\n"
                    "Add annotated photos."
                )

    def examined(self) -> BoxExamination:
        """What was found out about the photos and boxes."""
        return self.examination

    @property
    def labels_sha256(self) -> str:
        """Hash of all boxes and their classes, in order: it tells two data sets with different boxes apart."""
        return _sha256([array for side in (self.train, self.validation) for array in _annotations(side)])

    def check_lost_boxes(self, source: str, *, allow_skipped: bool) -> None:
        """Raise CheckError if more than a tenth of the boxes cannot be used and that is not allowed."""
        if allow_skipped or self.boxes_lost <= MOST_LOST * self.boxes_seen:
            return
        kept = self.boxes_seen - self.boxes_lost
        raise CheckError(
            f"expected to use at least nine of ten boxes in {source}; {kept} of {self.boxes_seen} can be used.\n"
            f"Left out: {'; '.join(self.skipped[:3])}.\nMend or remove these, or give --allow-skipped."
        )


def _annotations(photos: BoxedPhotos) -> Sequence[NDArray[np.generic]]:
    counts = np.array([len(one) for one in photos.boxes], np.int64)
    return [counts, *photos.boxes, *photos.classes, *photos.ignored]


def _sha256(arrays: Sequence[NDArray[np.generic]]) -> str:
    whole = hashlib.sha256()
    for array in arrays:
        whole.update(np.ascontiguousarray(array).tobytes())
    return whole.hexdigest()
