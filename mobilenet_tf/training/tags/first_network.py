"""The network of tags that a job begins with, and the learner that trains it. TensorFlow is loaded with this module."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from mobilenet_tf.data.dataset import Subset
from mobilenet_tf.data.folder import FilePhotos
from mobilenet_tf.data.tags.dataset import TagDataset
from mobilenet_tf.keras_loader import keras
from mobilenet_tf.progress import OnProgress
from mobilenet_tf.tasks.classification import classifier_layer
from mobilenet_tf.tasks.tags import UNKNOWN
from mobilenet_tf.training.learner import KerasNetwork
from mobilenet_tf.training.recipes import RECIPES
from mobilenet_tf.training.transfer import (
    Sample,
    classifier_features,
    has_same_classes,
    held_out_of,
    model_for,
    restored_on_sample,
    seed_everything,
    set_batch_norm_momentum,
)
from mobilenet_tf.weights.load import model_with

from .learner import TagsLearner
from .probe import expectation, tag_probe
from .teacher import TagTeacher
from .weights import tag_weights

__all__ = ["make_learner"]


def make_learner(job: Any, strategy: Any, on_progress: OnProgress) -> tuple[TagsLearner, str | None]:
    """As first_network.make_learner of classification, for tags; the sentence is on the mean average precision."""
    weights, config, data, teacher = job.weights, job.config, job.data, job.teacher
    on_progress("building the network", 0.0)
    seed_everything(config)
    with strategy.scope():
        trained = weights.head == "sigmoid" and has_same_classes(weights, job.options.weights, data.classes)
        model = model_for(weights, len(data.classes), keep_classifier=trained, head="sigmoid")
        network = KerasNetwork(model, strategy.num_replicas_in_sync)
    set_batch_norm_momentum(model, config, len(data.train))
    counts = tag_weights(data.train.labels, config.class_weights)
    taught_by = None if teacher is None else TagTeacher(model_with(teacher), teacher.thresholds)
    expected = None
    if config.transfer and not job.options.resume:
        sample = restored_on_sample(model, data, on_progress)
        if not trained and RECIPES[config.recipe].linear_probe:
            expected = _start_classifier(model, sample, data, counts, taught_by, config.seed, on_progress)
    return TagsLearner(network, config, counts, strategy, taught_by), expected


def _start_classifier(
    model: keras.Model,
    sample: Sample,
    data: TagDataset,
    counts: NDArray[np.float32],
    teacher: TagTeacher | None,
    seed: int,
    on_progress: OnProgress,
) -> str | None:
    """Give the classifier the weights of a linear probe on the sample; a sentence on the mean AP to expect."""
    layer = classifier_layer(model)
    features, labels = classifier_features(model, sample.images, on_progress), sample.images.labels
    targets, weights = (labels == 1).astype(np.float32), np.where(labels == 1, counts[1], counts[0])
    weights = np.where(labels == UNKNOWN, np.float32(0), weights).astype(np.float32)
    if teacher is not None and (labels == UNKNOWN).any():
        on_progress("asking the teacher", 0.0)
        targets = np.where(labels == UNKNOWN, teacher.scores(sample.photos), targets).astype(np.float32)
        weights = np.where(labels == UNKNOWN, np.float32(1), weights)
    train = data.train
    strata = FilePhotos(train.paths, train.strata(), train.digests)
    is_held_out = held_out_of(Subset(strata, sample.photos.indices), seed, sample.groups)
    on_progress("fitting the classifier", 0.0)
    probe = tag_probe(features, targets, weights, is_held_out)
    layer.set_weights([probe.kernel, probe.bias])
    return expectation(probe)
