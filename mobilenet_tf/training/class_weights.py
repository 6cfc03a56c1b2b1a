"""What a photo of each class counts for in the loss, if some classes have far fewer photos than others."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from mobilenet_tf.data.examination import IMBALANCE
from mobilenet_tf.terminal import printable, shortened_list

__all__ = ["CHOICES", "class_weights", "class_weights_note"]

CHOICES = ("auto", "none")


def class_weights(labels: NDArray[np.int64], classes: int, choice: str) -> NDArray[np.float32] | None:
    """(classes,): n / (classes * count) for a class of `count` of the n photos: all classes count alike, and the mean
    over the photos is 1 (King & Zeng 2001, section 4.2, for classes of one share).

    None, so that all photos count alike, if `choice` is `none`, or if it is `auto` and no class has less than a fifth
    of the photos of the largest. labels: (n,) of the photos to train on. A class without photos gets no weight.
    """
    counts = np.bincount(labels, minlength=classes)
    present = counts > 0
    if choice == "none" or not (IMBALANCE * counts[present] < counts.max()).any():
        return None
    weights = np.zeros(classes, np.float32)
    weights[present] = len(labels) / (present.sum() * counts[present])
    return weights


def class_weights_note(weights: NDArray[np.float32] | None, classes: Sequence[str]) -> tuple[str, ...]:
    """A line that says which classes the weights raise, and how to train without; nothing without weights."""
    if weights is None:
        return ()
    small = [
        printable(name) for name, weight in zip(classes, weights, strict=True) if weight > IMBALANCE * _least(weights)
    ]
    return (
        f"All classes count alike in the loss, however few photos they have: {shortened_list(small)} "
        f"{'has' if len(small) == 1 else 'have'} less than a fifth of the largest. --class-weights none turns it off.",
    )


def _least(weights: NDArray[np.float32]) -> float:
    return float(weights[weights > 0].min())
