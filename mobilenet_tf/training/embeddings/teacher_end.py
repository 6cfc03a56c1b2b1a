"""What the network in a teacher's file ends in: scores of classes, which are refused, or numbers that may be those."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mobilenet_tf.contract.labels import LABELS_FILE, read_labels
from mobilenet_tf.errors import LabelsError
from mobilenet_tf.tflite.metadata_reader import embedded_labels
from mobilenet_tf.tflite.suspected_classes import suspected_classes

if TYPE_CHECKING:
    import keras

    from mobilenet_tf.quantization.graph import Graph

__all__ = ["ADVICE", "LinearEnd", "ends_in_scores", "gives_scores", "has_labels", "linear_end", "scores_text"]

SCORES = ("softmax", "sigmoid")  # activations after which the outputs are scores of classes
SCORE_OPS = ("SOFTMAX", "LOG_SOFTMAX", "LOGISTIC")
SHAPE_OPS = ("RESHAPE", "SQUEEZE")
BEHIND_CLASSES = (*SHAPE_OPS, "MEAN", "AVERAGE_POOL_2D")  # what may stand behind the layer that makes logits
ADVICE = "Give a network that ends in its features: a .keras of this project, an extractor, or an embedding."


@dataclass(frozen=True)
class LinearEnd:
    """The end of a teacher in a layer of weights without an activation: it makes a vector, or the logits of classes.

    path:   of the file. labels: how many names of classes lie beside it; None if there are none.
    names:  of the layer, and of what is behind it.
    remedy: how to end the network before it.
    """

    path: Path
    names: tuple[str, ...]
    remedy: str
    labels: int | None = None

    def note(self, outputs: int, classes: int) -> str | None:
        """What to say if the outputs, so many, are probably scores of classes; None if nothing suggests it.

        classes: how many the photos have.
        """
        reason = suspected_classes(outputs, self.names)
        if outputs == self.labels:
            reason = f"as many as {LABELS_FILE} beside it has lines"
        elif reason is None and outputs == classes:
            reason = "as many as the photos have classes"
        if reason is None:
            return None
        return (
            f"{self.path} gives {outputs} numbers without an activation, {reason}: they are taught as a vector, but "
            "are probably scores of classes (logits), of which the features before them are the better vector. "
            f"{self.remedy}"
        )


def linear_end(model: "keras.Model | Graph", path: Path) -> LinearEnd | None:
    """The layer without an activation that a network ends in; None if it ends otherwise."""
    from mobilenet_tf.quantization.graph import Graph

    if isinstance(model, Graph):
        found, remedy = _linear_node(model), _exported(path)
    else:
        found, remedy = _linear_layer(model), _exported(path)
        if found is not None and found[0] in {layer.name for layer in model.layers}:
            cut = f"keras.Model(model.input, model.get_layer({found[0]!r}).input)"
            remedy = f"To teach those, save {cut} and give that."
    return None if found is None else LinearEnd(path, found, remedy, _labels_beside(path))


def gives_scores(model: "keras.Model") -> bool:
    """Whether the last layer of a Keras model makes scores of classes."""
    from mobilenet_tf.keras_loader import keras

    last = next(_from_the_end(model))
    activation = getattr(getattr(last, "activation", None), "__name__", None)
    return isinstance(last, keras.layers.Softmax) or activation in SCORES


def ends_in_scores(graph: "Graph") -> bool:
    """Whether the last op that changes values makes scores of classes."""
    node = graph.nodes[-1]
    while node.op in SHAPE_OPS and node.inputs[0] >= 0:
        node = graph.nodes[node.inputs[0]]
    return node.op in SCORE_OPS


def has_labels(path: Path) -> bool:
    """Whether a .tflite carries names of classes."""
    try:
        return bool(embedded_labels(path.read_bytes(), str(path)))
    except LabelsError:
        return True  # labels, though none that can be read


def scores_text(path: Path) -> str:
    """What to say of a teacher that gives scores."""
    return f"expected a --teacher that gives a vector for a photo; {path} gives scores of classes.\n{ADVICE}"


def _exported(path: Path) -> str:
    return (
        f"To teach those, give the float32 file of mobilenet-export --weights {path} --labels NAMES --task embedding, "
        "with the names of the classes, one a line."
    )


def _labels_beside(path: Path) -> int | None:
    try:
        return len(read_labels(path.with_name(LABELS_FILE)))
    except LabelsError:
        return None


def _linear_node(graph: "Graph") -> tuple[str, ...] | None:
    """The names of the op, and of those behind it."""
    node, names = graph.nodes[-1], [graph.nodes[-1].name]
    while node.op in BEHIND_CLASSES and node.inputs[0] >= 0:
        node = graph.nodes[node.inputs[0]]
        names.insert(0, node.name)
    is_linear = node.op in ("CONV_2D", "FULLY_CONNECTED") and not node.activation
    return tuple(names) if is_linear else None


def _linear_layer(model: "keras.Model") -> tuple[str, ...] | None:
    """The names of the layer, and of those behind it."""
    from mobilenet_tf.keras_loader import keras

    of = keras.layers
    behind = (of.Flatten, of.Reshape, of.Dropout, of.Activation, of.Identity)
    pools = (of.GlobalAveragePooling2D, of.AveragePooling2D)
    names: list[str] = []
    for layer in _from_the_end(model):
        names.insert(0, layer.name)
        if getattr(layer, "activation", None) not in (None, keras.activations.linear):
            return None
        if isinstance(layer, (of.Dense, of.Conv2D)):
            return tuple(names)
        if not isinstance(layer, (*behind, *pools)):
            return None
    return None


def _from_the_end(model: "keras.Model") -> Iterator[Any]:
    """The layers, the last one first, with those of the models in it."""
    from mobilenet_tf.keras_loader import keras

    for layer in reversed(model.layers):
        if isinstance(layer, keras.Model):
            yield from _from_the_end(layer)
        else:
            yield layer
