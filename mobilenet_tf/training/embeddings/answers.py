"""What a network of vectors answers on the validation photos, in the form of the run's record."""

import numpy as np
from numpy.typing import NDArray

from mobilenet_tf.results.embedding_record import EmbeddingAnswers, NearPhoto, ShownPhoto
from mobilenet_tf.results.thumbnails import thumbnail_text
from mobilenet_tf.tasks.embeddings import (
    TIE,
    cosine_errors,
    cosines,
    nearest,
    nearest_agreement,
    nearest_other,
    recall_at_1,
)
from mobilenet_tf.terminal import printable
from mobilenet_tf.training.evaluation import EvaluationImages

__all__ = ["answers_of"]

MOST_SHOWN = 12  # photos
NEAREST = 3  # others that are shown with each
DIGITS = 4  # of a cosine
THUMBNAIL = 96  # pixels: there are several for each photo

Vectors = NDArray[np.float32]


def answers_of(
    epoch: int, vectors: Vectors, targets: Vectors | None, images: EvaluationImages, *, has_classes: bool
) -> EmbeddingAnswers:
    """The answers of an epoch, from 1: unit vectors (n, dimensions) of the images; targets: the teacher's, or None."""
    labels = images.labels if has_classes else None
    recall, counted = (None, 0) if labels is None else recall_at_1(vectors, labels)
    of_teacher = None
    if targets is not None and labels is not None:
        of_teacher, _ = recall_at_1(targets, labels)
    return EmbeddingAnswers(
        epoch=epoch,
        photos=len(vectors),
        cosine=None if targets is None else 1 - float(cosine_errors(vectors, targets).mean()),
        recall_at_1=recall,
        recall_photos=counted,
        agreement=None if targets is None else nearest_agreement(vectors, targets),
        teacher_recall_at_1=of_teacher,
        shown=_shown(vectors, targets, images, labels),
    )


def _shown(
    vectors: Vectors, targets: Vectors | None, images: EvaluationImages, labels: NDArray[np.int64] | None
) -> list[ShownPhoto]:
    """Photos with their nearest: first the wrong ones, of which the nearest is wrong by most; then others."""
    best, similar = nearest_other(vectors)
    expected = None
    if labels is not None:
        is_wrong, by = labels[best] != labels, similar
    else:
        assert targets is not None
        expected, of_teacher = nearest_other(targets)
        by = of_teacher - (targets * targets[best]).sum(1)
        is_wrong = by > TIE
    order = sorted(range(len(vectors)), key=lambda index: (not is_wrong[index], -by[index] if is_wrong[index] else 0))

    def near(index: int, cosine: float) -> NearPhoto:
        label = None if labels is None else int(labels[index])
        return NearPhoto(*_pictured(images, index), label, round(cosine, DIGITS))

    shown = []
    for index in order[:MOST_SHOWN]:
        others = nearest(vectors[[index]], vectors, NEAREST + 1)[0][0]
        others = others[others != index][:NEAREST]
        values = cosines(vectors[[index]], vectors[others])[0]
        other = None
        if expected is not None and is_wrong[index]:
            assert targets is not None
            other = near(int(expected[index]), float(targets[index] @ targets[expected[index]]))
        of_it = near(index, 1.0)
        closest = [near(int(one), float(value)) for one, value in zip(others, values, strict=True)]
        shown.append(ShownPhoto(of_it.name, of_it.thumbnail, of_it.label, bool(is_wrong[index]), closest, other))
    return shown


def _pictured(images: EvaluationImages, index: int) -> tuple[str, str]:
    return printable(images.photos.name(index)), thumbnail_text(images.image(index), THUMBNAIL)
