"""The errors for ops that are not read."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from mobilenet_tf.errors import ModelError
from mobilenet_tf.terminal import counted_list

from .graph import Node
from .ops import ACTIVATIONS

__all__ = ["refuse_activation", "refuse_custom", "refuse_float_ops"]


def refuse_custom(file: str, op: str, code: Any) -> None:
    """Raise ModelError for an op that is no built-in one. code: its OperatorCodeT."""
    if op.startswith("STABLEHLO"):
        raise ModelError(f"{file} has the op {op}, which is not read here: convert it to TFLite's own ops.")
    if op not in ("CUSTOM", "DELEGATE"):
        return
    name = code.customCode.decode("utf-8", "replace") if code.customCode else op
    if name.startswith("Flex"):
        raise ModelError(
            f"{file} has the op {name}, which needs TensorFlow's runtime.\n"
            "Convert the model with TFLite's own ops alone: without SELECT_TF_OPS."
        )
    raise ModelError(f"{file} has the custom op {name}, which no interpreter has without an extension.")


def refuse_activation(file: str, op: str, options: Any) -> None:
    """Raise ModelError for a fused activation that is not known here."""
    if getattr(options, "fusedActivationFunction", 0) not in ACTIVATIONS:
        raise ModelError(f"{file} has the op {op} with a fused activation that no kernel computes in integers.")


def refuse_float_ops(file: str, nodes: Sequence[Node]) -> None:
    """Raise ModelError that names all ops that would stay float."""
    counts = Counter(node.op for node in nodes if node.stays_float)
    if counts:
        raise ModelError(
            f"{file} has ops without an integer kernel: {counted_list(counts)}.\n"
            "Keep these float with --allow-float-ops, or build the model without them."
        )
