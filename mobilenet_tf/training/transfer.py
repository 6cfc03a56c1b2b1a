"""A network to begin with: trained weights under a classifier for other classes, batch norm given back.

TensorFlow is loaded with this module.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace

import keras
import numpy as np
from numpy.typing import NDArray

from mobilenet_tf.contract.labels import read_labels
from mobilenet_tf.data.dataset import Photos, evenly
from mobilenet_tf.tasks.classification import build_model
from mobilenet_tf.weights.class_names import labels_beside, labels_for
from mobilenet_tf.weights.load import Weights

from .batches import Evaluation
from .config import TrainConfig
from .restore_batch_norm import batch_norms, is_folded, restore_batch_norm

__all__ = ["keeps_classifier", "model_for", "quicken_batch_norm", "restore", "spread"]

MEASURED = 2048  # photos that batch norm's statistics are measured on, at most


def keeps_classifier(weights: Weights, file: str, classes: Sequence[str]) -> bool:
    """Whether these weights already tell these classes apart: its labels say so."""
    labels = labels_beside(weights, file)
    if labels is not None:
        return read_labels(labels) == list(classes)
    names, unnamed = labels_for(weights, None)
    return not unnamed and names == list(classes)


def model_for(weights: Weights, classes: int, *, keep_classifier: bool) -> keras.Model:
    """A model of `weights`' network for `classes` classes; its classifier is new unless it is kept."""
    model = build_model(replace(weights.spec, classes=classes))
    arrays = weights.arrays if keep_classifier else [*weights.arrays[:-2], *model.get_weights()[-2:]]
    model.set_weights(arrays)
    return model


def quicken_batch_norm(model: keras.Model, config: TrainConfig, images: int) -> None:
    """In a run of few steps, let the moving statistics follow the weights: they span a tenth of it, or 100 steps."""
    steps = config.epochs * (images // config.batch_size)
    for norm in batch_norms(model):
        norm.momentum = min(0.99, max(0.8, 1 - 10 / steps))


def restore(model: keras.Model, photos: Photos) -> bool:
    """Give folded batch norm back, measured on training photos from all over the set. True where there was need."""
    if not is_folded(model):
        return False
    restore_batch_norm(model, _batches(photos, model.input_shape[1], MEASURED))
    return True


def spread(photos: Photos, res: int, count: int) -> NDArray[np.uint8]:
    """`count` photos from all over the set by the evaluation rule, (count, res, res, 3)."""
    return np.concatenate([*_batches(photos, res, count)])


def _batches(photos: Photos, res: int, count: int) -> Iterator[NDArray[np.uint8]]:
    for pixels, _ in Evaluation(evenly(photos, count), res, cache_bytes=0):
        yield pixels
