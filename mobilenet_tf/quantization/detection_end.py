"""The end of a detector's graph: one node that takes the encoded boxes and the logits of all anchors.

While a network is corrected, the node gives both as one tensor, so that a detector is a graph with one output as any
other. In a file it becomes the sigmoid and TFLite_Detection_PostProcess, or outputs of their own; both are in float.
TensorFlow is loaded with this module.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from mobilenet_tf.errors import ModelError
from mobilenet_tf.keras_loader import keras, tf
from mobilenet_tf.networks.detectors import DetectorSpec
from mobilenet_tf.networks.ssd import BOX_VALUES
from mobilenet_tf.tasks.detection import logits_model
from mobilenet_tf.tasks.post_processing import Detections, PostProcessing, detect
from mobilenet_tf.tflite.detection_op import DETECTION_OP, op_options
from mobilenet_tf.tflite.model_builder import ModelBuilder

from .graph import Graph, Node
from .graph_reader import read_graph
from .keras_graph import convert_function

__all__ = [
    "DetectionEnd",
    "detection_divergence",
    "detection_graph",
    "detection_root",
    "detections_of",
    "end_of",
    "split_outputs",
    "with_outputs",
    "write_end",
]

# detections: boxes, classes, scores and count of the post-processing. raw: encoded boxes and scores. logits: encoded
# boxes and what the sigmoid takes.
Outputs = Literal["detections", "raw", "logits"]
SMALLEST = 1e-6  # what smaller probabilities count as

Float32 = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class DetectionEnd:
    """The options of the last node of a detector's graph.

    anchors: (n, 4), see networks/anchors.py. classes: without a background.
    outputs: what a file of the graph gives.
    """

    anchors: Float32
    classes: int
    chosen: PostProcessing
    outputs: Outputs = "detections"


def detection_graph(model: keras.Model, spec: DetectorSpec, chosen: PostProcessing, outputs: Outputs) -> Graph:
    """The graph of a Keras detector of build_model's form, which ends in a node with a DetectionEnd.

    Its output is (1, anchors, 4 + classes): the encoded boxes, then the logits.
    """
    raw = logits_model(model)
    content = convert_function(lambda image: tf.concat(raw(image, training=False), -1), model.input_shape[1:])
    graph = read_graph(content, model.name)
    last = graph.nodes[-1]
    if last.op != "CONCATENATION" or len(last.inputs) != 2:
        raise ModelError(f"expected {model.name} to end in boxes and logits; its graph ends in {last.op}.")
    options = DetectionEnd(spec.anchors(), spec.classes, chosen, outputs)
    end = Node(DETECTION_OP, DETECTION_OP, last.inputs, DETECTION_OP, last.shape, options, _joined, stays_float=True)
    return replace(graph, nodes=(*graph.nodes[:-1], end))


def _joined(inputs: Sequence[Any], _: Any, __: Mapping[int, Any]) -> Any:
    return tf.concat(list(inputs), -1)


def end_of(graph: Graph) -> DetectionEnd | None:
    """What ends a detector's graph; None for any other graph."""
    options = graph.nodes[-1].options
    return options if isinstance(options, DetectionEnd) else None


def with_outputs(graph: Graph, outputs: Outputs) -> Graph:
    """The same detector, of which files give other outputs."""
    last = graph.nodes[-1]
    return replace(graph, nodes=(*graph.nodes[:-1], replace(last, options=replace(last.options, outputs=outputs))))


def split_outputs(output: Any) -> tuple[Any, Any]:
    """The output of a detector's graph (n, anchors, 4 + classes) -> the encoded boxes, the logits."""
    return output[..., :BOX_VALUES], output[..., BOX_VALUES:]


def detections_of(end: DetectionEnd, output: Any) -> list[Detections]:
    """What a detector with this end finds on each image, by the output of its graph (n, anchors, 4 + classes)."""
    boxes, logits = split_outputs(np.asarray(output))
    scores = 1 / (1 + np.exp(-logits))
    return [detect(*pair, end.anchors, end.chosen) for pair in zip(boxes, scores, strict=True)]


def detection_root(output: Any, signs: Any) -> Any:
    """B v for random signs v, each (n, anchors, 4 + classes), if B B' is the Fisher information of a detector's output.

    Each class of each anchor is a Bernoulli variable: p (1 - p). The encodings of an anchor are Gaussian with the unit
    variance of the smooth L1 loss (Liu et al. 2016, eq. 2), and count as much as it is likely that an object is there,
    that is by the best p.
    """
    encodings, logits = split_outputs(output)
    p = tf.sigmoid(logits)
    there = tf.broadcast_to(tf.reduce_max(p, -1, keepdims=True), tf.shape(encodings))
    return tf.sqrt(tf.concat([there, p * (1 - p)], -1)) * signs


def detection_divergence(exact: Float32, output: Float32) -> Float32:
    """The Kullback-Leibler divergence of a detector's outputs (n, anchors, 4 + classes) from the exact ones, in nats of
    an image, (n,): that of which `detection_root` is the second order.
    """
    (boxes, p), (other_boxes, q) = (_with_probabilities(each) for each in (exact, output))
    of_classes = p * np.log(p / q) + (1 - p) * np.log((1 - p) / (1 - q))
    of_boxes = 0.5 * p.max(-1) * np.square(boxes - other_boxes).sum(-1)
    total: Float32 = (of_classes.sum((1, 2)) + of_boxes.sum(1)).astype(np.float32)
    return total


def _with_probabilities(output: Float32) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    encodings, logits = split_outputs(output.astype(np.float64))
    return encodings, np.clip(1 / (1 + np.exp(-logits)), SMALLEST, 1 - SMALLEST)


def write_end(build: ModelBuilder, end: DetectionEnd, boxes: int, logits: int) -> dict[str, int]:
    """Append what ends a file to a model -> its outputs by their names. boxes, logits: float tensors, (1, n, ...)."""
    anchors = len(end.anchors)
    if end.outputs == "logits":
        return {"boxes": boxes, "logits": logits}
    scores = build.tensor("scores", "float32", (1, anchors, end.classes))
    build.op("LOGISTIC", 1, [logits], scores)
    if end.outputs == "raw":
        return {"boxes": boxes, "scores": scores}
    most = end.chosen.most
    outputs = {
        name: build.tensor(name, "float32", shape)
        for name, shape in {
            "location": (1, most, BOX_VALUES),
            "category": (1, most),
            "score": (1, most),
            "number of detections": (1,),
        }.items()
    }
    inputs = [boxes, scores, build.constant("anchors", end.anchors)]
    build.custom_op(DETECTION_OP, inputs, [*outputs.values()], op_options(end.classes, end.chosen))
    return outputs
