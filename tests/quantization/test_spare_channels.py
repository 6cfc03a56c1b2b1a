from dataclasses import replace

import numpy as np
import pytest

from mobilenet_tf.quantization.correction import correct
from mobilenet_tf.quantization.divergence import Divergence, is_gain
from mobilenet_tf.quantization.file_writer import write_integer
from mobilenet_tf.quantization.keras_graph import graph_of
from mobilenet_tf.quantization.ranges import observed_channels, observed_ranges, ranges_of
from mobilenet_tf.quantization.scales import grid_step
from mobilenet_tf.quantization.sensitivity import measured
from mobilenet_tf.quantization.simulation import Quantized, QuantizedLayer
from mobilenet_tf.quantization.spare_channels import with_spare_channels_used
from mobilenet_tf.tflite.flatbuffer import op_names, pack
from tests.support.quantized import coarse_images, small_classifier

SPARE = [1, 4, 5]
IMAGES = coarse_images(30)


def without_channels(graph, spare):
    """The graph whose first two layers give 0 in some channels."""
    nodes = list(graph.nodes)
    for index in (0, 1):
        bias = nodes[index].bias.copy()
        bias[spare] = -100
        nodes[index] = replace(nodes[index], bias=bias)
    return replace(graph, nodes=tuple(nodes))


@pytest.fixture(scope="module")
def whole():
    return graph_of(small_classifier())


@pytest.fixture(scope="module")
def graph(whole):
    return without_channels(whole, SPARE)


def used(graph):
    channels = observed_channels(graph, IMAGES)
    ranges = ranges_of(graph, channels)
    return with_spare_channels_used(graph, measured(graph, IMAGES, ranges), channels, ranges), ranges


def test_spare_channels_carry_copies_and_the_function_stays_the_same(graph):
    other, ranges = used(graph)
    first, depthwise = observed_channels(other, IMAGES)[0], observed_channels(other, IMAGES)[1]
    assert (first[1][SPARE] > 0).all()
    assert (depthwise[1][SPARE] > 0).all()
    x = graph.normalize(IMAGES)
    exact, found = (np.asarray(one.compared_among(one.walk(x))) for one in (graph, other))
    # The copies' shifts cancel but where one of them clips: there a value is off by less than a step, of 255.
    assert np.abs(found - exact).mean() < np.abs(exact).mean() / 255 / 4
    assert ranges == observed_ranges(graph, IMAGES)


def with_rounded_activations(graph, ranges):
    """The network whose weights are float."""
    nodes = [node for node in graph.nodes if node.kernel is not None]
    layers = [QuantizedLayer(node.name, node.kernel, np.ones_like(node.bias), node.bias) for node in nodes]
    return Quantized(graph, tuple(layers), ranges)


def test_the_rounding_of_activations_costs_less_with_them(graph):
    divergence = Divergence(graph, IMAGES, range(30))
    other, ranges = used(graph)
    before, after = (divergence(with_rounded_activations(one, ranges)) for one in (graph, other))
    assert is_gain(before, after)
    assert after.mean() < 0.8 * before.mean()


def test_weights_of_a_grid_stay_on_it(graph):
    step = 1 / 64
    nodes = [
        node if node.kernel is None else replace(node, kernel=np.rint(node.kernel / step) * np.float32(step))
        for node in graph.nodes
    ]
    other, _ = used(replace(graph, nodes=tuple(nodes)))
    kernel = other.nodes[2].kernel
    assert grid_step(kernel) == pytest.approx(step)
    np.testing.assert_array_equal(kernel / step, np.rint(kernel / step))


def test_the_file_has_the_same_ops_and_size(whole, graph):
    names = [op_names(write_integer(correct(one, IMAGES), "int8", "")) for one in (whole, graph)]
    assert names[0] == names[1]
    sizes = [len(pack(write_integer(correct(one, IMAGES), "int8", ""))) for one in (whole, graph)]
    assert sizes[0] == sizes[1]


def test_a_channel_that_something_else_takes_is_not_spare():
    """A residual connection takes the first layer's output too."""
    graph = without_channels(graph_of(small_classifier(residual=True)), SPARE)
    index = next(index for index, node in enumerate(graph.nodes) if node.op == "ADD")
    nodes = list(graph.nodes)
    nodes[index] = replace(nodes[index], inputs=(nodes[index].inputs[0], 1))
    other, _ = used(replace(graph, nodes=tuple(nodes)))
    assert [a is b for a, b in zip(other.nodes, nodes, strict=True)] == [True] * len(nodes)
