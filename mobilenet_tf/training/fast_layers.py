"""Batch norm and grouped convolutions for training, faster than Keras's. TensorFlow is loaded with this module.

Keras 3 writes batch norm as a dozen plain operations, each a pass over memory; TensorFlow's fused one is faster.
Keras's `synchronized=True` computes the variance as E[x^2] - E[x]^2, in float32: the digits lost by that alone move
weights by more than 1e-4 in two epochs. Here each replica takes its variance about its mean, and these are combined by
the deviations of the means (Chan et al. 1979), in one message; Keras sends three.

On a CPU Keras 3 compiles each grouped convolution with XLA, which trains at a fourth of the speed of TensorFlow's.
"""

from typing import Any

from mobilenet_tf.keras_loader import keras, tf

__all__ = ["FusedBatchNorm", "GroupedConvolution", "SyncBatchNorm", "fast_layer"]


def fast_layer(layer: keras.Layer, *, replicas: int) -> keras.Layer:
    """What trains in place of `layer`, with its weights, on so many `replicas`: a faster layer, or `layer` itself."""
    if isinstance(layer, keras.layers.BatchNormalization):
        return SyncBatchNorm(layer) if replicas > 1 else FusedBatchNorm(layer)
    if isinstance(layer, keras.layers.Conv2D) and layer.groups > 1:
        return GroupedConvolution(layer)
    return layer


class _FastBatchNorm(keras.layers.Layer):  # type: ignore[misc]
    """A faster computation, in training, with the weights of Keras's batch norm, which is called otherwise."""

    def __init__(self, norm: keras.layers.BatchNormalization) -> None:
        super().__init__(name=norm.name)
        self.norm = norm

    def call(self, x: Any, training: bool | None = None, mask: Any = None) -> Any:
        """(n, height, width, channels) -> the same."""
        norm = self.norm
        if not training:
            return norm(x, training=False, mask=mask)
        y, mean, variance = self._normalize(x)
        for moving, current in ((norm.moving_mean, mean), (norm.moving_variance, variance)):
            moving.assign(moving * norm.momentum + current * (1 - norm.momentum))
        return y

    def _normalize(self, x: Any) -> tuple[Any, Any, Any]:
        """(n, height, width, channels) normalized; the mean and variance (channels,) of the batch."""
        raise NotImplementedError


class FusedBatchNorm(_FastBatchNorm):
    """Normalizes over the batch of this replica alone."""

    def _normalize(self, x: Any) -> tuple[Any, Any, Any]:
        gamma, beta = tf.convert_to_tensor(self.norm.gamma), tf.convert_to_tensor(self.norm.beta)
        y, mean, variance = tf.compat.v1.nn.fused_batch_norm(x, gamma, beta, epsilon=self.norm.epsilon)
        # The operation returns the sum of squares over count - 1; Keras averages that over count.
        count = tf.cast(tf.size(x) // tf.shape(x)[-1], tf.float32)
        return y, mean, variance * ((count - 1) / count)


class SyncBatchNorm(_FastBatchNorm):
    """Normalizes over the batches of all replicas, which are of equal size."""

    def _normalize(self, x: Any) -> tuple[Any, Any, Any]:
        mean, variance = _moments(x)
        y = tf.nn.batch_normalization(x, mean, variance, self.norm.beta, self.norm.gamma, self.norm.epsilon)
        return y, mean, variance


def _moments(x: Any) -> tuple[Any, Any]:
    """Mean and variance (channels,) over all replicas."""
    replica = tf.distribute.get_replica_context()
    replicas = replica.num_replicas_in_sync
    local = tf.stack(tf.nn.moments(x, (0, 1, 2)))
    # Each replica fills one row, and has zeros in the others': the sum holds the rows of all.
    row = tf.one_hot(replica.replica_id_in_sync_group, replicas)[:, None, None]
    moments = replica.all_reduce(tf.distribute.ReduceOp.SUM, row * local)
    means, variances = moments[:, 0], moments[:, 1]
    mean = tf.reduce_mean(means, 0)
    return mean, tf.reduce_mean(variances + tf.math.squared_difference(means, mean), 0)


class GroupedConvolution(keras.layers.Layer):  # type: ignore[misc]
    """Runs a convolution without bias; TensorFlow's operation infers the groups from the shape of the kernel."""

    def __init__(self, convolution: keras.layers.Conv2D) -> None:
        super().__init__(name=convolution.name)
        self.convolution = convolution

    def call(self, x: Any) -> Any:
        """(n, height, width, in) -> (n, height, width, out)."""
        convolution = self.convolution
        kernel = tf.convert_to_tensor(convolution.kernel)
        return tf.nn.conv2d(x, kernel, convolution.strides, convolution.padding.upper())
