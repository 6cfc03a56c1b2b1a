"""Photos to train an embedding on, with classes or without."""

import hashlib
from dataclasses import dataclass

from mobilenet_tf.data.dataset import Int64, Photos
from mobilenet_tf.data.examination import Examination
from mobilenet_tf.data.two_sides import TwoSides
from mobilenet_tf.errors import DataError

__all__ = ["EmbeddingDataset"]

FEWEST = 2  # photos to validate with: each is compared with the others


@dataclass(frozen=True)
class EmbeddingDataset(TwoSides):
    """What `load_embedding_photos` returns; the fields are those of dataset.Dataset.

    classes:    none if nothing says the classes of the photos: the labels of all of them are 0 then.
    dimensions: how many numbers the vector of a photo has.
    Raises DataError if there is no photo to train on, or fewer than two to validate with.
    """

    classes: tuple[str, ...]
    train: Photos
    validation: Photos
    skipped: tuple[str, ...]
    examination: Examination
    dimensions: int
    left_out: int = 0
    notes: tuple[str, ...] = ()
    train_groups: Int64 | None = None

    def __post_init__(self) -> None:
        if not len(self.train) or len(self.validation) < FEWEST:
            raise DataError(
                "expected photos to train on, and at least two to validate with, which are compared with each other; "
                f"found {len(self.train)} and {len(self.validation)}.\nGive more photos, or a --validation folder."
            )

    @property
    def trained_classes(self) -> int:
        """How many of the classes are trained on: the first ones. The others only validate."""
        return int(self.train.labels.max()) + 1

    @property
    def outputs(self) -> int:
        """See TwoSides: the dimensions."""
        return self.dimensions

    @property
    def output_names(self) -> tuple[str, ...]:
        """See TwoSides: the numbers of a vector have no names."""
        return ()

    def examined(self) -> Examination:
        """What was found out about the photos."""
        return self.examination

    @property
    def labels_sha256(self) -> str:
        """As Dataset.labels_sha256."""
        start = f"embedding of {self.dimensions}, {len(self.classes)} classes".encode()
        return hashlib.sha256(start + self.train.labels.tobytes() + self.validation.labels.tobytes()).hexdigest()
