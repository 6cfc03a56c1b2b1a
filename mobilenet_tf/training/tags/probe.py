"""The linear probe of tags: the best classifier on the features of a network that stays as it is.

As training/linear_probe.py, with a logistic regression for each tag.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mobilenet_tf.tasks.tags import mean_average_precision, sigmoid
from mobilenet_tf.training.linear_probe import ITERATIONS, LEAST_DEVIATION, SMALLEST_SHARE, STRENGTHS

__all__ = ["TagProbe", "expectation", "fit_tags", "tag_probe"]

Float32 = NDArray[np.float32]


@dataclass(frozen=True)
class TagProbe:
    """features @ kernel + bias are the logits. kernel: (channels, tags); bias: (tags,).

    mean_ap:  on the `held_out` photos, before it was fitted to them too; None if there are none.
    """

    kernel: Float32
    bias: Float32
    strength: float
    mean_ap: float | None
    held_out: int


def tag_probe(features: Float32, targets: Float32, weights: Float32, is_held_out: NDArray[np.bool_]) -> TagProbe:
    """The regression whose strength has the smallest cross entropy on the photos that are held out.

    features (n, channels); targets (n, tags) from 0 to 1; weights (n, tags): what each counts for, 0 for one that is
    not known; is_held_out (n,): if it is nowhere True, the middle strength is taken.
    """
    strength, mean_ap = STRENGTHS[len(STRENGTHS) // 2], None
    if is_held_out.any():
        least, fitted = np.inf, ~is_held_out
        for tried in STRENGTHS:
            kernel, bias = fit_tags(features[fitted], targets[fitted], weights[fitted], tried)
            scores = sigmoid(features[is_held_out] @ kernel + bias)
            loss = _cross_entropy(scores, targets[is_held_out], weights[is_held_out])
            if loss < least:
                least, strength = loss, tried
                truth = np.where(weights[is_held_out] > 0, targets[is_held_out] > 0.5, -1)
                mean_ap = mean_average_precision(scores, truth)
    kernel, bias = fit_tags(features, targets, weights, strength)
    return TagProbe(kernel, bias, strength, mean_ap, int(is_held_out.sum()))


def expectation(probe: TagProbe) -> str | None:
    """A sentence on the mean AP to expect, before the network learns; None if no photo was held out."""
    if probe.mean_ap is None:
        return None
    return (
        f"A classifier on the features as they are has a mean average precision of {probe.mean_ap:.1%} on "
        f"{probe.held_out} held-out training photos. Training begins with it: expect about this, or more."
    )


def fit_tags(features: Float32, targets: Float32, weights: Float32, strength: float) -> tuple[Float32, Float32]:
    """The kernel (channels, tags) and bias (tags,) of the smallest mean cross entropy plus strength / 2 times the
    squares of the kernel, on features (n, channels) that are scaled to variance 1.

    targets, weights: (n, tags). As linear_probe.fit_classifier, by Beck & Teboulle 2009, section 4.
    """
    mean, deviation = features.mean(0), features.std(0) + LEAST_DEVIATION
    inputs = np.concatenate([(features - mean) / deviation, np.ones((len(features), 1), np.float32)], 1)
    shares = weights / np.maximum(weights.sum(0), SMALLEST_SHARE)
    penalty = np.full((inputs.shape[1], 1), strength, np.float32)
    penalty[-1] = 0  # the bias has none
    # The Hessian of the cross entropy of a tag is at most a quarter of the second moments of the inputs.
    largest = max(np.linalg.eigvalsh((inputs * share[:, None]).T @ inputs)[-1] for share in shares.T)
    step = np.float32(1 / (0.25 * largest + strength))
    solved = momentum = np.zeros((inputs.shape[1], targets.shape[1]), np.float32)
    pace = 1.0
    for _ in range(ITERATIONS):
        slope = shares * (sigmoid(inputs @ momentum).astype(np.float32) - targets)
        before, solved = solved, momentum - step * (inputs.T @ slope + penalty * momentum)
        next_pace = (1 + np.sqrt(1 + 4 * pace**2)) / 2
        momentum, pace = solved + np.float32((pace - 1) / next_pace) * (solved - before), next_pace
    kernel = solved[:-1] / deviation[:, None]
    return kernel.astype(np.float32), (solved[-1] - mean @ kernel).astype(np.float32)


def _cross_entropy(scores: NDArray[np.float64], targets: Float32, weights: Float32) -> float:
    right, wrong = (np.log(np.maximum(part, SMALLEST_SHARE)) for part in (scores, 1 - scores))
    return float(-(weights * (targets * right + (1 - targets) * wrong)).sum() / max(weights.sum(), SMALLEST_SHARE))
