import keras
import numpy as np
import pytest
import tensorflow as tf

from export.convert import convert
from export.recipes import RECIPES
from mobilenet_tf.contract.preprocessing import normalize
from mobilenet_tf.errors import ModelError
from mobilenet_tf.networks.spec import ModelSpec
from mobilenet_tf.quantization.correction import quantize_uncorrected
from mobilenet_tf.quantization.keras_graph import graph_of
from mobilenet_tf.tasks.classification import build_model
from mobilenet_tf.tflite.flatbuffer import op_names, parse
from mobilenet_tf.training.config import SizedConfig
from mobilenet_tf.training.learner import Learner
from mobilenet_tf.training.quantization_aware import QuantizedNetwork
from tests.support.networks import lively_model
from tests.support.parity import normalized_weights


@pytest.fixture(scope="module")
def images():
    coarse = np.random.default_rng(1).integers(0, 256, (24, 8, 8, 3), dtype=np.uint8)
    return coarse.repeat(4, 1).repeat(4, 2)


@pytest.fixture(scope="module")
def model():
    return lively_model(np.random.default_rng(0), res=32, classes=3)


def trained(model, images, steps):
    """The network after some steps of learning that every image is of class 1, and the losses."""
    network = QuantizedNetwork(model, images)
    count = len(images)
    learner = Learner(network, SizedConfig(quantize=True, batch_size=count))
    boxes, factors = np.tile(np.float32([0, 0, 1, 1]), (count, 1)), np.ones((count, 3), np.float32)
    batch = tuple(map(tf.constant, (images, boxes, factors, np.ones(count, np.int64))))
    losses = [learner.step(batch, res=32, rate=0.2, decay=0.0, frozen=False)[0] for _ in range(steps)]
    return network, [np.asarray(average) for average in learner.average], losses


def test_before_it_learns_it_is_the_plainly_rounded_network(model, images):
    network = QuantizedNetwork(model, images)
    plain = quantize_uncorrected(graph_of(model), images)
    expected = next(x for index, x in plain.outputs(normalize(images)) if index == plain.graph.logits)
    found = network.logits(normalize(images), training=True)
    # The same integers, multiplied out in another order: an activation may be rounded the other way now and then.
    low, high = plain.ranges[plain.graph.logits]
    step = (high - low) / 255
    assert np.abs(np.asarray(found) - expected).mean() < step
    assert np.ptp(expected) > 20 * step


def test_it_learns_from_labels(model, images):
    _, _, losses = trained(model, images, 8)
    assert losses[-1] < 0.7 * losses[0]


@pytest.mark.slow
@pytest.mark.parametrize("arch", ["mobilenet_v2", "mobilenet_v3_small"])
def test_v2_and_v3_learn_quantized(arch, images):
    """Of V3 some layers have a bias and no batch norm."""
    model = build_model(ModelSpec(arch, 0.35, 32, 3))
    normalized_weights(model, normalize(images), np.random.default_rng(0))
    network, values, losses = trained(model, images, 4)
    assert losses[-1] < losses[0]
    found = graph_of(network.model(values))(normalize(images))
    expected = network.logits(normalize(images), training=False)
    assert (np.argmax(found, 1) == np.argmax(expected, 1)).mean() > 0.9


@pytest.mark.slow
def test_a_shufflenet_learns_quantized_and_its_averages_stay(images):
    model = lively_model(np.random.default_rng(0), arch="shufflenet_v1", res=32, classes=3)
    network, values, losses = trained(model, images, 4)
    assert losses[-1] < losses[0]
    saved = network.model(values)
    assert len(network.variables) == 2 * (1 + 48 + 1)  # the first convolution, 16 units of 3, the classifier
    # The same rounded weights, activations float for int8: few images lie so close to another class.
    found, expected = graph_of(saved)(normalize(images)), network.logits(normalize(images), training=False)
    assert (np.argmax(found, 1) == np.argmax(expected, 1)).mean() > 0.9


def test_the_converter_finds_the_very_weights_it_was_trained_with(model, images):
    network, values, _ = trained(model, images, 3)
    saved = network.model(values)
    graph = graph_of(saved)
    file = parse(convert(graph, RECIPES["int8"], images))
    tensors, ops = file.subgraphs[0].tensors, file.subgraphs[0].operators
    weighted = [op for op, name in zip(ops, op_names(file), strict=True) if "CONV" in name or name == "FULLY_CONNECTED"]
    kernels = [node.kernel for node in graph.nodes if node.kernel is not None]
    assert len(weighted) == len(kernels) == 28
    for op, kernel in zip(weighted, kernels, strict=True):
        tensor = tensors[op.inputs[1]]
        levels = np.asarray(file.buffers[tensor.buffer].data, np.uint8).view(np.int8).reshape(tensor.shape)
        scale = tensor.quantization.scale
        real = levels * (scale.reshape(-1, *[1] * (levels.ndim - 1)) if levels.shape[0] == scale.size else scale)
        # Scale and product are each rounded to float32 once more, and batch norm's factor of one: a few ulps.
        largest = np.abs(kernel).max()
        np.testing.assert_allclose(real, np.moveaxis(kernel, -1, 0), atol=8 * largest * 2**-23)


def test_a_network_without_a_softmax_is_refused(images):
    image = keras.Input((32, 32, 3))
    model = keras.Model(image, keras.layers.Conv2D(4, 3)(image))
    with pytest.raises(ModelError, match="ends in a softmax"):
        QuantizedNetwork(model, images)
