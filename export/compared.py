"""What a file's outputs are compared by with those of the float model: classes, tags or vectors."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mobilenet_tf.contract.manifest import CosineError, Head, ProbabilityChange
from mobilenet_tf.tasks.classification import agreement, best_class_per_photo, top1
from mobilenet_tf.tasks.embeddings import cosine_error, nearest_agreement
from mobilenet_tf.tasks.tags import agreement_by_tag, tag_agreement
from mobilenet_tf.tflite.given_input import Normalization
from mobilenet_tf.tflite.input_tensor import OUR_NORMALIZATION

__all__ = ["Compared", "Reference", "agreement_of", "compared"]

Float32 = NDArray[np.float32]
UInt8 = NDArray[np.uint8]


@dataclass(frozen=True)
class Reference:
    """What a file is verified against.

    images:       preprocessed, (n, res, res, 3).
    scores:       the scores (n, classes), or the vectors (n, dimensions), of the model that the file should agree with.
    ground_truth: the class of each image that accuracy counts; None for the others.
    head:         softmax for classes, sigmoid for tags, embedding for vectors.
    normalization: what the file's network expects the bytes of an image to become.
    thresholds:   of tags, from which score on each is true; None for 0.5.
    photos:       the photo that each image is from; empty if each is a photo of its own. Of vectors alone.
    """

    images: UInt8
    scores: Float32
    ground_truth: Sequence[int | None]
    head: Head = "softmax"
    normalization: Normalization = OUR_NORMALIZATION
    thresholds: Sequence[float] | None = None
    photos: Sequence[Path] = ()


@dataclass(frozen=True)
class Compared:
    """How much a file differs from its reference; the fields are those of verify.Check.

    probability_change is None of vectors, tag_agreement of all but tags, cosine_error of all but vectors.
    """

    agreement: float
    probability_change: ProbabilityChange | None
    accuracy: float | None
    tag_agreement: list[float] | None = None
    cosine_error: CosineError | None = None


def compared(scores: Float32, reference: Reference) -> Compared:
    """Compare the scores, or the vectors, of a file with those of its reference."""
    share = agreement_of(scores, reference)
    if reference.head == "embedding":
        return Compared(share, None, None, cosine_error=CosineError(**cosine_error(scores, reference.scores)))
    by_tag = None
    if reference.head == "sigmoid":
        by_tag = agreement_by_tag(scores, reference.scores, reference.thresholds)
    return Compared(share, _probability_change(scores, reference), top1(scores, reference.ground_truth), by_tag)


def agreement_of(scores: Float32, reference: Reference) -> float:
    """The share of images with the reference's best class; of decisions on tags that are the same; or of photos whose
    nearest other photo is the same.

    Crops of one photo are each other's nearest by any vectors: of each photo its first image alone counts.
    """
    if reference.head == "sigmoid":
        return tag_agreement(scores, reference.scores, reference.thresholds)
    if reference.head == "softmax":
        return agreement(scores, reference.scores)
    first = slice(None) if not reference.photos else np.unique([*map(str, reference.photos)], return_index=True)[1]
    return nearest_agreement(scores[first], reference.scores[first])


def _probability_change(scores: Float32, reference: Reference) -> ProbabilityChange:
    change = np.abs(scores - reference.scores)
    if reference.head == "softmax":
        change = change[np.arange(len(scores)), best_class_per_photo(reference.scores)]
    return ProbabilityChange(float(change.mean()), float(np.percentile(change, 99)), float(change.max()))
