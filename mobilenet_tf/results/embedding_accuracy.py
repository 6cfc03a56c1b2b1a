"""What a result says of how well vectors tell photos of one class from others: a dataclass, part of its record."""

from dataclasses import dataclass, field

__all__ = ["EmbeddingAccuracy"]


@dataclass(frozen=True)
class EmbeddingAccuracy:
    """Over photos whose classes are known, no two of them the same, by tasks/embeddings.py; shares from 0 to 1.

    folder, images_sha256: where the photos are, and the hash of those that were measured and of their classes.
    images, classes: how many were measured, and of how many classes they are.
    recall_at_1:     the share of photos whose nearest other photo is of their class; None if no class has two.
    recall_photos:   how many photos that is a share of: those whose class has another one.
    verification:    the share of pairs of photos that a threshold on their cosine decides rightly, of one class or not;
                     None if there are too few pairs.
    pairs:           how many these are, half of them of one class.
    threshold:       the cosine from which on two photos are of one class.
    trained_left_out, trained_measured: as those of records.Accuracy.
    left_out:        photos that were not measured, each kind with its reason.
    """

    folder: str
    images_sha256: str
    images: int
    classes: int
    recall_at_1: float | None
    recall_photos: int
    verification: float | None
    pairs: int
    threshold: float | None
    images_per_s: float
    trained_left_out: int = 0
    trained_measured: int | None = None
    left_out: list[str] = field(default_factory=list)
