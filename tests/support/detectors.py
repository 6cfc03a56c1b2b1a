"""Small detectors: a Keras model whose outputs vary, and .tflite files without any network."""

import numpy as np

from mobilenet_tf.networks.detectors import DetectorSpec
from mobilenet_tf.tasks.detection import build_model
from mobilenet_tf.tasks.post_processing import PostProcessing
from mobilenet_tf.tflite.detection_op import DETECTION_OP, op_options
from mobilenet_tf.tflite.flatbuffer import pack
from mobilenet_tf.tflite.model_builder import ModelBuilder

from .networks import lively

TINY = DetectorSpec("ssd_mobilenet_v1", 0.25, 96, 2)


def lively_detector(spec=TINY, seed=0):
    """A detector with random weights under which activations, boxes and scores vary."""
    model = build_model(spec)
    rng = np.random.default_rng(seed)
    model.set_weights(lively(model, rng))
    for head in spec.plan().class_heads:
        kernel, bias = model.get_layer(head.name).get_weights()
        model.get_layer(head.name).set_weights([kernel, bias - 3])  # few anchors have an object
    for head in spec.plan().box_heads:
        kernel, bias = model.get_layer(head.name).get_weights()
        model.get_layer(head.name).set_weights([kernel * 0.3, bias])
    return model


def constant_detector(encodings, scores, anchors, chosen=PostProcessing(), *, res=8, background=False):  # noqa: B008
    """The bytes of a .tflite that takes an image, ignores it, and post-processes these heads."""
    build = ModelBuilder("a detector")
    image = build.tensor("image", "float32", (1, res, res, 3))
    most = chosen.most
    outputs = {
        name: build.tensor(name, "float32", shape)
        for name, shape in (("a", (1, most, 4)), ("b", (1, most)), ("c", (1, most)), ("d", (1,)))
    }
    inputs = [build.constant(str(number), x) for number, x in enumerate((encodings[None], scores[None], anchors))]
    build.custom_op(DETECTION_OP, inputs, [*outputs.values()], op_options(scores.shape[1] - background, chosen))
    return build.finish(image, outputs)


def reordered(model, order):
    """The bytes of a model with its outputs in another order."""
    graph = model.subgraphs[0]
    graph.outputs = np.array([graph.outputs[place] for place in order], np.int32)
    model.signatureDefs = []
    return pack(model)


def four_outputs(boxes, classes, scores, count, names, order):
    """The bytes of a .tflite without the op that gives these four, named and ordered as a converter does it."""
    build = ModelBuilder("a detector")
    image = build.tensor("image", "float32", (1, 8, 8, 3))
    values = [np.float32(boxes)[None], np.float32(classes)[None], np.float32(scores)[None], np.float32([count])]
    zero = build.tensor("zero", "float32", (1,))
    shape = build.constant("shape", np.int32([0, 1, 2, 3]))
    build.op("SUM", 1, [build_scaled(build, image), shape], zero, sum_options())
    tensors = []
    for name, value in zip(names, values, strict=True):
        tensor = build.tensor(name, "float32", value.shape)
        build.op("ADD", 1, [build.constant("value", value), zero], tensor, add_options())
        tensors.append(tensor)
    model = build.finish(image, {name: tensors[place] for name, place in zip("abcd", order, strict=True)})
    return pack(model)


def build_scaled(build, image):
    """The image times zero, so that outputs which ignore it still depend on it."""
    scaled = build.tensor("scaled", "float32", (1, 8, 8, 3))
    build.op("MUL", 1, [image, build.constant("nothing", np.float32([0]))], scaled, mul_options())
    return scaled


def sum_options():
    from ai_edge_litert import schema_py_generated as schema

    return schema.ReducerOptionsT()


def add_options():
    from ai_edge_litert import schema_py_generated as schema

    return schema.AddOptionsT()


def mul_options():
    from ai_edge_litert import schema_py_generated as schema

    return schema.MulOptionsT()
