"""One training step, on any number of replicas: the loss, its gradients, the optimizer, and the average of weights.

TensorFlow is loaded with this module.
"""

from collections.abc import Sequence
from functools import partial
from typing import Any, Protocol

import numpy as np

from mobilenet_tf.keras_loader import keras, tf
from mobilenet_tf.tasks import classification
from mobilenet_tf.tasks.classification import classifier_layer, logits_model

from .augmentation import make_views
from .config import SizedConfig, optimizer_of
from .fast_layers import fast_layer

__all__ = ["KerasNetwork", "Learner", "Network", "decayed_kernels"]


class Network(Protocol):
    """What a learner trains."""

    @property
    def res(self) -> int:
        """The resolution that it is made for."""

    @property
    def variables(self) -> Sequence[Any]:
        """All variables that a model is made from, in an order that does not change."""

    @property
    def trainable(self) -> Sequence[Any]:
        """The variables that gradients move."""

    @property
    def classifier(self) -> Sequence[Any]:
        """The trainable variables that learn while the rest is frozen."""

    @property
    def decayed(self) -> Sequence[Any]:
        """The trainable variables that weight decay applies to."""

    def logits(self, image: Any, *, training: bool) -> Any:
        """(n, any res, any res, 3) in [-1, 1] -> (n, classes)."""

    def model(self, values: Sequence[Any]) -> keras.Model:
        """A Keras model that holds `values` of the variables, to be evaluated and saved; always the same object."""


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


def decayed_kernels(model: keras.Model) -> list[Any]:
    """The kernels of all layers except depthwise convolutions, which have few weights (Howard et al. 2017, 3.2)."""
    return [layer.kernel for layer in model.layers if isinstance(layer, keras.layers.Conv2D | keras.layers.Dense)]


class Learner:
    """A network, its optimizer, and the moving average of its weights, under a distribution strategy."""

    def __init__(
        self,
        network: Network,
        config: SizedConfig,
        strategy: Any = None,
        teacher: keras.Model | None = None,
        class_weights: Any = None,
    ) -> None:
        """strategy: the tf.distribute strategy in whose scope the network was made; None for one device.
        class_weights: (classes,) what a photo of each class counts for in the loss; None: all count alike.
        """
        self._class_weights = None if class_weights is None else tf.constant(class_weights, tf.float32)
        self.network, self.config, self.strategy = network, config, strategy or tf.distribute.get_strategy()
        self._teacher = None if teacher is None else (logits_model(teacher), teacher.input_shape[1])
        with self.strategy.scope():
            self._optimizer = optimizer_of(config, network.trainable, network.decayed)
        # Each worker keeps its own average: it follows from the weights, which are the same on all.
        self.average = [tf.Variable(np.asarray(variable)) for variable in network.variables]
        self._step = tf.function(self._distributed_step, autograph=False)

    @property
    def state(self) -> list[Any]:
        """Every variable that a checkpoint holds."""
        return [*self.network.variables, *self._optimizer.variables, *self.average]

    def step(self, batch: Any, *, res: int, rate: float, decay: float, frozen: bool) -> tuple[float, float]:
        """Learn from one global batch -> (its mean loss, the share of photos classified correctly).

        frozen: only the classifier learns, and batch norm stays as it is.
        decay:  of the average of weights, at this step.
        """
        self._optimizer.learning_rate.assign(rate)
        loss, correct = self._step(batch, tf.constant(decay, tf.float32), res, frozen)
        return float(loss), float(correct)

    def _distributed_step(self, batch: Any, decay: Any, res: int, frozen: bool) -> Any:
        sums = self.strategy.run(self._replica_step, args=(*batch, res, frozen))
        loss, correct = (self.strategy.reduce(tf.distribute.ReduceOp.SUM, x, axis=None) for x in sums)
        for average, variable in zip(self.average, self.network.variables, strict=True):
            average.assign_sub((1 - decay) * (average - tf.convert_to_tensor(variable)))
        return loss / self.config.batch_size, correct / self.config.batch_size

    def _replica_step(self, squares: Any, boxes: Any, factors: Any, labels: Any, res: int, frozen: bool) -> Any:
        variables = self.network.classifier if frozen else self.network.trainable
        image = make_views(squares, boxes, factors, res)
        soft = self._soft_labels(squares, boxes, factors)
        with tf.GradientTape() as tape:
            logits = self.network.logits(image, training=not frozen)
            losses = classification.losses(
                logits,
                labels,
                soft,
                temperature=self.config.temperature,
                teacher_weight=self.config.teacher_weight,
            )
            if self._class_weights is not None:
                losses *= tf.gather(self._class_weights, labels)
            # Summed over the replicas, this is the mean over the global batch.
            loss = tf.reduce_sum(losses) / self.config.batch_size
        self._optimizer.apply(tape.gradient(loss, variables), variables)
        return tf.reduce_sum(losses), tf.reduce_sum(classification.correct_predictions(logits, labels))

    def _soft_labels(self, squares: Any, boxes: Any, factors: Any) -> Any:
        if self._teacher is None:
            return None
        teacher, res = self._teacher
        image = make_views(squares, boxes, factors, res)
        return classification.soft_labels(teacher(image, training=False), self.config.temperature)
