"""Batch norm and grouped convolutions as training runs them. TensorFlow is loaded with this module.

Keras 3 writes batch norm as a dozen plain operations, each a pass over memory; TensorFlow's fused one is faster.
Keras's own `synchronized=True` takes the variance as E[x^2] - E[x]^2, in float32: the digits it loses alone move
weights by more than 1e-4 in two epochs. Here each replica's variance is about its own mean, and the replicas' are
combined by the deviations of these means (Chan et al. 1979), in one message where Keras sends three.

On a CPU Keras 3 compiles each grouped convolution with XLA, which trains a fourth as fast as TensorFlow's own.
"""

from typing import Any

import keras
import tensorflow as tf

__all__ = ["FusedBatchNorm", "GroupedConvolution", "SyncBatchNorm"]


class _Face(keras.layers.Layer):  # type: ignore[misc]
    """Calls a batch norm, save in training, where a subclass says what it does."""

    def __init__(self, norm: keras.layers.BatchNormalization) -> None:
        super().__init__(name=norm.name)
        self.norm = norm

    def call(self, x: Any, training: bool | None = None, mask: Any = None) -> Any:
        """(n, height, width, channels) -> the same."""
        norm = self.norm
        if not training:
            return norm(x, training=False, mask=mask)
        y, mean, variance = self._normalize(x)
        for moving, now in ((norm.moving_mean, mean), (norm.moving_variance, variance)):
            moving.assign(moving * norm.momentum + now * (1 - norm.momentum))
        return y

    def _normalize(self, x: Any) -> tuple[Any, Any, Any]:
        """(n, height, width, channels) normalized; the mean and variance (channels,) of the batch."""
        raise NotImplementedError


class FusedBatchNorm(_Face):
    """The batch is this replica's."""

    def _normalize(self, x: Any) -> tuple[Any, Any, Any]:
        gamma, beta = tf.convert_to_tensor(self.norm.gamma), tf.convert_to_tensor(self.norm.beta)
        y, mean, variance = tf.compat.v1.nn.fused_batch_norm(x, gamma, beta, epsilon=self.norm.epsilon)
        # The operation tells the variance over count - 1; Keras averages that over count.
        count = tf.cast(tf.size(x) // tf.shape(x)[-1], tf.float32)
        return y, mean, variance * ((count - 1) / count)


class SyncBatchNorm(_Face):
    """The batch is that of all replicas, each of which has an equal share."""

    def _normalize(self, x: Any) -> tuple[Any, Any, Any]:
        mean, variance = _moments(x)
        y = tf.nn.batch_normalization(x, mean, variance, self.norm.beta, self.norm.gamma, self.norm.epsilon)
        return y, mean, variance


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


class GroupedConvolution(keras.layers.Layer):  # type: ignore[misc]
    """Calls a convolution without bias, which knows its groups by its kernel's shape."""

    def __init__(self, convolution: keras.layers.Conv2D) -> None:
        super().__init__(name=convolution.name)
        self.convolution = convolution

    def call(self, x: Any) -> Any:
        """(n, height, width, in) -> (n, height, width, out)."""
        convolution = self.convolution
        kernel = tf.convert_to_tensor(convolution.kernel)
        return tf.nn.conv2d(x, kernel, convolution.strides, convolution.padding.upper())
