"""How much the rounding of each node's output changes the network's answer, without running the network for each.

The divergence of the softmax grows by half the squared error of a value times the value's Fisher information, which one
backward pass estimates (Theis et al. 2018, "Faster gaze prediction with dense networks and Fisher pruning", equation 6;
for quantization: Li et al. 2021, "BRECQ", equation 10). TensorFlow is loaded with this module.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mobilenet_tf.keras_loader import tf

from .graph import IMAGE, Graph
from .ops import Range
from .sensitivity import fisher_root

__all__ = ["Importance", "importance"]

IMAGES = 60  # that the importance is measured on: values are sampled from them anyway
BATCH = 10  # images in one backward pass: this bounds the memory, as all activations are held
SAMPLES = 20_000  # values of each node that are looked at

Array = NDArray[np.float32]


@dataclass(frozen=True)
class Importance:
    """Values of a node's output, and the divergence that a squared error of each adds, in nats an image.

    Both (samples,); the sum over the samples estimates that over all values of one image.
    """

    values: Array
    weights: Array

    def divergence(self, limits: Range) -> float:
        """What int8 steps within `limits` add to the divergence of the softmax, in nats an image."""
        low, high = limits
        step = max(high - low, 1e-6) / 255
        zero = np.rint(-low / step)
        rounded = (np.clip(np.rint(self.values / step) + zero, 0, 255) - zero) * step
        return float(np.dot(np.square(rounded - self.values), self.weights))


def importance(graph: Graph, images: NDArray[np.uint8]) -> dict[int, Importance]:
    """For each node, up to the logits, how much errors of its output matter; images uint8 (n, res, res, 3).

    For a network that does not end in a softmax, the divergence is half the squared error of its output.
    """
    rng = np.random.default_rng(0)
    chosen = images[:: max(1, len(images) // IMAGES)][:IMAGES]
    found: dict[int, list[tuple[Array, Array]]] = {}
    for chunk in graph.chunks(chosen, BATCH):
        values, gradients = _backward(graph, chunk, rng)
        for index, gradient in gradients.items():
            x, g = np.ravel(values[index]), np.ravel(gradient)
            count = min(len(x), max(1, SAMPLES * len(chunk) // len(chosen)))
            picked = rng.integers(len(x), size=count) if count < len(x) else np.arange(len(x))
            weights = np.square(g[picked]) * np.float32(0.5 * len(x) / count / len(chosen))
            found.setdefault(index, []).append((x[picked], weights))
    return {index: Importance(*map(np.concatenate, zip(*parts, strict=True))) for index, parts in found.items()}


def _backward(graph: Graph, chunk: Any, rng: np.random.Generator) -> tuple[dict[int, Any], dict[int, Any]]:
    """The nodes' outputs, and gradients whose squares have the Fisher information as their mean."""
    with tf.GradientTape() as tape:
        tape.watch(chunk)
        values: dict[int, Any] = {IMAGE: chunk}
        for index, node in enumerate(graph.nodes):
            values[index] = node([values[source] for source in node.inputs])
            if index == graph.logits:
                break
        output = tf.reshape(values[max(values)], (len(chunk), -1))
        signs = tf.constant(rng.choice([-1.0, 1.0], output.shape).astype(np.float32))
        root = signs if graph.logits is None else fisher_root(output, signs)
        projected = tf.reduce_sum(output * tf.stop_gradient(root))
    del values[IMAGE]
    gradients = dict(zip(values, tape.gradient(projected, list(values.values())), strict=True))
    return values, {index: g for index, g in gradients.items() if g is not None}
