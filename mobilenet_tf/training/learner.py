"""How a classifier learns: its network, and the loss of views of photos, with the labels or a teacher.

TensorFlow is loaded with this module.
"""

from collections.abc import Sequence
from functools import partial
from typing import Any, Protocol

from mobilenet_tf.data.places.dataset import PlaceDataset
from mobilenet_tf.keras_loader import keras, tf
from mobilenet_tf.tasks import classification
from mobilenet_tf.tasks.classification import classifier_layer, logits_model

from .augmentation import make_views
from .classification_task import ClassificationTask
from .config import SizedConfig
from .fast_layers import fast_layer
from .network_learner import NetworkLearner, TrainedNetwork, decayed_kernels
from .places.task import PlacesTask
from .task import RunInput, Task

__all__ = ["KerasNetwork", "Learner", "Network"]


class Network(TrainedNetwork, Protocol):
    """A classifier that a learner trains."""

    def logits(self, image: Any, *, training: bool) -> Any:
        """(n, any res, any res, 3) in [-1, 1] -> (n, classes)."""


class KerasNetwork:
    """A Keras classifier that ends in a softmax. replicas: how many learn together, under a distribution strategy."""

    def __init__(self, model: keras.Model, replicas: int = 1) -> None:
        self.res = model.input_shape[1]
        self._logits = logits_model(model, partial(fast_layer, replicas=replicas))
        self._copy = keras.models.clone_model(model)
        self.variables, self.trainable = model.variables, model.trainable_variables
        self.classifier = classifier_layer(model).trainable_variables
        self.decayed = decayed_kernels(model)

    def logits(self, image: Any, *, training: bool) -> Any:
        """See Network."""
        return self._logits(image, training=training)

    def model(self, values: Sequence[Any]) -> keras.Model:
        """See Network."""
        for variable, value in zip(self._copy.variables, values, strict=True):
            variable.assign(value)
        return self._copy


class Learner(NetworkLearner):
    """A classifier, its optimizer, and the moving average of its weights, under a distribution strategy."""

    def __init__(
        self,
        network: Network,
        config: SizedConfig,
        strategy: Any = None,
        teacher: keras.Model | None = None,
        class_weights: Any = None,
    ) -> None:
        """strategy: as in NetworkLearner.
        class_weights: (classes,) what a photo of each class counts for in the loss; None: all count alike.
        """
        self.network = network
        self._class_weights = None if class_weights is None else tf.constant(class_weights, tf.float32)
        self._teacher = None if teacher is None else (logits_model(teacher), teacher.input_shape[1])
        super().__init__(network, config, strategy)

    def task(self, run: RunInput) -> Task:
        """See NetworkLearner."""
        task = PlacesTask if isinstance(run.data, PlaceDataset) else ClassificationTask
        return task(run, self.config, self.network.res, self.strategy)

    def views(self, batch: Sequence[Any], res: int) -> Sequence[Any]:
        """(squares, boxes, factors, labels) -> (images, labels, soft labels of the teacher or None)."""
        squares, boxes, factors, labels = batch
        return make_views(squares, boxes, factors, res), labels, self._soft_labels(squares, boxes, factors)

    def losses(self, views: Sequence[Any], *, training: bool) -> tuple[Any, Any]:
        """See NetworkLearner; what is counted are the photos that are classified correctly."""
        image, labels, soft = views
        logits = self.network.logits(image, training=training)
        losses = classification.losses(
            logits, labels, soft, temperature=self.config.temperature, teacher_weight=self.config.teacher_weight
        )
        if self._class_weights is not None:
            losses *= tf.gather(self._class_weights, labels)
        return losses, classification.correct_predictions(logits, labels)

    def _soft_labels(self, squares: Any, boxes: Any, factors: Any) -> Any:
        if self._teacher is None:
            return None
        teacher, res = self._teacher
        image = make_views(squares, boxes, factors, res)
        return classification.soft_labels(teacher(image, training=False), self.config.temperature)
