"""The detector that a job begins with, and the learner that trains it. TensorFlow is loaded with this module."""

from typing import Any

import numpy as np

from mobilenet_tf.data.boxes.boxed_photos import BoxedPhotos
from mobilenet_tf.keras_loader import keras
from mobilenet_tf.networks.detectors import DetectorSpec
from mobilenet_tf.progress import OnProgress
from mobilenet_tf.tasks.detection import build_model
from mobilenet_tf.training.restore_batch_norm import is_folded, restore_batch_norm
from mobilenet_tf.training.transfer import seed_everything, set_batch_norm_momentum
from mobilenet_tf.weights.detectors import fill_layers

from .learner import DetectionLearner, DetectorNetwork
from .photos import StretchedPhotos
from .settings import DetectionSettings

__all__ = ["make_learner"]

SAMPLE_PHOTOS = 256  # that batch norm is measured on, at most


def make_learner(job: Any, strategy: Any, on_progress: OnProgress) -> DetectionLearner:
    """The detector of a TrainJob with the weights that it begins with in all layers that they fit, and all that trains
    it.

    Batch norm that is folded away is restored in the layers that were filled, measured on training photos.
    """
    spec, config, data = job.spec, job.config, job.data
    on_progress("building the network", 0.0)
    seed_everything(config)
    with strategy.scope():
        model = build_model(spec)
        filled = fill_layers(model, job.weights.arrays())
        network = DetectorNetwork(model, spec, strategy.num_replicas_in_sync)
    if filled:
        _restore(model, spec, filled, data.train, on_progress)
    set_batch_norm_momentum(model, config, len(data.train))
    return DetectionLearner(network, config, config.detection or DetectionSettings(), strategy)


def _restore(
    model: keras.Model, spec: DetectorSpec, filled: list[str], photos: BoxedPhotos, on_progress: OnProgress
) -> None:
    """Restore batch norm in the layers up to the last one of the backbone or of the extra layers that was filled."""
    names = {*filled}
    trunk = [layer for layer in spec.plan().layers if layer.batch_norm and layer.name in names]
    last = model.get_layer(f"{trunk[-1].name}_bn") if trunk else None
    if last is None:
        return
    part = keras.Model(model.inputs, last.output)
    if not is_folded(part):
        return
    chosen = np.unique(np.linspace(0, len(photos) - 1, SAMPLE_PHOTOS).astype(np.int64))
    images = StretchedPhotos(photos.at(chosen), spec.res, cache_bytes=0)
    on_progress(f"restoring batch norm on {len(chosen)} photos", 0.0)
    restore_batch_norm(part, images.batches())
