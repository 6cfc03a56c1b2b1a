"""The network that a transfer begins with: trained weights, a classifier for other classes, restored batch norm.

TensorFlow is loaded with this module.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from mobilenet_tf.contract.labels import read_labels, without_numbers
from mobilenet_tf.data.dataset import Photos
from mobilenet_tf.keras_loader import keras
from mobilenet_tf.progress import OnProgress, ignore_progress
from mobilenet_tf.tasks.classification import build_model, split_classifier
from mobilenet_tf.weights.class_names import labels_beside, labels_for
from mobilenet_tf.weights.load import Weights

from .config import SizedConfig
from .evaluation import image_batches
from .restore_batch_norm import batch_norms, is_folded, restore_batch_norm

__all__ = ["has_same_classes", "model_for", "restore_folded_batch_norm", "set_batch_norm_momentum"]

STATISTICS_PHOTOS = 2048  # photos that batch norm's statistics are measured on, at most


def has_same_classes(weights: Weights, source: str, classes: Sequence[str]) -> bool:
    """Whether the labels of these weights, which were read from `source`, are `classes`, in their order."""
    labels = labels_beside(weights, source)
    if labels is not None:
        listed = read_labels(labels)
        return list(classes) in (listed, without_numbers(listed, str(labels))[0])
    names, unnamed = labels_for(weights, None)
    return not unnamed and names == list(classes)


def model_for(weights: Weights, classes: int, *, keep_classifier: bool) -> keras.Model:
    """A model of `weights`' network for `classes` classes; its classifier is new unless it is kept."""
    model = build_model(replace(weights.spec, classes=classes))
    trunk, classifier = split_classifier(weights.arrays)
    if not keep_classifier:
        _, classifier = split_classifier(model.get_weights())
    model.set_weights([*trunk, *classifier])
    return model


def set_batch_norm_momentum(model: keras.Model, config: SizedConfig, images: int) -> None:
    """Let the moving statistics span a tenth of the run, from 5 to 100 steps: in a short run they must follow the
    weights sooner.
    """
    steps = config.epochs * (images // config.batch_size)
    for norm in batch_norms(model):
        norm.momentum = min(0.99, max(0.8, 1 - 10 / steps))


def restore_folded_batch_norm(model: keras.Model, photos: Photos, on_progress: OnProgress = ignore_progress) -> None:
    """Restore batch norm that is folded away, measured on evenly spaced training photos; if none is, change nothing."""
    if is_folded(model):
        restore_batch_norm(model, _statistics_batches(photos, model.input_shape[1], on_progress))


def _statistics_batches(photos: Photos, res: int, on_progress: OnProgress) -> Iterator[NDArray[np.uint8]]:
    count, done = min(len(photos), STATISTICS_PHOTOS), 0
    on_progress(f"restoring batch norm on {count} photos", 0.0)
    for images in image_batches(photos, res, STATISTICS_PHOTOS):
        yield images
        done += len(images)
        on_progress(f"restoring batch norm: {done} of {count} photos", 0.0)
