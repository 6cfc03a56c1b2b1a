"""The network of vectors that a job begins with, and the learner that trains it.

TensorFlow is loaded with this module.
"""

from typing import Any

import numpy as np

from mobilenet_tf.keras_loader import keras
from mobilenet_tf.progress import OnProgress
from mobilenet_tf.tasks.classification import classifier_layer
from mobilenet_tf.tasks.embeddings import unit
from mobilenet_tf.training.learner import KerasNetwork
from mobilenet_tf.training.recipes import RECIPES
from mobilenet_tf.training.transfer import (
    Sample,
    classifier_features,
    held_out_of,
    model_for,
    restored_on_sample,
    seed_everything,
    set_batch_norm_momentum,
)

from .learner import EmbeddingsLearner
from .network import NetworkWithCentres
from .start import expectation, principal_projection, regression
from .teacher import VectorTeacher

__all__ = ["make_learner"]


def make_learner(job: Any, strategy: Any, on_progress: OnProgress) -> tuple[EmbeddingsLearner, str | None]:
    """As first_network.make_learner of classification, for vectors; the sentence is on the cosine to the teacher."""
    weights, config, data, teacher = job.weights, job.config, job.data, job.teacher
    on_progress("building the network", 0.0)
    seed_everything(config)
    with strategy.scope():
        trained = weights.head == "embedding" and weights.spec.classes == data.dimensions
        model = model_for(weights, data.dimensions, keep_classifier=trained, head="embedding")
        replicas = strategy.num_replicas_in_sync
        of_classes = None if teacher else NetworkWithCentres(model, data.trained_classes, replicas)
        network = of_classes or KerasNetwork(model, replicas)
    set_batch_norm_momentum(model, config, len(data.train))
    expected = None
    if config.transfer and not job.options.resume:
        sample = restored_on_sample(model, data, on_progress)
        if RECIPES[config.recipe].linear_probe:
            features = classifier_features(model, sample.images, on_progress)
            if not trained:
                expected = _start(model, features, sample, config.seed, teacher, on_progress)
            if of_classes is not None:
                kernel, bias = classifier_layer(model).get_weights()
                of_classes.set_centres(unit(features @ kernel + bias), sample.images.labels)
    return EmbeddingsLearner(network, config, strategy, teacher), expected


def _start(
    model: keras.Model,
    features: Any,
    sample: Sample,
    seed: int,
    teacher: VectorTeacher | None,
    on_progress: OnProgress,
) -> str | None:
    """Give the layer that makes vectors its start, from features (n, channels) of the sample; what to expect of it."""
    layer = classifier_layer(model)
    if teacher is None:
        kernel, bias = layer.get_weights()
        start = principal_projection(features, len(bias), kernel)
    else:
        task = f"asking the teacher on {len(sample.photos)} photos"
        on_progress(task, 0.0)
        targets = teacher.vectors(sample.photos, lambda done: on_progress(f"{task}: {done} done", 0.0))
        on_progress("fitting the first vectors", 0.0)
        start = regression(features, targets, held_out_of(sample.photos, seed, sample.groups))
    layer.set_weights([np.asarray(start.kernel), np.asarray(start.bias)])
    return expectation(start)
