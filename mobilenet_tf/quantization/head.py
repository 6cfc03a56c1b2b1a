"""The end of a network, brought to one row of scores: a softmax over classes, or a sigmoid for each of several tags.

TensorFlow is loaded with this module.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from mobilenet_tf.contract.manifest import Head
from mobilenet_tf.errors import ModelError

from .ended_graph import EndedGraph, Ending
from .graph import IMAGE, Graph, Node
from .graph_reader import reachable
from .linear import LINEAR
from .new_nodes import dense_node, plain_node
from .written_out import is_hard_sigmoid, softmax_at

__all__ = ["ONE_ROW", "as_row", "count_of", "with_classes"]

# What an ending that is changed becomes, in words.
NOTES: dict[Ending, str] = {
    "log softmax": "It gives the logarithms of probabilities; the exported files give the probabilities.",
    "logits": "It gives logits, without an activation; the exported files give their softmax.",
    "one logit": "It gives one logit; the exported files give the probabilities of two classes, the second being what "
    "a high logit stands for.",
    "one sigmoid": "It gives one probability p; the exported files give those of two classes, 1 - p and p.",
    "one hard sigmoid": "It gives one score p; the exported files give those of two classes, 1 - p and p.",
    "sigmoids": "It gives each output a probability of its own, by a sigmoid: they are tags, not classes, and several "
    "may apply to one photo.",
    "mixture": "It gives a mixture of softmaxes, as ensembles do; the exported files give the same.",
}
# Ops whose outputs are sums over the image, as features are; those of a layer of classes may be too.
POOLED = ("AVERAGE_POOL_2D", "MAX_POOL_2D", "MEAN", "REDUCE_MAX", "SUM")
ABOUT_POOLED = (
    "It ends in {op}, as features do too: its {count} outputs are taken for the logits of classes because there are "
    "{count} labels. If they are features, its scores mean nothing: give the whole model, with its layer of classes."
)
LINEAR_ENDS = ("FULLY_CONNECTED", "CONV_2D", "ADD", "SUB", "MUL", "DIV")
# Ops by which an ensemble joins the probabilities of its members, or by which some of them are taken.
JOINING = (
    *("ADD", "SUB", "MUL", "DIV", "MEAN", "SUM", "MAXIMUM", "MINIMUM"),
    *("CONCATENATION", "PACK", "SLICE", "STRIDED_SLICE"),
)
ONE_ROW = ("RESHAPE", "SQUEEZE", "EXPAND_DIMS", "TRANSPOSE")
SUM_TOLERANCE = 1e-3  # of the sum of probabilities in float32: over 1000 classes rounding adds up to about 1e-4


def with_classes(graph: Graph, name: str = "the model", classes: int | None = None) -> EndedGraph:
    """The graph with one row of scores (1, classes) as its output.

    Logits get a softmax. One sigmoid of z, or one logit z, becomes the softmax of two logits (0, z), which is exact:
    its second score is the sigmoid of z. Several sigmoids stay as they are.
    name:    what an error calls the model.
    classes: the number of its labels, if it is known: means over the image are taken for logits if they are as many.
    Raises ModelError for a network that ends in something else, such as features.
    """
    index, ending = _ending(graph, name, classes)
    cut = replace(graph, nodes=reachable(graph.nodes, index))
    if ending in ("one logit", "one sigmoid"):
        made = _with_softmax(_with_two_logits(cut))
    elif ending == "one hard sigmoid":
        made = _with_complement(cut)
    elif ending in ("sigmoids", "mixture"):
        made = as_row(cut)
    else:
        made = graph if _ends_in_softmax(graph) else _with_softmax(cut, _beta(graph, index))
    head: Head = "sigmoid" if ending == "sigmoids" else "softmax"
    notes = (NOTES[ending],) if ending in NOTES else ()
    if ending == "logits" and graph.nodes[index].op in POOLED:
        notes = (*notes, ABOUT_POOLED.format(op=graph.nodes[index].op, count=classes))
    return EndedGraph(made, head, ending, notes)


def _ending(graph: Graph, name: str, classes: int | None) -> tuple[int, Ending]:
    """The node whose output is taken: the logits, or the scores themselves if they are kept; and how the graph ends."""
    count, last = count_of(graph, name), len(graph.nodes) - 1
    while graph.nodes[last].op in ONE_ROW and graph.nodes[last].inputs[0] != IMAGE:
        last = graph.nodes[last].inputs[0]
    node = graph.nodes[last]
    written_out = softmax_at(graph, last)
    if written_out is not None:
        return written_out, "softmax"
    if node.op in ("SOFTMAX", "LOG_SOFTMAX"):
        if node.shape[-1] != count or count == 1:
            raise ModelError(
                f"{name} ends in a softmax over an axis of {node.shape[-1]}; its output is {node.shape}: "
                "such scores do not depend on the image.\n"
                "Give a model that ends in one sigmoid unit, or in a softmax over all classes."
            )
        return node.inputs[0], "softmax" if node.op == "SOFTMAX" else "log softmax"
    if node.op == "LOGISTIC":
        return (node.inputs[0], "one sigmoid") if count == 1 else (last, "sigmoids")
    if is_hard_sigmoid(graph, last):
        return last, "one hard sigmoid" if count == 1 else "sigmoids"
    joined = _joined(graph, last)
    if joined <= {"SOFTMAX", "LOGISTIC"}:
        return last, _ending_of_mixture(graph, joined, name, count)
    if not _gives_logits(node) and not (node.op in POOLED and count == classes):
        raise _no_scores(name, node, count)
    return last, "one logit" if count == 1 else "logits"


def _joined(graph: Graph, index: int) -> set[str]:
    """The ops whose outputs a node joins, without layers of weights in between."""
    node = graph.nodes[index]
    if index == IMAGE or node.kernel is not None or node.op not in (*JOINING, *ONE_ROW):
        return {"image" if index == IMAGE else node.op}
    return set().union(*(_joined(graph, source) for source in node.inputs))


def _ending_of_mixture(graph: Graph, joined: set[str], name: str, count: int) -> Ending:
    """How a network ends that joins probabilities. Raises ModelError if what it makes of them is none any more."""
    images = np.random.default_rng(0).integers(0, 256, (4, *graph.input_shape), dtype=np.uint8)
    scores = np.asarray(graph(graph.normalize(images))).reshape(len(images), -1)
    inside = bool((scores > -SUM_TOLERANCE).all() and (scores < 1 + SUM_TOLERANCE).all())
    if inside and count == 1:
        return "one hard sigmoid"
    if inside and joined == {"LOGISTIC"}:
        return "sigmoids"
    if joined == {"SOFTMAX"} and inside and np.allclose(scores.sum(1), 1, atol=SUM_TOLERANCE):
        return "mixture"
    raise ModelError(
        f"expected {name} to end in scores; it joins the outputs of {' and '.join(sorted(joined))} to values from "
        f"{scores.min():.3g} to {scores.max():.3g} that are no probabilities of classes.\n"
        "Give a model that averages its softmaxes, or end it before they are joined."
    )


def count_of(
    graph: Graph, name: str, remedy: str = "Give the whole model, with the layer of its classes.", what: str = "scores"
) -> int:
    """The number of outputs. Raises ModelError unless they are one row. what, remedy: of the error."""
    shape = graph.nodes[-1].shape
    if sum(length > 1 for length in shape) > 1:
        raise ModelError(
            f"expected {name} to give one row of {what}; its output is {shape[1:]}: a map of features, or boxes.\n"
            f"{remedy}"
        )
    return int(np.prod(shape))


def _ends_in_softmax(graph: Graph) -> bool:
    node = graph.nodes[-1]
    return node.op == "SOFTMAX" and len(node.shape) == 2 and graph.nodes[node.inputs[0]].shape == node.shape


def _beta(graph: Graph, logits: int) -> float:
    """What the owner's softmax multiplies logits by."""
    users = (graph.nodes[user] for user in graph.consumers(logits))
    return next((float(user.options.beta) for user in users if user.op == "SOFTMAX"), 1.0)


def _gives_logits(node: Node) -> bool:
    return node.op in LINEAR_ENDS and not getattr(node.options, "fusedActivationFunction", 0)


def _no_scores(name: str, node: Node, count: int) -> ModelError:
    pooled = f"\nIf they are its {count} classes, give --labels with as many names." if node.op in POOLED else ""
    return ModelError(
        f"expected {name} to end in scores: a softmax, sigmoids, or a layer without an activation. It ends in {node.op}"
        f"{' with an activation' if node.op in LINEAR_ENDS else ''}: its {count} outputs are features of an image, and "
        f"no scores of classes.\nGive the whole model, with the layer of its classes; to export the features as an "
        f"embedding, give --task embedding.{pooled}"
    )


def as_row(graph: Graph) -> Graph:
    """The graph with its output as one row (1, outputs)."""
    shape = graph.nodes[-1].shape
    row = (1, int(np.prod(shape)))
    if shape == row:
        return graph
    new = np.array(row, np.int32)
    return _with(graph, plain_node("RESHAPE", "one row", len(graph.nodes) - 1, row, {1: new}, newShape=new))


def _with_softmax(graph: Graph, beta: float = 1.0) -> Graph:
    graph = as_row(graph)
    return _with(graph, plain_node("SOFTMAX", "softmax", len(graph.nodes) - 1, graph.nodes[-1].shape, beta=beta))


def _with_two_logits(graph: Graph) -> Graph:
    """The graph that gives (0, z) in place of z."""
    node = graph.nodes[-1]
    if node.kind not in ("conv", "dense") or node.activation:
        return _with_layer(graph, [0, 1], [0, 0])
    assert node.kernel is not None
    assert node.bias is not None
    shape = (*node.shape[:-1], 2)
    kernel = np.concatenate([np.zeros_like(node.kernel), node.kernel], -1)
    bias = np.concatenate([np.zeros_like(node.bias), node.bias])
    linear = LINEAR[node.kind](node.options, shape)
    return replace(
        graph, nodes=(*graph.nodes[:-1], replace(node, shape=shape, kernel=kernel, bias=bias, linear=linear))
    )


def _with_complement(graph: Graph) -> Graph:
    """The graph that gives (1 - p, p) in place of p."""
    return _with_layer(graph, [-1, 1], [1, 0])


def _with_layer(graph: Graph, kernel: Sequence[float], bias: Sequence[float]) -> Graph:
    graph = as_row(graph)
    weights = np.array([kernel], np.float32), np.array(bias, np.float32)
    return _with(graph, dense_node("two classes", len(graph.nodes) - 1, *weights))


def _with(graph: Graph, node: Node) -> Graph:
    return replace(graph, nodes=(*graph.nodes, node))
