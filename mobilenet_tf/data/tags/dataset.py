"""What load_tags returns: photos with tags to train on and to validate with."""

import hashlib
from dataclasses import dataclass

from mobilenet_tf.data.dataset import Int64
from mobilenet_tf.data.two_sides import TwoSides
from mobilenet_tf.errors import DataError

from .examination import TagExamination
from .tagged_photos import TaggedPhotos

__all__ = ["TagDataset"]


@dataclass(frozen=True)
class TagDataset(TwoSides):
    """What `load_tags` returns; the fields are those of dataset.Dataset, its classes are tags.

    Raises DataError if there are fewer than two tags, or no photo is left to train on or to validate with.
    """

    classes: tuple[str, ...]
    train: TaggedPhotos
    validation: TaggedPhotos
    skipped: tuple[str, ...]
    examination: TagExamination
    left_out: int = 0
    notes: tuple[str, ...] = ()
    train_groups: Int64 | None = None

    def __post_init__(self) -> None:
        if len(self.classes) < 2:
            raise DataError(
                f"expected at least two tags; found only {self.classes[0]}.\n"
                "To tell photos with it from those without, sort them into two folders: --task classification."
            )
        for side, doing in ((self.train, "train on"), (self.validation, "validate with")):
            if not len(side):
                raise DataError(f"expected photos to {doing}; found none.\nGive more photos, or a --validation folder.")

    def examined(self) -> TagExamination:
        """What was found out about the photos and tags."""
        return self.examination

    @property
    def labels_sha256(self) -> str:
        """As Dataset.labels_sha256."""
        shape = f"tags {self.train.labels.shape}".encode()
        return hashlib.sha256(shape + self.train.labels.tobytes() + self.validation.labels.tobytes()).hexdigest()
