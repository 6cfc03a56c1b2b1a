"""One training step, on any number of replicas: the loss, its gradients, the optimizer, and the average of weights.

TensorFlow is loaded with this module.
"""

from collections.abc import Callable, Sequence
from typing import Any, Protocol

import keras
import numpy as np
import tensorflow as tf

from .augmentation import view
from .config import TrainConfig, optimizer_of
from .fast_layers import FusedBatchNorm, GroupedConvolution, SyncBatchNorm

__all__ = ["KerasNetwork", "Learner", "Network", "logits_of"]


class Network(Protocol):
    """What a learner trains."""

    @property
    def variables(self) -> Sequence[Any]:
        """All that makes a model of it, in an order of its own."""

    @property
    def trainable(self) -> Sequence[Any]:
        """Those of them that gradients move."""

    @property
    def classifier(self) -> Sequence[Any]:
        """Those of the trainable ones that learn while the rest is frozen."""

    def logits(self, image: Any, *, training: bool) -> Any:
        """(n, any res, any res, 3) in [-1, 1] -> (n, classes)."""

    def model(self, values: Sequence[Any]) -> keras.Model:
        """A Keras model that holds `values` of the variables: to be evaluated and saved; one object always."""


def logits_of(model: keras.Model, face: Callable[[Any], Any] = lambda layer: layer) -> keras.Model:
    """`model`, which ends in a softmax, up to its logits and at any resolution; the weights are shared.

    face: what takes the place of each layer.
    """
    trunk = keras.Model(model.inputs[0], model.layers[-1].input)
    image = keras.Input((None, None, 3))
    return keras.models.clone_model(trunk, input_tensors=image, clone_function=face)


def face_of(replicas: int) -> Callable[[Any], Any]:
    """What gives a layer its face for training on `replicas`, where it has one of its own."""

    def face(layer: Any) -> Any:
        if isinstance(layer, keras.layers.BatchNormalization):
            return SyncBatchNorm(layer) if replicas > 1 else FusedBatchNorm(layer)
        if isinstance(layer, keras.layers.Conv2D) and layer.groups > 1:
            return GroupedConvolution(layer)
        return layer

    return face


class KerasNetwork:
    """A Keras classifier that ends in a softmax. replicas: how many learn together, under a distribution strategy."""

    def __init__(self, model: keras.Model, replicas: int = 1) -> None:
        self._logits = logits_of(model, face_of(replicas))
        self._copy = keras.models.clone_model(model)
        self.variables, self.trainable = model.variables, model.trainable_variables
        self.classifier = self.trainable[-2:]

    def logits(self, image: Any, *, training: bool) -> Any:
        """See Network."""
        return self._logits(image, training=training)

    def model(self, values: Sequence[Any]) -> keras.Model:
        """See Network."""
        for variable, value in zip(self._copy.variables, values, strict=True):
            variable.assign(value)
        return self._copy


class Learner:
    """A network, its optimizer, and the moving average of its weights, under a distribution strategy."""

    def __init__(
        self, network: Network, config: TrainConfig, strategy: Any, teacher: keras.Model | None = None
    ) -> None:
        self._network, self._config, self._strategy = network, config, strategy
        self._teacher = None if teacher is None else (logits_of(teacher), teacher.input_shape[1])
        with strategy.scope():
            self._optimizer = optimizer_of(config, network.trainable)
        # The average is each worker's own: it follows from the weights, which are the same on all.
        self.average = [tf.Variable(np.asarray(variable)) for variable in network.variables]
        self._step = tf.function(self._distributed_step)

    @property
    def state(self) -> list[Any]:
        """Every variable that a checkpoint must hold."""
        return [*self._network.variables, *self._optimizer.variables, *self.average]

    def step(self, batch: Any, *, res: int, rate: float, decay: float, frozen: bool) -> tuple[float, float]:
        """Learn from one global batch; its mean loss and the share classified right.

        frozen: only the classifier learns, and batch norm stays as it is.
        decay:  of the average of weights, at this step.
        """
        self._optimizer.learning_rate.assign(rate)
        loss, right = self._step(batch, tf.constant(decay, tf.float32), res, frozen)
        return float(loss), float(right)

    def _distributed_step(self, batch: Any, decay: Any, res: int, frozen: bool) -> Any:
        sums = self._strategy.run(self._replica_step, args=(*batch, res, frozen))
        loss, right = (self._strategy.reduce(tf.distribute.ReduceOp.SUM, x, axis=None) for x in sums)
        for average, variable in zip(self.average, self._network.variables, strict=True):
            average.assign_sub((1 - decay) * (average - tf.convert_to_tensor(variable)))
        return loss / self._config.batch_size, right / self._config.batch_size

    def _replica_step(self, canvas: Any, boxes: Any, factors: Any, labels: Any, res: int, frozen: bool) -> Any:
        variables = self._network.classifier if frozen else self._network.trainable
        image = view(canvas, boxes, factors, res)
        soft = self._soft_labels(canvas, boxes, factors)
        with tf.GradientTape() as tape:
            logits = self._network.logits(image, training=not frozen)
            losses = self._losses(logits, labels, soft)
            # Summed over the replicas, this is the mean over the global batch.
            loss = tf.reduce_sum(losses) / self._config.batch_size
        self._optimizer.apply(tape.gradient(loss, variables), variables)
        right = tf.cast(tf.argmax(logits, 1) == labels, tf.float32)
        return tf.reduce_sum(losses), tf.reduce_sum(right)

    def _soft_labels(self, canvas: Any, boxes: Any, factors: Any) -> Any:
        if self._teacher is None:
            return None
        teacher, res = self._teacher
        return tf.nn.softmax(teacher(view(canvas, boxes, factors, res), training=False) / self._config.temperature)

    def _losses(self, logits: Any, labels: Any, soft: Any) -> Any:
        """Cross entropy of each image; with a teacher, the weighted sum of Hinton et al. 2015, section 2."""
        hard = tf.nn.sparse_softmax_cross_entropy_with_logits(labels, logits)
        if soft is None:
            return hard
        temperature, weight = self._config.temperature, self._config.teacher_weight
        # Gradients of the soft part shrink with the square of the temperature.
        return (1 - weight) * hard + weight * temperature**2 * tf.nn.softmax_cross_entropy_with_logits(
            soft, logits / temperature
        )
