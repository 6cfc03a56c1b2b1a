"""The first weights of the layer that makes vectors, on the features of a trained network: solved, not random.

As with the linear probe of classes, gradients of a random layer would change the features for no reason.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mobilenet_tf.tasks.embeddings import cosine_errors

__all__ = ["Projection", "expectation", "principal_projection", "regression"]

# Of ridge regression, as shares of the mean variance of a feature.
STRENGTHS = (1e-4, 1e-3, 1e-2, 1e-1, 1.0)
SMALLEST_VARIANCE = 1e-12  # features that are all constant leave the equations solvable

Float32 = NDArray[np.float32]


@dataclass(frozen=True)
class Projection:
    """features @ kernel + bias are the vectors, of any length. kernel: (channels, dimensions); bias: (dimensions,).

    cosine: to the teacher, the mean on the `held_out` photos before it was fitted to them too; None if there are none.
    """

    kernel: Float32
    bias: Float32
    cosine: float | None = None
    held_out: int = 0


def regression(features: Float32, targets: Float32, is_held_out: NDArray[np.bool_]) -> Projection:
    """The linear map of features (n, channels) that is nearest to a teacher's unit vectors (n, dimensions).

    Ridge regression; of its strengths the one with the highest cosine on the photos that are held out, (n,), is taken.
    """
    strength, best = STRENGTHS[len(STRENGTHS) // 2], None
    if is_held_out.any() and not is_held_out.all():
        for tried in STRENGTHS:
            kernel, bias = _ridge(features[~is_held_out], targets[~is_held_out], tried)
            found = features[is_held_out] @ kernel + bias
            cosine = 1 - float(cosine_errors(found, targets[is_held_out]).mean())
            if best is None or cosine > best:
                strength, best = tried, cosine
    return Projection(*_ridge(features, targets, strength), best, int(is_held_out.sum()))


def principal_projection(features: Float32, dimensions: int, random: Float32) -> Projection:
    """The directions in which features (n, channels) differ most, so that vectors keep what tells photos apart.

    random: (channels, dimensions) the kernel for the directions that there are not, of fewer channels or photos.
    """
    mean = features.mean(0)
    _, spread, directions = np.linalg.svd(features - mean, full_matrices=False)
    count = min(dimensions, int((spread > spread[0] * 1e-6).sum()))
    kernel = np.array(random, np.float32)
    kernel[:, :count] = directions[:count].T
    return Projection(kernel, (-mean @ kernel).astype(np.float32))


def expectation(projection: Projection) -> str | None:
    """A sentence on the cosine to expect before the network learns; None if no photo was held out."""
    if projection.cosine is None:
        return None
    return (
        f"A linear map of the features as they are has a mean cosine of {projection.cosine:.3f} to the teacher's "
        f"vectors on {projection.held_out} held-out training photos. Training begins with it: expect more."
    )


def _ridge(features: Float32, targets: Float32, strength: float) -> tuple[Float32, Float32]:
    mean, aim = features.mean(0, dtype=np.float64), targets.mean(0, dtype=np.float64)
    inputs = features - mean
    moments = inputs.T @ inputs / len(inputs)
    penalty = strength * max(float(np.trace(moments)) / len(moments), SMALLEST_VARIANCE)
    kernel = np.linalg.solve(moments + penalty * np.eye(len(moments)), inputs.T @ (targets - aim) / len(inputs))
    return kernel.astype(np.float32), (aim - mean @ kernel).astype(np.float32)
