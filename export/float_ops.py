"""The ops that compute in float in a file whose other ops compute with integers."""

from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mobilenet_tf.quantization.simulation import Quantized

__all__ = ["float_ops"]


def float_ops(quantized: "Quantized | None") -> dict[str, int]:
    """How often each op of an integer file computes in float, by name; nothing if activations are float."""
    if quantized is None or quantized.activations is None:
        return {}
    nodes = enumerate(quantized.graph.nodes)
    counts = Counter(node.op for index, node in nodes if quantized.type_of(index) == "float32")
    return dict(sorted(counts.items()))
