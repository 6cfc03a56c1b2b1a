"""Tags: any number of them may be true of one photo, so that each has a score of its own from 0 to 1, by a sigmoid."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["TAG_THRESHOLD", "best_tags", "tag_agreement", "tags_above"]

Float32 = NDArray[np.float32]

TAG_THRESHOLD = 0.5  # a tag with a higher score is true


def tags_above(scores: NDArray[Any]) -> NDArray[np.bool_]:
    """Which tags are true by their scores (..., tags), from 0 to 1."""
    return scores > TAG_THRESHOLD


def tag_agreement(scores: Float32, reference: Float32) -> float:
    """The share of decisions, one for each photo and tag, (n, tags) scores each, that are the same in both."""
    return float(np.mean(tags_above(scores) == tags_above(reference)))


def best_tags(scores: Float32, labels: Sequence[str], least: int) -> list[tuple[str, float]]:
    """The tags that are true by their `scores` (tags,), but the `least` best if fewer are true; best first, of equal
    ones the first in their order.
    """
    best = (-scores).argsort(kind="stable")[: max(least, int(tags_above(scores).sum()))]
    return [(labels[index], float(scores[index])) for index in best]
