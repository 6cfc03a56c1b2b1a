"""How a network of vectors learns: from the vectors of a teacher, or from classes by ArcFace.

TensorFlow is loaded with this module.
"""

from collections.abc import Sequence
from typing import Any

from mobilenet_tf.keras_loader import tf
from mobilenet_tf.training.augmentation import make_views
from mobilenet_tf.training.config import SizedConfig
from mobilenet_tf.training.learner import KerasNetwork
from mobilenet_tf.training.network_learner import NetworkLearner
from mobilenet_tf.training.task import RunInput, Task

from .losses import arcface_losses, distillation_losses, unit_length
from .network import NetworkWithCentres
from .task import EmbeddingsTask
from .teacher import VectorTeacher

__all__ = ["EmbeddingsLearner"]


class EmbeddingsLearner(NetworkLearner):
    """A network that ends in vectors of length 1, its optimizer, and the moving average of its weights."""

    def __init__(
        self, network: KerasNetwork, config: SizedConfig, strategy: Any = None, teacher: VectorTeacher | None = None
    ) -> None:
        """strategy: as in NetworkLearner. Without a teacher the network has centres."""
        assert teacher is not None or isinstance(network, NetworkWithCentres)
        self.network, self._teacher = network, teacher
        super().__init__(network, config, strategy)

    def task(self, run: RunInput) -> Task:
        """See NetworkLearner."""
        return EmbeddingsTask(run, self.config, self.network.res, self.strategy, self._teacher)

    def views(self, batch: Sequence[Any], res: int) -> Sequence[Any]:
        """(squares, boxes, factors, labels) -> (images, labels, the teacher's unit vectors of these views, or None)."""
        squares, boxes, factors, labels = batch
        targets = None
        if self._teacher is not None:
            images = make_views(squares, boxes, factors, self._teacher.res)
            targets = unit_length(self._teacher.function(images))
        return make_views(squares, boxes, factors, res), labels, targets

    def losses(self, views: Sequence[Any], *, training: bool) -> tuple[Any, Any]:
        """See NetworkLearner; nothing is counted beside the loss."""
        image, labels, targets = views
        x = self.network.logits(image, training=training)
        if targets is not None:
            losses = distillation_losses(x, targets)
        else:
            assert isinstance(self.network, NetworkWithCentres)
            losses = arcface_losses(x, tf.convert_to_tensor(self.network.centres), labels)
        return losses, tf.zeros_like(losses)
