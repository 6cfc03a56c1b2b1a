"""The network that a transfer begins with: trained weights, restored batch norm, a classifier for other classes.

TensorFlow is loaded with this module.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mobilenet_tf.contract.labels import read_labels, without_numbers
from mobilenet_tf.contract.manifest import Head
from mobilenet_tf.contract.preprocessing import normalize
from mobilenet_tf.data.dataset import Int64, Photos, Subset, evenly_spaced, split_photos
from mobilenet_tf.keras_loader import keras, tf
from mobilenet_tf.progress import OnProgress, ignore_progress
from mobilenet_tf.tasks.classification import build_model, classifier_layer, split_classifier
from mobilenet_tf.weights.class_names import labels_beside, labels_for
from mobilenet_tf.weights.load import Weights

from .config import SizedConfig
from .evaluation import EvaluationImages
from .linear_probe import LinearProbe, linear_probe
from .restore_batch_norm import batch_norms, is_folded, restore_batch_norm

__all__ = [
    "Sample",
    "classifier_features",
    "has_same_classes",
    "held_out_of",
    "model_for",
    "restore_folded_batch_norm",
    "restored_on_sample",
    "sample_photos",
    "seed_everything",
    "set_batch_norm_momentum",
    "start_classifier",
]

SAMPLE_PHOTOS = 2048  # that are read before training, at most
HELD_OUT_SHARE = 0.2  # of these, by which the linear probe is judged


def seed_everything(config: SizedConfig) -> None:
    """Make what follows depend on the seed alone, as far as the settings ask for it."""
    keras.utils.set_random_seed(config.seed)
    if config.deterministic:
        tf.config.experimental.enable_op_determinism()


def has_same_classes(weights: Weights, source: str, classes: Sequence[str]) -> bool:
    """Whether the labels of these weights, which were read from `source`, are `classes`, in their order."""
    labels = labels_beside(weights, source)
    if labels is not None:
        listed = read_labels(labels)
        return list(classes) in (listed, without_numbers(listed, str(labels))[0])
    names, unnamed = labels_for(weights, None)
    return not unnamed and names == list(classes)


def model_for(weights: Weights, classes: int, *, keep_classifier: bool, head: Head = "softmax") -> keras.Model:
    """A model of `weights`' network for `classes` classes, or tags; its classifier is new unless it is kept."""
    model = build_model(replace(weights.spec, classes=classes), head)
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


@dataclass(frozen=True)
class Sample:
    """The training photos that batch norm and the start of a classifier are measured on.

    images: at the network's resolution. groups: (n,) the same number for photos that show one picture; None if unknown.
    """

    photos: Subset
    images: EvaluationImages
    groups: Int64 | None


def restored_on_sample(model: keras.Model, data: Any, on_progress: OnProgress) -> Sample:
    """A sample of a data set's training photos, after batch norm that is folded away was restored on it."""
    photos = sample_photos(data.train)
    images = EvaluationImages(photos, model.input_shape[1], exact=False)
    restore_folded_batch_norm(model, images, on_progress)
    return Sample(photos, images, None if data.train_groups is None else data.train_groups[photos.indices])


def sample_photos(photos: Photos) -> Subset:
    """The evenly spaced training photos that batch norm and the linear probe are measured on."""
    return evenly_spaced(photos, SAMPLE_PHOTOS)


def restore_folded_batch_norm(
    model: keras.Model, images: EvaluationImages, on_progress: OnProgress = ignore_progress
) -> None:
    """Restore batch norm that is folded away, measured on `images`; if none is, change nothing."""
    if is_folded(model):
        restore_batch_norm(model, _batches(images, "restoring batch norm", on_progress))


def start_classifier(
    model: keras.Model,
    images: EvaluationImages,
    seed: int,
    *,
    groups: Int64 | None = None,
    class_weights: NDArray[np.float32] | None = None,
    on_progress: OnProgress = ignore_progress,
) -> LinearProbe:
    """Give the classifier of `model` the weights of a linear probe on `images`, of which a fifth judges it.

    groups:        (n,) the same number for images that show one picture, which stay together; None: for equal ones.
    class_weights: (classes,) what an image of each class counts for; None: all count alike.
    """
    layer = classifier_layer(model)
    features = classifier_features(model, images, on_progress)
    is_held_out = held_out_of(images.photos, seed, groups)
    on_progress("fitting the classifier", 0.0)
    weights = None if class_weights is None else class_weights[images.labels]
    probe = linear_probe(features, images.labels, is_held_out, layer.units, weights)
    layer.set_weights([probe.kernel, probe.bias])
    return probe


def classifier_features(
    model: keras.Model, images: EvaluationImages, on_progress: OnProgress = ignore_progress
) -> NDArray[np.float32]:
    """(n, channels): what the classifier of `model` takes, of each image."""
    trunk = keras.Model(model.inputs, classifier_layer(model).input)
    compute = tf.function(lambda x: trunk(x, training=False), reduce_retracing=True, autograph=False)
    batches = _batches(images, "computing features", on_progress)
    return np.concatenate([np.asarray(compute(normalize(batch))) for batch in batches])


def held_out_of(photos: Photos, seed: int, groups: Int64 | None) -> NDArray[np.bool_]:
    """(n,) which photos judge a linear probe: a fifth of each class, see split_photos."""
    _, held_out = split_photos(photos, HELD_OUT_SHARE, seed, groups)
    is_held_out = np.zeros(len(photos), bool)
    is_held_out[held_out.indices] = True
    return is_held_out


def _batches(images: EvaluationImages, task: str, on_progress: OnProgress) -> Iterator[NDArray[np.uint8]]:
    done = 0
    on_progress(f"{task} on {len(images.labels)} photos", 0.0)
    for batch, labels in images:
        yield batch
        done += len(labels)
        on_progress(f"{task}: {done} of {len(images.labels)} photos", 0.0)
