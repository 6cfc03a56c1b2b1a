"""How a network of tags learns: the loss of views of photos, with the labels, a teacher or both.

TensorFlow is loaded with this module.
"""

from collections.abc import Sequence
from typing import Any

from mobilenet_tf.keras_loader import tf
from mobilenet_tf.tasks import tags
from mobilenet_tf.training.augmentation import make_views
from mobilenet_tf.training.config import SizedConfig
from mobilenet_tf.training.learner import Network
from mobilenet_tf.training.network_learner import NetworkLearner
from mobilenet_tf.training.task import RunInput, Task

from .task import TagsTask
from .teacher import TagTeacher

__all__ = ["TagsLearner"]


class TagsLearner(NetworkLearner):
    """A network that ends in sigmoids, its optimizer, and the moving average of its weights."""

    def __init__(
        self,
        network: Network,
        config: SizedConfig,
        weights: Any,
        strategy: Any = None,
        teacher: TagTeacher | None = None,
    ) -> None:
        """strategy: as in NetworkLearner. weights: (2, tags), see weights.tag_weights."""
        self.network, self._teacher = network, teacher
        self._weights = tf.constant(weights, tf.float32)
        self._soft_labels = None if teacher is None else teacher.soft_labels(config.temperature)
        super().__init__(network, config, strategy)

    def task(self, run: RunInput) -> Task:
        """See NetworkLearner."""
        return TagsTask(run, self.config, self.network.res, self.strategy, self._teacher)

    def views(self, batch: Sequence[Any], res: int) -> Sequence[Any]:
        """(squares, boxes, factors, labels) -> (images, labels, soft labels of the teacher or None)."""
        squares, boxes, factors, labels = batch
        soft = None if self._soft_labels is None else self._soft_labels(squares, boxes, factors)
        return make_views(squares, boxes, factors, res), labels, soft

    def losses(self, views: Sequence[Any], *, training: bool) -> tuple[Any, Any]:
        """See NetworkLearner; nothing is counted beside the loss."""
        image, labels, soft = views
        losses = tags.losses(
            self.network.logits(image, training=training),
            labels,
            self._weights,
            soft,
            temperature=self.config.temperature,
            teacher_weight=self.config.teacher_weight,
        )
        return losses, tf.zeros_like(losses)
