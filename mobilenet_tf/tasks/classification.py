"""Classification: one class for each photo. The head, the score, and how outputs are read.

TensorFlow is loaded by `build_model` only.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from mobilenet_tf.networks.spec import ModelSpec

if TYPE_CHECKING:
    import keras

__all__ = ["agreement", "best_classes", "build_model", "top1"]

Float32 = NDArray[np.float32]


def build_model(spec: ModelSpec) -> "keras.Model":
    """The Keras model of `spec`, randomly initialized, with global average pooling and a classifier at its end.

    Input (batch, res, res, 3), float32 in [-1, 1]; output (batch, classes), softmax.
    """
    import keras

    from mobilenet_tf.networks.builder import build_trunk

    image, x = build_trunk(spec)
    x = keras.layers.GlobalAveragePooling2D(name="pool")(x)
    x = keras.layers.Dense(spec.classes, name="classifier")(x)
    x = keras.layers.Softmax(name="softmax")(x)
    return keras.Model(image, x, name=spec.name.replace(".", "_"))


def best_classes(scores: Float32, labels: Sequence[str], top: int) -> list[tuple[str, float]]:
    """The `top` labels with the highest of `scores` (classes,), best first; of equal ones the first."""
    best = (-scores).argsort(kind="stable")[:top]
    return [(labels[index], float(scores[index])) for index in best]


def agreement(scores: Float32, reference: Float32) -> float:
    """The share of photos, (n, classes) each, on which both have the same best class."""
    return float(np.mean(scores.argmax(1) == reference.argmax(1)))


def top1(scores: Float32, ground_truth: Sequence[int | None]) -> float | None:
    """The share of photos whose best class is the true one, of those whose class is known; None if none is."""
    known = [index for index, label in enumerate(ground_truth) if label is not None]
    if not known:
        return None
    return float(np.mean([scores[index].argmax() == ground_truth[index] for index in known]))
