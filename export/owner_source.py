"""The float model in anybody's file: its graph, how its input is normalized, and what its outputs stand for."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from mobilenet_tf.contract.manifest import Head
from mobilenet_tf.tflite.given_input import Normalization

from .convert import GraphForms
from .normalization import ChosenInput
from .owner import Owner
from .source import Source

if TYPE_CHECKING:
    from mobilenet_tf.quantization.graph import Graph
    from mobilenet_tf.quantization.head import ClassifierGraph

__all__ = ["OwnerClassifier", "read_classifier"]

Float32 = NDArray[np.float32]
UInt8 = NDArray[np.uint8]


@dataclass(frozen=True)
class OwnerClassifier:
    """What is read from the model in a file.

    normalization: what its first layer expects the bytes of photos to become: arithmetic before that layer is in it.
    outputs:       how many scores the exported files give.
    parameters:    how many numbers its weights are.
    notes:         what was changed, in words.
    """

    source: Source
    head: Head
    normalization: Normalization
    outputs: int
    parameters: int
    notes: tuple[str, ...]


def read_classifier(
    owner: Owner,
    choose: Callable[["Graph"], ChosenInput],
    labels: int | None = None,
    *,
    allow_float_ops: bool = False,
) -> OwnerClassifier:
    """The classifier in a file, whose graph begins with its first layer and ends in scores.

    choose: the graph of the file -> how bytes become what the model in it takes.
    labels: how many names of classes there are; None if there are none.
    allow_float_ops: whether ops without an integer kernel are read: they stay float in integer files.
    Raises ModelError for a model that is no classifier, or that has an op that is not known, and what `choose` raises.
    """
    from mobilenet_tf.quantization.graph_reader import read_graph
    from mobilenet_tf.quantization.head import with_classes

    graph = read_graph(owner.content, owner.path.name, allow_float_ops=allow_float_ops)
    chosen = choose(graph)
    classifier = with_classes(chosen.graph(graph), owner.path.name, labels)
    normalization = classifier.graph.normalization
    scores = _scores_of_owner(owner, classifier, chosen)
    # Weights that were 8-bit integers: the file itself computes with them otherwise.
    of_graph = scores if owner.exact else classifier.graph.scores
    return OwnerClassifier(
        source=Source(GraphForms(classifier.graph), of_graph, None if owner.exact else scores),
        head=classifier.head,
        normalization=normalization,
        outputs=classifier.graph.nodes[-1].shape[-1],
        parameters=sum(node.kernel.size for node in classifier.graph.nodes if node.kernel is not None),
        notes=(*chosen.notes, *(f"{owner.path.name}: {note}" for note in classifier.notes)),
    )


def _scores_of_owner(owner: Owner, classifier: "ClassifierGraph", chosen: ChosenInput) -> Callable[[UInt8], Float32]:
    """The scores by the owner's model itself."""
    return lambda images: classifier.scores_of(owner.run(chosen.values(images)))
