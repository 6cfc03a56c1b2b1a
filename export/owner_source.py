"""The float model in anybody's file: its graph, how its input is normalized, and what its outputs stand for."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from mobilenet_tf.contract.manifest import Head, Task
from mobilenet_tf.tasks.embeddings import unit
from mobilenet_tf.tflite.given_input import Normalization

from .convert import GraphForms
from .normalization import ChosenInput
from .owner import Owner
from .source import Source

if TYPE_CHECKING:
    from mobilenet_tf.quantization.ended_graph import EndedGraph
    from mobilenet_tf.quantization.graph import Graph

__all__ = ["OwnerClassifier", "read_classifier"]

Float32 = NDArray[np.float32]
UInt8 = NDArray[np.uint8]


@dataclass(frozen=True)
class OwnerClassifier:
    """What is read from the model in a file.

    head:          what the exported files give: scores of classes or tags, or an embedding.
    is_cut:        whether they end before the layer of the model's classes.
    normalization: what its first layer expects the bytes of photos to become: arithmetic before that layer is in it.
    outputs:       how many scores, or parts of a vector, the exported files give.
    parameters:    how many numbers its weights are.
    notes:         what was changed, in words.
    """

    source: Source
    head: Head
    normalization: Normalization
    outputs: int
    parameters: int
    notes: tuple[str, ...]
    is_cut: bool = False


def read_classifier(
    owner: Owner,
    choose: Callable[["Graph"], ChosenInput],
    labels: int | None = None,
    *,
    task: Task | None = None,
    allow_float_ops: bool = False,
) -> OwnerClassifier:
    """The network in a file, whose graph begins with its first layer and ends in scores or in a vector of length 1.

    choose: the graph of the file -> how bytes become what the model in it takes.
    labels: how many names of classes there are; None if there are none.
    task:   embedding for the vector; None for the vector if the network ends in one of length 1 and has no labels, else
            for scores.
    allow_float_ops: whether ops without an integer kernel are read: they stay float in integer files.
    Raises ModelError for a model that has no such end, or that has an op that is not known, and what `choose` raises.
    """
    from mobilenet_tf.quantization.graph_reader import read_graph
    from mobilenet_tf.quantization.head import with_classes
    from mobilenet_tf.quantization.refused_ops import refuse_float_ops
    from mobilenet_tf.quantization.vector_head import ends_in_unit_length, with_vector

    name = owner.path.name
    graph = read_graph(owner.content, name, allow_float_ops=True)
    gives_vector = task == "embedding" or (task is None and labels is None and ends_in_unit_length(graph))
    if not allow_float_ops and not gives_vector:
        refuse_float_ops(name, graph.nodes)
    chosen = choose(graph)
    ended = (with_vector if gives_vector else with_classes)(chosen.graph(graph), name, labels)
    if not allow_float_ops:  # those of a vector's length are replaced by one that has an integer kernel
        refuse_float_ops(name, ended.graph.nodes)
    return _described(owner, ended, _scores_of_owner(owner, ended, chosen), chosen.notes)


def _described(
    owner: Owner, ended: "EndedGraph", scores: Callable[[UInt8], Float32], notes: tuple[str, ...]
) -> OwnerClassifier:
    """scores: of the owner's model itself. notes: on its input."""
    # Weights that were 8-bit integers: the file itself computes with them otherwise.
    of_graph = scores if owner.exact else ended.graph.scores
    return OwnerClassifier(
        source=Source(GraphForms(ended.graph), of_graph, None if owner.exact else scores),
        head=ended.head,
        normalization=ended.graph.normalization,
        outputs=ended.graph.nodes[-1].shape[-1],
        parameters=sum(node.kernel.size for node in ended.graph.nodes if node.kernel is not None),
        notes=(*notes, *(f"{owner.path.name}: {note}" for note in ended.notes)),
        is_cut=ended.ending == "features",
    )


def _scores_of_owner(owner: Owner, ended: "EndedGraph", chosen: ChosenInput) -> Callable[[UInt8], Float32]:
    """The scores, or the vectors, by the owner's model itself; a cut classifier's by what its last layer takes."""
    if ended.ending == "features":
        return lambda images: unit(owner.features(chosen.values(images)))
    return lambda images: ended.scores_of(owner.run(chosen.values(images)))
