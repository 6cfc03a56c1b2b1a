"""One step of training for any task, on any number of replicas: gradients, the optimizer, and the average of weights.

TensorFlow is loaded with this module.
"""

from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np

from mobilenet_tf.keras_loader import keras, tf

from .config import SizedConfig, optimizer_of
from .task import RunInput, Task

__all__ = ["NetworkLearner", "TrainedNetwork", "decayed_kernels"]


class TrainedNetwork(Protocol):
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

    def model(self, values: Sequence[Any]) -> keras.Model:
        """A Keras model that holds `values` of the variables, to be evaluated and saved; always the same object."""


def decayed_kernels(model: keras.Model) -> list[Any]:
    """The kernels of all layers except depthwise convolutions, which have few weights (Howard et al. 2017, 3.2)."""
    return [layer.kernel for layer in model.layers if isinstance(layer, keras.layers.Conv2D | keras.layers.Dense)]


class NetworkLearner:
    """A network, its optimizer, and the moving average of its weights, under a distribution strategy.

    A task's own learner says what its inputs are (`views`), its loss (`losses`), and all else (`task`).
    """

    def __init__(self, network: TrainedNetwork, config: SizedConfig, strategy: Any = None) -> None:
        """strategy: the tf.distribute strategy in whose scope the network was made; None for one device."""
        self.trained, self.config, self.strategy = network, config, strategy or tf.distribute.get_strategy()
        with self.strategy.scope():
            self._optimizer = optimizer_of(config, network.trainable, network.decayed)
        # Each worker keeps its own average: it follows from the weights, which are the same on all.
        self.average = [tf.Variable(np.asarray(variable)) for variable in network.variables]
        self._step = tf.function(self._distributed_step, autograph=False)

    def task(self, run: RunInput) -> Task:
        """The task of one run."""
        raise NotImplementedError

    def views(self, batch: Sequence[Any], res: int) -> Sequence[Any]:
        """What `losses` takes of one replica's part of a batch, at this resolution; no gradient goes through it."""
        raise NotImplementedError

    def losses(self, views: Sequence[Any], *, training: bool) -> tuple[Any, Any]:
        """(the loss of each of n photos, what Task.trained is given the mean of): (n,) each. training: as of Keras."""
        raise NotImplementedError

    @property
    def state(self) -> list[Any]:
        """Every variable that a checkpoint holds."""
        return [*self.trained.variables, *self._optimizer.variables, *self.average]

    def step(self, batch: Any, *, res: int, rate: float, decay: float, frozen: bool) -> tuple[float, float]:
        """Learn from one global batch -> (its mean loss, the mean of what is counted beside it).

        frozen: only the classifier learns, and batch norm stays as it is.
        decay:  of the average of weights, at this step.
        """
        self._optimizer.learning_rate.assign(rate)
        loss, counted = self._step(batch, tf.constant(decay, tf.float32), res, frozen)
        return float(loss), float(counted)

    def _distributed_step(self, batch: Any, decay: Any, res: int, frozen: bool) -> Any:
        sums = self.strategy.run(self._replica_step, args=(*batch, res, frozen))
        loss, counted = (self.strategy.reduce(tf.distribute.ReduceOp.SUM, x, axis=None) for x in sums)
        for average, variable in zip(self.average, self.trained.variables, strict=True):
            average.assign_sub((1 - decay) * (average - tf.convert_to_tensor(variable)))
        return loss / self.config.batch_size, counted / self.config.batch_size

    def _replica_step(self, *parts: Any) -> Any:
        *batch, res, frozen = parts
        variables = self.trained.classifier if frozen else self.trained.trainable
        views = self.views(batch, res)
        with tf.GradientTape() as tape:
            losses, counted = self.losses(views, training=not frozen)
            # Summed over the replicas, this is the mean over the global batch.
            loss = tf.reduce_sum(losses) / self.config.batch_size
        self._optimizer.apply(tape.gradient(loss, variables), variables)
        return tf.reduce_sum(losses), tf.reduce_sum(counted)
