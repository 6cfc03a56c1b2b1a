"""Tags: any number of them may be true of one photo, so that each has a score of its own from 0 to 1, by a sigmoid.

A tag is true if its score is above its threshold. The score of a model is the mean average precision over its tags, as
Howard et al. 2017 have it for face attributes (section 4.4, table 12).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "TAG_THRESHOLD",
    "UNKNOWN",
    "TagScore",
    "agreement_by_tag",
    "average_precision",
    "best_tags",
    "best_threshold",
    "losses",
    "mean_average_precision",
    "sigmoid",
    "tag_agreement",
    "tag_scores",
    "tags_above",
]

Float32 = NDArray[np.float32]

TAG_THRESHOLD = 0.5  # a tag with a higher score is true, if nothing says its own threshold
UNKNOWN = -1  # in place of 0 or 1: nothing says whether the tag is true of a photo

Thresholds = Sequence[float] | None  # one for each tag; None: TAG_THRESHOLD


@dataclass(frozen=True)
class TagScore:
    """How well one tag is told. photos: of how many it is true; ap: None if that is none.

    precision, recall: of the photos above `threshold`, the share of which it is true; of those of which it is true,
                       the share above it. None if there is no such photo.
    """

    photos: int
    ap: float | None
    threshold: float
    precision: float | None
    recall: float | None


def tags_above(scores: NDArray[Any], thresholds: Thresholds = None) -> NDArray[np.bool_]:
    """Which tags are true by their scores (..., tags), from 0 to 1."""
    above: NDArray[np.bool_] = scores > np.asarray(TAG_THRESHOLD if thresholds is None else thresholds, np.float32)
    return above


def tag_agreement(scores: Float32, reference: Float32, thresholds: Thresholds = None) -> float:
    """The share of decisions, one for each photo and tag, (n, tags) scores each, that are the same in both."""
    return float(np.mean(tags_above(scores, thresholds) == tags_above(reference, thresholds)))


def agreement_by_tag(scores: Float32, reference: Float32, thresholds: Thresholds = None) -> list[float]:
    """As tag_agreement, of each tag by itself."""
    same = tags_above(scores, thresholds) == tags_above(reference, thresholds)
    return [float(share) for share in same.mean(0)]


def best_tags(
    scores: Float32, labels: Sequence[str], least: int, thresholds: Thresholds = None
) -> list[tuple[str, float]]:
    """The tags that are true by their `scores` (tags,), best first, of equal ones the first in their order.

    Without thresholds of their own, the `least` best if fewer are true.
    """
    order, true = (-scores).argsort(kind="stable"), tags_above(scores, thresholds)
    best = order[: max(least, int(true.sum()))] if thresholds is None else [index for index in order if true[index]]
    return [(labels[index], float(scores[index])) for index in best]


def sigmoid(logits: NDArray[Any]) -> NDArray[np.float64]:
    """(...) logits -> scores from 0 to 1."""
    half = np.tanh(0.5 * np.asarray(logits, np.float64))  # which does not overflow
    return 0.5 + 0.5 * half


def average_precision(scores: NDArray[Any], truth: NDArray[Any]) -> float | None:
    """The mean over the photos of which a tag is true of the precision at its score: the sum over all thresholds of
    precision times the gain of recall. Photos of one score, as int8 gives them, come in together.

    scores, truth: (n,); truth is 1, 0 or UNKNOWN, of which the last do not count. None if no photo has the tag.
    """
    known = truth != UNKNOWN
    scores, truth = scores[known], truth[known]
    if not (truth == 1).any():
        return None
    order = (-scores).argsort(kind="stable")
    right = np.cumsum(truth[order] == 1)
    last = np.flatnonzero(np.append(np.diff(scores[order]) != 0, True))  # of the photos of one score
    gained = np.diff(np.append(0, right[last]))
    return float((gained * right[last] / (last + 1)).sum() / right[-1])


def mean_average_precision(scores: NDArray[Any], truth: NDArray[Any]) -> float:
    """The mean of the average precisions of the tags that are true of a photo; 0 if none is. (n, tags) each."""
    every = [average_precision(scores[:, tag], truth[:, tag]) for tag in range(truth.shape[1])]
    known = [value for value in every if value is not None]
    return float(np.mean(known)) if known else 0.0


def best_threshold(scores: NDArray[Any], truth: NDArray[Any]) -> float:
    """The threshold with the highest F1, halfway to the next lower score; TAG_THRESHOLD if no photo has the tag.

    scores, truth: as of average_precision. Of several such thresholds the one nearest TAG_THRESHOLD.
    """
    known = truth != UNKNOWN
    scores, truth = scores[known], truth[known]
    if not (truth == 1).any():
        return TAG_THRESHOLD
    values = np.unique(np.asarray(scores, np.float64))
    between = (np.append(0.0, values[:-1]) + values) / 2  # above each are the photos of that score and higher ones
    above = scores[:, None] > between
    right = (above & (truth == 1)[:, None]).sum(0)
    f1 = 2 * right / (above.sum(0) + (truth == 1).sum())
    best = between[f1 >= f1.max() - 1e-12]
    return float(best[np.abs(best - TAG_THRESHOLD).argmin()])


def tag_scores(scores: NDArray[Any], truth: NDArray[Any], thresholds: Thresholds = None) -> list[TagScore]:
    """How well each tag is told, (n, tags) each. thresholds: None for the best ones on these photos."""
    found = []
    for tag in range(truth.shape[1]):
        of_tag, true = scores[:, tag], truth[:, tag]
        chosen = best_threshold(of_tag, true) if thresholds is None else thresholds[tag]
        above, known = of_tag > chosen, true != UNKNOWN
        right, said, there = (int(part.sum()) for part in (above & (true == 1), above & known, true == 1))
        precision, recall = (right / whole if whole else None for whole in (said, there))
        found.append(TagScore(there, average_precision(of_tag, true), chosen, precision, recall))
    return found


def losses(logits: Any, labels: Any, weights: Any, soft: Any, *, temperature: float, teacher_weight: float) -> Any:
    """The binary cross entropy of each photo, (n,), the mean over the tags.

    logits (n, tags); labels (n, tags): 1, 0 or UNKNOWN; weights (2, tags): what a 0 and a 1 of each tag count for.
    soft (n, tags): the sigmoid of a teacher at `temperature`, or None; it has the share `teacher_weight` of the loss
    (Hinton et al. 2015, section 2, for a sigmoid), and all of it where the label is not known (Howard et al. 2017,
    section 4.4: the teacher alone).
    """
    from mobilenet_tf.keras_loader import tf

    known, one = tf.cast(labels >= 0, tf.float32), tf.cast(labels == 1, tf.float32)
    counts = known * (one * weights[1] + (1 - one) * weights[0])
    hard = counts * tf.nn.sigmoid_cross_entropy_with_logits(one, logits)
    if soft is None:
        return tf.reduce_mean(hard, 1)
    # Gradients of the soft part shrink with the square of the temperature.
    of_teacher = temperature**2 * tf.nn.sigmoid_cross_entropy_with_logits(soft, logits / temperature)
    share = known * teacher_weight + (1 - known)
    return tf.reduce_mean((1 - share) * hard + share * of_teacher, 1)
