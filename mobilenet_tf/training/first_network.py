"""The network that a job begins with, and the learner that trains it. TensorFlow is loaded with this module."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from mobilenet_tf.contract.labels import LABELS_FILE
from mobilenet_tf.data.dataset import Dataset, Photos
from mobilenet_tf.errors import InputError
from mobilenet_tf.keras_loader import keras
from mobilenet_tf.progress import OnProgress
from mobilenet_tf.weights.load import model_with

from .class_weights import class_weights
from .config import SizedConfig
from .evaluation import image_batches
from .learner import KerasNetwork, Learner, Network
from .linear_probe import expectation
from .quantization_aware import QuantizedNetwork
from .recipes import RECIPES
from .transfer import (
    has_same_classes,
    model_for,
    restored_on_sample,
    seed_everything,
    set_batch_norm_momentum,
    start_classifier,
)

__all__ = ["make_learner"]

CALIBRATION_PHOTOS = 100  # training photos that the ranges of activations are observed on


def make_learner(job: Any, strategy: Any, on_progress: OnProgress) -> tuple[Learner, str | None]:
    """The network that a TrainJob begins with, and all that trains it; and a sentence on the top-1 to expect, if it is
    known. If the run is resumed, its state will replace the weights.

    Raises InputError for --quantize on an untrained network.
    """
    weights, config, data, teacher = job.weights, job.config, job.data, job.teacher
    on_progress("building the network", 0.0)
    seed_everything(config)
    with strategy.scope():
        trained = weights.head == "softmax" and has_same_classes(weights, job.options.weights, data.classes)
        model = model_for(weights, len(data.classes), keep_classifier=trained)
        replicas = strategy.num_replicas_in_sync
        network = _quantized(model, data.train, trained) if config.quantize else KerasNetwork(model, replicas)
    set_batch_norm_momentum(model, config, len(data.train))
    weights_of_classes = class_weights(data.train.labels, len(data.classes), config.class_weights)
    expected = None
    if config.transfer and not config.quantize and not job.options.resume:
        expected = _prepare_transfer(model, config, data, weights_of_classes, trained, on_progress)
    teacher_model = None if teacher is None else model_with(teacher)
    return Learner(network, config, strategy, teacher_model, weights_of_classes), expected


def _prepare_transfer(
    model: keras.Model,
    config: SizedConfig,
    data: Dataset,
    weights_of_classes: NDArray[np.float32] | None,
    trained: bool,
    on_progress: OnProgress,
) -> str | None:
    """Restore the batch norm; and give a classifier that is not trained yet its start, if the recipe says so.

    A sentence on the top-1 to expect; None if it is not known.
    """
    sample = restored_on_sample(model, data, on_progress)
    if trained or not RECIPES[config.recipe].linear_probe:
        return None
    probe = start_classifier(
        model,
        sample.images,
        config.seed,
        groups=sample.groups,
        class_weights=weights_of_classes,
        on_progress=on_progress,
    )
    return expectation(probe)


def _quantized(model: keras.Model, photos: Photos, trained: bool) -> Network:
    """The model as int8 computes it. Raises InputError if it is not trained on these classes yet."""
    if not trained:
        raise InputError(
            "--quantize is for a network that is trained on these classes already.\n"
            f"Train it first, then give its best.keras, with {LABELS_FILE} beside it, by --weights."
        )
    return QuantizedNetwork(model, np.concatenate([*image_batches(photos, model.input_shape[1], CALIBRATION_PHOTOS)]))
