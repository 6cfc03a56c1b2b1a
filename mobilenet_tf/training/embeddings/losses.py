"""The losses of embeddings. TensorFlow is loaded with this module."""

import math
from typing import Any

from mobilenet_tf.keras_loader import tf

__all__ = ["MARGIN", "SCALE", "arcface_losses", "distillation_losses", "unit_length"]

# Deng et al. 2019, section 3.1: the margin is an angle; the scale is the length that vectors have in the softmax.
MARGIN, SCALE = 0.5, 64.0
SMALLEST_SQUARE = 1e-12  # as the last layer of the networks has it


def unit_length(x: Any) -> Any:
    """Vectors (n, dimensions) of any length -> of length 1."""
    return tf.math.l2_normalize(x, -1, epsilon=SMALLEST_SQUARE)


def distillation_losses(x: Any, targets: Any) -> Any:
    """The squared distance of the unit vector of x from that of a teacher, (n, dimensions) each -> (n,).

    As Howard et al. 2017, section 4.6, train a small FaceNet. It is twice 1 - cosine.
    """
    return tf.reduce_sum(tf.math.squared_difference(unit_length(x), targets), 1)


def arcface_losses(x: Any, centres: Any, labels: Any, *, margin: float = MARGIN, scale: float = SCALE) -> Any:
    """The cross entropy of x (n, dimensions) among classes by their angles to centres (classes, dimensions) -> (n,).

    The angle to the centre of the own class, labels (n,), is made larger by `margin`, so that vectors of a class come
    nearer together than the classes need to be told apart (Deng et al. 2019, equation 3). An angle that would exceed
    180 degrees is replaced by a line below it, as the paper's code has it, so that the loss always falls with the
    angle.
    """
    cosine = tf.clip_by_value(tf.matmul(unit_length(x), unit_length(centres), transpose_b=True), -1.0, 1.0)
    # The square root has no slope at 0.
    sine = tf.sqrt(tf.maximum(1 - tf.square(cosine), SMALLEST_SQUARE))
    widened = cosine * math.cos(margin) - sine * math.sin(margin)
    widened = tf.where(cosine > -math.cos(margin), widened, cosine - margin * math.sin(margin))
    own = tf.one_hot(labels, tf.shape(centres)[0])
    logits = scale * tf.where(own > 0, widened, cosine)
    return tf.nn.sparse_softmax_cross_entropy_with_logits(labels, logits)
