"""The errors for ops that are not read."""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from mobilenet_tf.errors import ModelError
from mobilenet_tf.terminal import counted_list

from .graph import Node
from .ops import ACTIVATIONS

__all__ = ["refuse_activation", "refuse_custom", "refuse_float_ops", "refuse_other_graphs"]

# Ops that run other graphs of the file, or that hold what it keeps from run to run: what each is there for, and what
# to do.
LOOP = (
    "a loop over another graph in the file, as of an LSTM or GRU layer",
    "Give a network that runs from the image to its scores without a loop.",
)
BRANCH = (
    "a choice between two other graphs in the file by what was computed",
    "Give a network that computes the same layers for every image.",
)
CALL = (
    "a call of another graph in the file",
    "Convert the model with TFLite's own ops alone, in one graph: of Keras by TFLiteConverter.from_keras_model(model).",
)
VARIABLE = (
    "a variable, a value that is kept outside the graph",
    "Give the model that it was made from, or convert that by TFLiteConverter.from_keras_model(model).",
)
OTHER_GRAPHS = {
    **dict.fromkeys(("WHILE", "STABLEHLO_WHILE"), LOOP),
    **dict.fromkeys(("IF", "STABLEHLO_CASE"), BRANCH),
    **dict.fromkeys(("CALL", "STABLEHLO_COMPOSITE"), CALL),
    **dict.fromkeys(("CALL_ONCE", "VAR_HANDLE", "READ_VARIABLE", "ASSIGN_VARIABLE"), VARIABLE),
}


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


def refuse_other_graphs(file: str, ops: Iterable[str]) -> None:
    """Raise ModelError for an op that runs another graph of the file, or that keeps something from run to run."""
    found = next((op for op in ops if op in OTHER_GRAPHS), None)
    if found is not None:
        what, remedy = OTHER_GRAPHS[found]
        raise ModelError(f"{file} has the op {found}, {what}, which is not read here.\n{remedy}")


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
