"""The end of a network brought to one vector of length 1, an embedding. TensorFlow is loaded with this module."""

from dataclasses import replace

import numpy as np

from mobilenet_tf.errors import ModelError

from .ended_graph import EndedGraph, Ending
from .graph import IMAGE, Graph
from .graph_reader import reachable
from .head import ONE_ROW, POOLED, as_row, count_of
from .new_nodes import plain_node
from .written_out import is_hard_sigmoid, softmax_at

__all__ = ["ends_in_unit_length", "with_vector"]

UNIT = "L2_NORMALIZATION"
# What may stand between the layer of the classes and the activation behind it.
BEHIND_CLASSES = (*ONE_ROW, *POOLED, "ADD", "SUB", "MUL", "DIV")
TRIED, UNIT_TOLERANCE = 4, 1e-4  # images; of the parts of a vector of length 1, which float32 rounds by about 1e-7
MAP_REMEDY = "End the model in a global average pooling behind its last map of features, and give that."
NOTES: dict[Ending, str] = {
    "vector": "It gives a vector of {count} numbers; the exported files give it with a length of 1.",
    "features": "It is a classifier; the exported files give what its layer of classes takes, {count} features, as a "
    "vector of length 1.",
}


def ends_in_unit_length(graph: Graph) -> bool:
    """Whether a network ends in one row that is divided by its length, by one op or by several."""
    if sum(length > 1 for length in graph.nodes[-1].shape) != 1:
        return False
    return _before_unit_length(graph, _last(graph)) is not None


def with_vector(graph: Graph, name: str = "the model", labels: int | None = None) -> EndedGraph:
    """The graph with one vector of length 1, (1, dimensions), as its output, by one L2_NORMALIZATION.

    A classifier ends before the layer of its classes: it is one if it ends in a softmax or in sigmoids, or in as many
    outputs of a layer of weights as it has labels.
    name:   what an error calls the model.
    labels: how many names of classes there are; None if there are none.
    Raises ModelError for a network whose output, or whose features, are no row of at least two numbers.
    """
    count = count_of(graph, name, MAP_REMEDY, "numbers")
    last = _last(graph)
    inner = _before_unit_length(graph, last)
    ending: Ending = "vector" if inner is None else "unit length"
    source = last if inner is None else inner
    if inner is None and (classes := _classes(graph, last, count, labels)) is not None:
        source, ending = _features(graph, classes, name), "features"
    cut = replace(graph, nodes=reachable(graph.nodes, source))
    count = count_of(cut, name, MAP_REMEDY, "features")
    if count < 2:
        raise ModelError(
            f"expected {name} to give a vector; its output is one number.\nGive a model that ends in its features."
        )
    return EndedGraph(_with_unit_length(graph, cut, last), "embedding", ending, _notes(ending, count))


def _notes(ending: Ending, count: int) -> tuple[str, ...]:
    return (NOTES[ending].format(count=count),) if ending in NOTES else ()


def _with_unit_length(graph: Graph, cut: Graph, last: int) -> Graph:
    """The graph itself if it is as it should be; else `cut`, of which the last node gives the vector, with the op."""
    if graph.nodes[last].op == UNIT and last == len(graph.nodes) - 1 and len(graph.nodes[last].shape) == 2:
        return graph
    row = as_row(cut)
    node = plain_node(UNIT, "unit length", len(row.nodes) - 1, row.nodes[-1].shape)
    return replace(row, nodes=(*row.nodes, node))


def _last(graph: Graph) -> int:
    """The last node that does more than change the shape."""
    return _without_shapes(graph, len(graph.nodes) - 1)


def _without_shapes(graph: Graph, index: int) -> int:
    while graph.nodes[index].op in ONE_ROW and graph.nodes[index].inputs[0] != IMAGE:
        index = graph.nodes[index].inputs[0]
    return index


def _before_unit_length(graph: Graph, last: int) -> int | None:
    """The node whose output is divided by its length by node `last`, or by several ops of which it is the last; None if
    none is. Of several ops it is found by what they compute, as they are written in many ways.
    """
    node = graph.nodes[last]
    if node.op == UNIT:
        return node.inputs[0] if node.inputs[0] != IMAGE else None
    if node.op not in ("MUL", "DIV") or len(node.inputs) != 2:
        return None
    same_shape = [index for index in node.inputs if index != IMAGE and graph.nodes[index].shape == node.shape]
    images = np.random.default_rng(0).integers(0, 256, (TRIED, *graph.input_shape), dtype=np.uint8)
    for index in same_shape:
        rows, outputs = (
            replace(graph, nodes=reachable(graph.nodes, one)).scores(images).astype(np.float64) for one in (index, last)
        )
        lengths = np.linalg.norm(rows, axis=1, keepdims=True)
        if (lengths > 0).all() and np.allclose(outputs, rows / lengths, rtol=0, atol=UNIT_TOLERANCE):
            return index
    return None


def _classes(graph: Graph, last: int, count: int, labels: int | None) -> int | None:
    """The node up to which the layer of the classes is found; None if the network is no classifier."""
    written_out = softmax_at(graph, last)
    if written_out is not None:
        return written_out
    if graph.nodes[last].op in ("SOFTMAX", "LOG_SOFTMAX", "LOGISTIC") or is_hard_sigmoid(graph, last):
        return graph.nodes[last].inputs[0]
    return last if labels is not None and count == labels else None


def _features(graph: Graph, classes: int, name: str) -> int:
    """The node whose output the layer of the classes takes, which is the last layer of weights up to `classes`."""
    index = classes
    while index != IMAGE and graph.nodes[index].kernel is None and graph.nodes[index].op in BEHIND_CLASSES:
        index = graph.nodes[index].inputs[0]
    source = IMAGE if index == IMAGE or graph.nodes[index].kernel is None else graph.nodes[index].inputs[0]
    if source == IMAGE:
        raise ModelError(
            f"expected {name} to end in a layer of classes on features; it has no such layer.\nGive a model that ends "
            "in its features: keras.Model(model.input, features)."
        )
    return source
