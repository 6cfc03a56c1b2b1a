"""What a result says of how well a model tells tags: a frozen dataclass, part of the record of a measurement."""

from dataclasses import dataclass, field

__all__ = ["MeasuredTag", "TagAccuracy"]


@dataclass(frozen=True)
class MeasuredTag:
    """How well one tag is told, see tasks/tags.TagScore."""

    photos: int
    ap: float | None
    threshold: float
    precision: float | None
    recall: float | None


@dataclass(frozen=True)
class TagAccuracy:
    """Over photos whose tags are known, no two of them the same; shares from 0 to 1.

    folder, images_sha256: where the photos are, and the hash of those that were measured and of their tags.
    images:    how many were measured.
    mean_ap:   the mean of the average precisions of the tags that a photo has; None if none has any.
    per_tag:   tag -> how well it is told.
    by_file:   whether the thresholds are those that the file carries; else all are 0.5.
    trained_left_out, trained_measured: as those of records.Accuracy.
    left_out:  photos and tags that were not measured, each kind with its reason.
    """

    folder: str
    images_sha256: str
    images: int
    mean_ap: float | None
    per_tag: dict[str, MeasuredTag]
    by_file: bool
    images_per_s: float
    trained_left_out: int = 0
    trained_measured: int | None = None
    left_out: list[str] = field(default_factory=list)
