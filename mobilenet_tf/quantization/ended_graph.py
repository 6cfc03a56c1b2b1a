"""A graph that was brought to the end that exported files have: scores of classes or tags, or a vector of length 1."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from mobilenet_tf.contract.manifest import Head
from mobilenet_tf.tasks.classification import softmax
from mobilenet_tf.tasks.embeddings import unit

from .graph import Graph

__all__ = ["EndedGraph", "Ending", "scores_of"]

# How the owner's network ends. features: in classes, before which the exported files end.
Ending = Literal[
    "softmax",
    "log softmax",
    "logits",
    "one logit",
    "one sigmoid",
    "one hard sigmoid",
    "sigmoids",
    "mixture",
    "vector",
    "unit length",
    "features",
]

Float32 = NDArray[np.float32]


@dataclass(frozen=True)
class EndedGraph:
    """A graph that ends in one row: scores (1, classes), or a vector of length 1, (1, dimensions).

    head:   softmax: the scores are probabilities of classes, of which one is right; sigmoid: each stands for itself;
            embedding: the vector.
    ending: how the owner's network ends.
    notes:  what was changed, in words.
    """

    graph: Graph
    head: Head
    ending: Ending
    notes: tuple[str, ...]

    def scores_of(self, outputs: NDArray[np.float32]) -> Float32:
        """What `graph` should give where the owner's network gives `outputs` (n, ...) -> (n, outputs of `graph`)."""
        return scores_of(outputs, self.ending)


def scores_of(outputs: NDArray[np.float32], ending: Ending) -> Float32:
    """The scores (n, classes), or the vectors (n, dimensions), that the outputs (n, ...) of a network with an ending
    stand for. Those of `features` are not among its outputs.
    """
    rows = outputs.reshape(len(outputs), -1).astype(np.float32)
    if ending in ("vector", "unit length"):
        return unit(rows)
    if ending == "logits":
        return softmax(rows)
    if ending == "log softmax":
        return np.exp(rows)
    if ending == "one logit":
        return softmax(np.concatenate([np.zeros_like(rows), rows], 1))
    if ending in ("one sigmoid", "one hard sigmoid"):
        return np.concatenate([1 - rows, rows], 1)
    return rows
