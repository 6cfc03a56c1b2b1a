"""Quantization-aware training: the folded network with the fake quantization of the export, learning from labels.

Weights symmetric in [-127, 127] with a step per output channel that follows its largest weight, activations
asymmetric int8, straight-through gradients (Jacob et al. 2018, section 3). The result is a Keras model whose weights
are those of the int8 file, so that the export changes none of them by rounding. TensorFlow is loaded with this module.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mobilenet_tf.errors import ModelError
from mobilenet_tf.keras_loader import keras, tf
from mobilenet_tf.quantization.keras_graph import graph_of
from mobilenet_tf.quantization.ranges import observed_ranges, step_of
from mobilenet_tf.quantization.scales import axes_within_channel, channel_ranges, full_scales
from mobilenet_tf.quantization.simulation import LEVELS, Quantized, along_channels
from mobilenet_tf.weights.arrays import identity_batch_norm

__all__ = ["QuantizedNetwork"]


@dataclass(frozen=True)
class _Layer:
    """A layer whose variables are in quantization steps, those it began with: so Adam moves all layers at one pace."""

    kind: str
    kernel: Any  # in steps of `scale`
    shift: Any  # of the bias, in steps of the layer's output
    scale: NDArray[np.float32]
    old_bias: NDArray[np.float32]
    bias_step: float

    @property
    def bias(self) -> Any:
        return self.old_bias + self.shift * self.bias_step

    def real(self, _: str) -> Any:
        """The kernel as int8 holds it; gradients pass as if it were not rounded."""
        axes = axes_within_channel(self.kind, len(self.kernel.shape))
        largest = tf.stop_gradient(tf.reduce_max(tf.abs(self.kernel), axes, keepdims=True))
        step = tf.maximum(largest, 1e-6) / LEVELS
        rounded = tf.round(self.kernel / step) * step
        kernel = self.kernel + tf.stop_gradient(rounded - self.kernel)
        return kernel * along_channels(self.scale, self.kind)


class QuantizedNetwork:
    """A trained Keras classifier, computed as int8 computes it: a learner.Network."""

    def __init__(self, model: keras.Model, images: NDArray[np.uint8]) -> None:
        """images: (n, res, res, 3), on which the ranges of activations are observed; the ranges do not change later.

        Raises ModelError for a network that does not end in a softmax.
        """
        self.res = model.input_shape[1]
        graph = graph_of(model)
        if graph.logits is None:
            raise ModelError("expected a network that ends in a softmax to train quantized.")
        self._quantized = Quantized(graph, (), observed_ranges(graph, images))
        nodes = [(index, node) for index, node in enumerate(graph.nodes) if node.kernel is not None]
        self._layers = [self._layer(index, node) for index, node in nodes]
        self._learned = [layer for layer, (_, node) in zip(self._layers, nodes, strict=True) if node.learned]
        self._copy = keras.models.clone_model(model)
        self._has_bias = [layer.use_bias for layer in model.layers if hasattr(layer, "use_bias")]
        self.variables = [variable for layer in self._learned for variable in (layer.kernel, layer.shift)]
        self.trainable = self.variables
        self.classifier = [self._learned[-1].kernel, self._learned[-1].shift]
        self.decayed: Sequence[Any] = ()

    def _layer(self, index: int, node: Any) -> _Layer:
        scale = full_scales(channel_ranges(node.kernel, node.kind))
        return _Layer(
            kind=node.kind,
            kernel=keras.Variable(node.kernel / along_channels(scale, node.kind), name=f"{node.name}_levels"),
            shift=keras.Variable(np.zeros_like(node.bias), name=f"{node.name}_bias"),
            scale=scale,
            old_bias=node.bias,
            bias_step=step_of(self._quantized.ranges[index], "int8"),
        )

    def logits(self, image: Any, *, training: bool) -> Any:
        """See learner.Network; the same in training and out of it."""
        del training
        return self._quantized.graph.compared_among(self._quantized.outputs(image, self._layers))

    def model(self, values: Sequence[Any]) -> keras.Model:
        """See learner.Network: weights as int8 holds them; if a layer has no bias, batch norm that only adds it."""
        arrays: list[Any] = []
        for layer, has_bias, kernel, shift in zip(
            self._learned, self._has_bias, values[::2], values[1::2], strict=True
        ):
            fixed = replace(layer, kernel=kernel, shift=shift)
            kernel, bias = np.asarray(fixed.real(layer.kind)), np.asarray(fixed.bias, np.float32)
            arrays += [kernel, bias] if has_bias else [kernel, *identity_batch_norm(bias)]
        self._copy.set_weights(arrays)
        return self._copy
