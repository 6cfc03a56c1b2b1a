"""The linear probe: the best classifier on the features of a network that stays as it is.

The features of the photos are computed once, and multinomial logistic regression on them takes seconds. Fine-tuning
begins with its weights (Kumar et al. 2022, section 3.2): from a random classifier the first gradients would change the
features for no reason. How many photos it classifies correctly that it was not fitted to is an early estimate.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mobilenet_tf.results.chance import wilson_interval
from mobilenet_tf.tasks.classification import best_class_per_photo, softmax

__all__ = ["LinearProbe", "expectation", "fit_classifier", "linear_probe"]

STRENGTHS = (10.0, 1.0, 0.1, 0.01, 0.001)  # of L2 regularization, on features of variance 1
ITERATIONS = 200
SMALLEST_SHARE = 1e-12  # a probability whose logarithm is taken
LEAST_DEVIATION = 1e-3  # features that are almost constant are not enlarged

Float32 = NDArray[np.float32]
Int64 = NDArray[np.int64]
Bool = NDArray[np.bool_]


@dataclass(frozen=True)
class LinearProbe:
    """A classifier on features: features @ kernel + bias are the logits.

    kernel:   (channels, classes).
    bias:     (classes,).
    strength: that of its regularization, which photos it was not fitted to have chosen.
    right:    how many of these `held_out` photos it classified correctly before it was fitted to them too.
    """

    kernel: Float32
    bias: Float32
    strength: float
    right: int
    held_out: int


def linear_probe(
    features: Float32, labels: Int64, held_out: Bool, classes: int, weights: Float32 | None = None
) -> LinearProbe:
    """The logistic regression whose strength has the smallest cross entropy on the photos that are `held_out`.

    features (n, channels); labels (n,); held_out (n,): if it is nowhere True, the middle strength is taken. The
    strengths are tried on the other photos; the classifier is fitted to all.
    weights: (n,) what each photo counts for in the cross entropy; None: all count alike.
    """
    counts = np.ones(len(labels), np.float32) if weights is None else weights
    strength, right = STRENGTHS[len(STRENGTHS) // 2], 0
    if held_out.any():
        least = np.inf
        for tried in STRENGTHS:
            kernel, bias = fit_classifier(features[~held_out], labels[~held_out], classes, tried, counts[~held_out])
            logits = features[held_out] @ kernel + bias
            shares = softmax(logits)[np.arange(len(logits)), labels[held_out]]
            loss = np.average(-np.log(np.maximum(shares, SMALLEST_SHARE)), weights=counts[held_out])
            if loss < least:
                least, strength = loss, tried
                right = int((best_class_per_photo(logits) == labels[held_out]).sum())
    kernel, bias = fit_classifier(features, labels, classes, strength, counts)
    return LinearProbe(kernel, bias, strength, right, int(held_out.sum()))


def expectation(probe: LinearProbe) -> str | None:
    """A sentence on the top-1 to expect, before the network learns; None if no photo was held out."""
    if not probe.held_out:
        return None
    share = probe.right / probe.held_out
    low, high = wilson_interval(share, probe.held_out)
    return (
        f"A classifier on the features as they are gets {share:.1%} of {probe.held_out} held-out training photos right "
        f"(95% interval {low:.1%} to {high:.1%}). Training begins with it: expect about this top-1, or more."
    )


def fit_classifier(
    features: Float32, labels: Int64, classes: int, strength: float, weights: Float32 | None = None
) -> tuple[Float32, Float32]:
    """Multinomial logistic regression: the kernel (channels, classes) and bias (classes,) of the smallest mean cross
    entropy plus strength / 2 times their squares, on features (n, channels) that are scaled to variance 1.

    weights: (n,) what each photo counts for in the mean; None: all count alike.

    The objective is convex; its minimum is approached by FISTA with a constant step size and no proximal step (Beck &
    Teboulle 2009, section 4).
    """
    mean, deviation = features.mean(0), features.std(0) + LEAST_DEVIATION
    inputs = np.concatenate([(features - mean) / deviation, np.ones((len(features), 1), np.float32)], 1)
    targets = np.eye(classes, dtype=np.float32)[labels]
    counts = np.ones(len(inputs), np.float32) if weights is None else weights
    weighted = inputs * (counts / counts.sum())[:, None]
    penalty = np.full((inputs.shape[1], 1), strength, np.float32)
    penalty[-1] = 0  # the bias has none
    # The Hessian of the cross entropy is at most half of the second moments of the inputs (Boehning 1992).
    step = 1 / (0.5 * np.linalg.eigvalsh(weighted.T @ inputs)[-1] + strength)
    solved = momentum = np.zeros((inputs.shape[1], classes), np.float32)
    pace = 1.0
    for _ in range(ITERATIONS):
        gradient = weighted.T @ (softmax(inputs @ momentum) - targets) + penalty * momentum
        before, solved = solved, (momentum - np.float32(step) * gradient)
        next_pace = (1 + np.sqrt(1 + 4 * pace**2)) / 2
        momentum, pace = solved + np.float32((pace - 1) / next_pace) * (solved - before), next_pace
    kernel = solved[:-1] / deviation[:, None]
    return kernel, solved[-1] - mean @ kernel
