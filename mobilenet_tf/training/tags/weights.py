"""What a photo with a tag, and one without it, count for in the loss, if one of both is rare."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from mobilenet_tf.data.examination import IMBALANCE
from mobilenet_tf.tasks.tags import UNKNOWN
from mobilenet_tf.terminal import printable, shortened_list

__all__ = ["MOST_WEIGHT", "tag_weights", "tag_weights_note"]

MOST_WEIGHT = 10.0  # that a photo counts for beside another one of the same tag


def tag_weights(labels: NDArray[np.int64], choice: str) -> NDArray[np.float32]:
    """(2, tags): what a photo without a tag and one with it count for, with a mean of 1 over the photos.

    All are 1 if `choice` is `none`. If it is `auto`, both sides of a tag count alike if one has less than a fifth of
    the photos of the other (King & Zeng 2001, section 4.2), but no photo more than MOST_WEIGHT times another one.
    labels: (n, tags) of the photos to train on: 1, 0 or UNKNOWN.
    """
    counts = np.stack([(labels == 0).sum(0), (labels == 1).sum(0)]).astype(np.float64)
    weights = np.ones(counts.shape, np.float32)
    known = (labels != UNKNOWN).sum(0)
    for tag, (without, having) in enumerate(counts.T):
        rare, common = min(without, having), max(without, having)
        if choice == "none" or not rare or rare * IMBALANCE >= common:
            continue
        ratio = min(common / rare, MOST_WEIGHT)
        relative = np.where(counts[:, tag] == rare, ratio, 1.0)
        weights[:, tag] = relative * known[tag] / (relative * counts[:, tag]).sum()
    return weights


def tag_weights_note(weights: NDArray[np.float32], tags: Sequence[str]) -> tuple[str, ...]:
    """A line that says of which tags the rare side counts for more, and how to train without; nothing if of none."""
    raised = [printable(tag) for tag, pair in zip(tags, weights.T.tolist(), strict=True) if pair[0] != pair[1]]
    if not raised:
        return ()
    return (
        f"Photos with a rare tag, or without a common one, count for more in the loss: {shortened_list(raised)}. "
        "--class-weights none turns it off.",
    )
