"""How a detector learns: its network, and its loss on views of photos with boxes.

TensorFlow is loaded with this module.
"""

from collections.abc import Sequence
from functools import partial
from typing import Any

from mobilenet_tf.keras_loader import keras, tf
from mobilenet_tf.networks.detectors import DetectorSpec
from mobilenet_tf.tasks.detection import logits_model
from mobilenet_tf.training.augmentation import make_views
from mobilenet_tf.training.config import SizedConfig
from mobilenet_tf.training.fast_layers import fast_layer
from mobilenet_tf.training.network_learner import NetworkLearner, decayed_kernels
from mobilenet_tf.training.task import RunInput, Task

from .losses import detection_losses
from .settings import DetectionSettings
from .task import DetectionTask

__all__ = ["DetectionLearner", "DetectorNetwork"]


class DetectorNetwork:
    """A Keras detector of tasks/detection.py. replicas: how many learn together, under a distribution strategy."""

    def __init__(self, model: keras.Model, spec: DetectorSpec, replicas: int = 1) -> None:
        self.spec, self.res = spec, spec.res
        self._outputs = keras.models.clone_model(
            logits_model(model), clone_function=partial(fast_layer, replicas=replicas)
        )
        self._copy = keras.models.clone_model(model)
        self.variables, self.trainable = model.variables, model.trainable_variables
        plan = spec.plan()
        heads = {layer.name for layer in (*plan.box_heads, *plan.class_heads)}
        self.classifier = [v for layer in model.layers if layer.name in heads for v in layer.trainable_variables]
        self.decayed = decayed_kernels(model)

    def outputs(self, image: Any, *, training: bool) -> tuple[Any, Any]:
        """(n, res, res, 3) in [-1, 1] -> (encodings of boxes (n, anchors, 4), logits (n, anchors, classes))."""
        boxes, logits = self._outputs(image, training=training)
        return boxes, logits

    def model(self, values: Sequence[Any]) -> keras.Model:
        """See TrainedNetwork."""
        for variable, value in zip(self._copy.variables, values, strict=True):
            variable.assign(value)
        return self._copy


class DetectionLearner(NetworkLearner):
    """A detector, its optimizer, and the moving average of its weights, under a distribution strategy."""

    def __init__(
        self, network: DetectorNetwork, config: SizedConfig, settings: DetectionSettings, strategy: Any = None
    ) -> None:
        """strategy: as in NetworkLearner."""
        self.network, self._settings = network, settings
        super().__init__(network, config, strategy)

    def task(self, run: RunInput) -> Task:
        """See NetworkLearner."""
        return DetectionTask(run, self.config, self._settings, self.network.spec, self.strategy)

    def views(self, batch: Sequence[Any], res: int) -> Sequence[Any]:
        """(squares, frames, factors, labels, encodings) -> (images, labels, encodings)."""
        squares, frames, factors, labels, encodings = batch
        return make_views(squares, frames, factors, res), labels, encodings

    def losses(self, views: Sequence[Any], *, training: bool) -> tuple[Any, Any]:
        """See NetworkLearner; what is counted is the loss of the places of boxes."""
        image, labels, encodings = views
        with_object = tf.reduce_sum(tf.cast(labels >= 0, tf.float32))
        replica = tf.distribute.get_replica_context()
        if self.strategy.num_replicas_in_sync > 1:
            with_object = replica.all_reduce(tf.distribute.ReduceOp.SUM, with_object)
        per_photo = tf.maximum(with_object / self.config.batch_size, 1.0)
        outputs = self.network.outputs(image, training=training)
        return detection_losses(outputs, labels, encodings, self._settings, per_photo)
