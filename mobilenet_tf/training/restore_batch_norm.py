"""Restore the batch norm of networks that were published with it folded into the convolutions.

In such weights every batch norm changes nothing but adds its bias. Training needs the real one: mean and variance of
its input, and the gamma and beta with which the function stays the same (Ioffe & Szegedy 2015, algorithm 1, solved for
them). TensorFlow is loaded with this module.
"""

from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mobilenet_tf.contract.preprocessing import normalize
from mobilenet_tf.keras_loader import keras, tf

__all__ = ["batch_norms", "is_folded", "restore_batch_norm"]

LEAST_DEVIATION = 0.1  # of a channel that is rescaled; channels that are almost constant stay small


def is_folded(model: keras.Model) -> bool:
    """Whether every batch norm of `model` has mean 0 and variance 1: never trained, or folded into its convolution."""
    norms = batch_norms(model)
    return bool(norms) and all(
        np.all(np.asarray(norm.moving_mean) == 0) and np.all(np.asarray(norm.moving_variance) == 1) for norm in norms
    )


def restore_batch_norm(model: keras.Model, batches: Iterable[NDArray[np.uint8]]) -> None:
    """Set each batch norm's statistics to those of `batches`, uint8 (n, res, res, 3), and its other weights to match.

    The function of the model does not change, so that one pass measures all layers as they will be.
    """
    norms = batch_norms(model)
    probe = keras.Model(model.inputs, [norm.input for norm in norms])
    measured = tf.function(
        lambda images: [_sums(x) for x in tf.nest.flatten(probe(images, training=False))], autograph=False
    )
    totals: list[Any] = [0.0] * len(norms)
    for images in batches:
        totals = [total + np.asarray(sums) for total, sums in zip(totals, measured(normalize(images)), strict=True)]
    for norm, (count, total, squares) in zip(norms, totals, strict=True):
        mean = total / count
        _set_statistics(norm, mean, np.maximum(squares / count - mean**2, 0))


def batch_norms(model: keras.Model) -> list[keras.layers.BatchNormalization]:
    """The batch norms of a model, in order."""
    return [layer for layer in model.layers if isinstance(layer, keras.layers.BatchNormalization)]


def _sums(x: Any) -> Any:
    """(3, channels): how many values, their sum and the sum of their squares, in float64."""
    x = tf.reshape(tf.cast(x, tf.float64), (-1, x.shape[-1]))
    return tf.stack([tf.reduce_sum(tf.ones_like(x), 0), tf.reduce_sum(x, 0), tf.reduce_sum(tf.square(x), 0)])


def _set_statistics(norm: Any, mean: NDArray[np.float64], variance: NDArray[np.float64]) -> None:
    gamma, beta, old_mean, old_variance = (np.asarray(weight, np.float64) for weight in norm.get_weights())
    factor = gamma / np.sqrt(old_variance + norm.epsilon)
    beta = beta + factor * (mean - old_mean)
    # Folding leaves kernels of all magnitudes, and under batch norm a kernel learns faster the smaller it is, by the
    # inverse of its square: so each channel is scaled to variance 1.
    scale = np.maximum(np.sqrt(variance), LEAST_DEVIATION)
    _divide_kernel(norm.input._keras_history.operation, scale)
    mean, variance = mean / scale, variance / scale**2
    gamma = factor * scale * np.sqrt(variance + norm.epsilon)
    norm.set_weights([x.astype(np.float32) for x in (gamma, beta, mean, variance)])


def _divide_kernel(convolution: keras.Layer, scale: NDArray[np.float64]) -> None:
    kernel, *bias = convolution.get_weights()
    depthwise = isinstance(convolution, keras.layers.DepthwiseConv2D)
    kernel = kernel / (scale[:, None] if depthwise else scale)
    convolution.set_weights([x.astype(np.float32) for x in (kernel, *(b / scale for b in bias))])
