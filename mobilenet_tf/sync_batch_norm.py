"""Batch norm over the whole global batch, on however many replicas. TensorFlow is loaded with this module.

Keras's own `synchronized=True` takes the variance as E[x^2] - E[x]^2, in float32: the digits it loses alone move
weights by more than 1e-4 in two epochs. Here each replica's variance is about its own mean, and the replicas' are
combined by the deviations of these means (Chan et al. 1979), in one message where Keras sends three.
"""

from typing import Any

import keras
import tensorflow as tf

__all__ = ["SyncBatchNorm", "synchronized"]


class SyncBatchNorm(keras.layers.Layer):  # type: ignore[misc]
    """Calls a batch norm; in training its batch is that of all replicas, each of which has an equal share."""

    def __init__(self, norm: keras.layers.BatchNormalization) -> None:
        super().__init__(name=norm.name)
        self.norm = norm

    def call(self, x: Any, training: bool | None = None, mask: Any = None) -> Any:
        """(n, height, width, channels) -> the same."""
        norm = self.norm
        if not training:
            return norm(x, training=False, mask=mask)
        mean, variance = _moments(x)
        for moving, now in ((norm.moving_mean, mean), (norm.moving_variance, variance)):
            moving.assign(moving * norm.momentum + now * (1 - norm.momentum))
        return tf.nn.batch_normalization(x, mean, variance, norm.beta, norm.gamma, norm.epsilon)


def synchronized(layer: keras.layers.Layer) -> keras.layers.Layer:
    """A batch norm's synchronized face; any other layer itself."""
    return SyncBatchNorm(layer) if isinstance(layer, keras.layers.BatchNormalization) else layer


def _moments(x: Any) -> tuple[Any, Any]:
    """Mean and variance (channels,) over all replicas."""
    replica = tf.distribute.get_replica_context()
    replicas = replica.num_replicas_in_sync
    own = tf.stack(tf.nn.moments(x, (0, 1, 2)))
    # Summed, since each replica fills but its own row, these are all replicas' rows.
    row = tf.one_hot(replica.replica_id_in_sync_group, replicas)[:, None, None]
    moments = replica.all_reduce(tf.distribute.ReduceOp.SUM, row * own)
    means, variances = moments[:, 0], moments[:, 1]
    mean = tf.reduce_mean(means, 0)
    return mean, tf.reduce_mean(variances + tf.math.squared_difference(means, mean), 0)
