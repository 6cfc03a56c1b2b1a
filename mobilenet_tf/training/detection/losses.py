"""The loss of a detector's outputs on views whose anchors have targets. TensorFlow is loaded with this module."""

from typing import Any

from mobilenet_tf.keras_loader import tf

from .matching import BACKGROUND, IGNORED
from .settings import FOCAL, DetectionSettings

__all__ = ["detection_losses"]


def detection_losses(
    outputs: tuple[Any, Any], labels: Any, encodings: Any, settings: DetectionSettings, per_photo: Any
) -> tuple[Any, Any]:
    """(the loss of each view (n,); its part for the places of boxes (n,)).

    outputs:   encodings of boxes (n, anchors, 4), and logits (n, anchors, classes), of which each class has a sigmoid.
    labels, encodings: the targets, see matching.Targets.
    per_photo: the mean number of anchors with an object in a view, at least 1, by which sums over anchors are divided
               (Liu et al. 2016, eq. 1, over a batch).
    """
    boxes, logits = outputs
    has_object = tf.cast(labels >= 0, tf.float32)
    classes = tf.one_hot(labels, logits.shape[-1])  # all 0 for BACKGROUND and IGNORED
    if settings.class_loss == FOCAL:
        of_anchors = _focal(logits, classes, settings) * tf.cast(labels != IGNORED, tf.float32)
    else:
        of_anchors = _hard_negatives(logits, classes, labels, settings)
    places = tf.reduce_sum(_smooth_l1(boxes - encodings), 2) * has_object
    of_classes, of_boxes = (tf.reduce_sum(x, 1) / per_photo for x in (of_anchors, places))
    return of_classes + settings.box_weight * of_boxes, of_boxes


def _smooth_l1(difference: Any) -> Any:
    """Girshick 2015, eq. 3."""
    size = tf.abs(difference)
    return tf.where(size < 1, 0.5 * tf.square(size), size - 0.5)


def _focal(logits: Any, classes: Any, settings: DetectionSettings) -> Any:
    """(n, anchors): Lin et al. 2017, eq. 5, summed over the classes."""
    entropy = tf.nn.sigmoid_cross_entropy_with_logits(classes, logits)
    probability = tf.sigmoid(logits)
    wrong = classes * (1 - probability) + (1 - classes) * probability
    balance = classes * settings.balance + (1 - classes) * (1 - settings.balance)
    return tf.reduce_sum(balance * wrong**settings.focus * entropy, 2)


def _hard_negatives(logits: Any, classes: Any, labels: Any, settings: DetectionSettings) -> Any:
    """(n, anchors): cross-entropy of the anchors with an object, and of the negatives with the highest loss."""
    entropy = tf.reduce_sum(tf.nn.sigmoid_cross_entropy_with_logits(classes, logits), 2)
    has_object, is_negative = labels >= 0, labels == BACKGROUND
    of_negatives = tf.where(is_negative, entropy, tf.zeros_like(entropy))
    positives = tf.reduce_sum(tf.cast(has_object, tf.float32), 1)
    count = tf.cast(settings.negatives * tf.maximum(positives, 1), tf.int32)
    rank = tf.argsort(tf.argsort(of_negatives, direction="DESCENDING"))
    chosen = is_negative & (rank < count[:, None])
    return tf.where(has_object | chosen, entropy, tf.zeros_like(entropy))
