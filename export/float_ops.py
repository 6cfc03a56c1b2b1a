"""The ops that compute in float in a file whose other ops compute with integers."""

from collections import Counter
from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mobilenet_tf.quantization.simulation import Quantized

__all__ = ["float_ops", "listed_ops"]


def float_ops(quantized: "Quantized | None") -> dict[str, int]:
    """How often each op of an integer file computes in float; nothing for a network that has float activations."""
    if quantized is None or quantized.activations is None:
        return {}
    nodes = enumerate(quantized.graph.nodes)
    return dict(Counter(node.op for index, node in nodes if quantized.type_of(index) == "float32"))


def listed_ops(ops: Mapping[str, int]) -> str:
    """The ops in words: CUMSUM, SIN (2 times)."""
    return ", ".join(f"{op} ({count} times)" if count > 1 else op for op, count in sorted(ops.items()))
