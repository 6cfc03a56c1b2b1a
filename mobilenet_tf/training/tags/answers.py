"""What a network of tags answers on the validation photos, in the form of the run's record."""

import numpy as np
from numpy.typing import NDArray

from mobilenet_tf.results.tag_record import TagAnswer, TagAnswers, WrongTags
from mobilenet_tf.results.thumbnails import thumbnail_text
from mobilenet_tf.tasks.tags import UNKNOWN, best_threshold, mean_average_precision, tag_scores, tags_above
from mobilenet_tf.terminal import printable
from mobilenet_tf.training.evaluation import EvaluationImages

__all__ = ["answers_of"]

MOST_WRONG = 12  # photos that are shown
DIGITS = 6  # of a threshold


def answers_of(
    epoch: int, scores: NDArray[np.float64], truth: NDArray[np.int64], images: EvaluationImages
) -> TagAnswers:
    """The answers of an epoch, from 1: scores (n, tags) of the images and what is true, (n, tags)."""
    thresholds = [round(best_threshold(*one), DIGITS) for one in zip(scores.T, truth.T, strict=True)]
    found = tag_scores(scores, truth, thresholds)
    said = tags_above(scores, thresholds)
    missed, false = (truth == 1) & ~said, (truth == 0) & said
    errors = (missed | false).sum(1)
    worst = [int(index) for index in (-errors).argsort(kind="stable")[:MOST_WRONG] if errors[index]]
    return TagAnswers(
        epoch=epoch,
        photos=len(scores),
        by_teacher=bool((images.labels == UNKNOWN).all(1).any() and (truth != UNKNOWN).all(1).any()),
        mean_ap=mean_average_precision(scores, truth),
        tags=[
            TagAnswer(
                photos=one.photos,
                ap=one.ap,
                threshold=threshold,
                precision=one.precision,
                recall=one.recall,
                missed=int(missed[:, tag].sum()),
                false=int(false[:, tag].sum()),
            )
            for tag, (one, threshold) in enumerate(zip(found, thresholds, strict=True))
        ],
        worst=[
            WrongTags(
                printable(images.photos.name(index)),
                thumbnail_text(images.image(index)),
                np.flatnonzero(missed[index]).tolist(),
                np.flatnonzero(false[index]).tolist(),
            )
            for index in worst
        ],
    )
