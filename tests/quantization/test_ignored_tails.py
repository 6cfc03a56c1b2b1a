from dataclasses import replace

import keras
import numpy as np
import pytest

from mobilenet_tf.quantization.correction import correct
from mobilenet_tf.quantization.ignored_tails import without_ignored_tails
from mobilenet_tf.quantization.keras_graph import graph_of
from mobilenet_tf.quantization.ranges import observed_ranges


def network(activation, residual=False):
    """A convolution whose outputs reach far below zero, and what takes them."""
    image = keras.Input((16, 16, 3))
    start = keras.initializers.RandomNormal(0, 3, seed=0)
    x = keras.layers.Conv2D(8, 3, kernel_initializer=start, name="first")(image)
    y = keras.layers.Activation(activation)(x)
    y = keras.layers.Add()([x, y]) if residual else y
    y = keras.layers.GlobalAveragePooling2D()(y)
    return graph_of(keras.Model(image, keras.layers.Dense(3, "softmax")(y)))


IMAGES = np.random.default_rng(0).integers(0, 256, (24, 16, 16, 3), dtype=np.uint8)


@pytest.mark.parametrize(("activation", "low"), [("hard_silu", -3), ("silu", -6.24)])
def test_the_negative_tail_before_a_swish_costs_no_steps(activation, low):
    graph = network(activation)
    assert graph.nodes[0].op == "CONV_2D"
    observed = observed_ranges(graph, IMAGES)
    assert observed[0][0] < 2 * low
    ranges = without_ignored_tails(graph, observed)
    assert ranges[0] == (low, observed[0][1])
    # Of the rest of the tail, which counts for little, the ranges by sensitivity may leave out a part.
    assert low <= correct(graph, IMAGES).ranges[0][0] <= 0.8 * low


def test_values_that_another_op_sees_stay():
    graph = network("hard_silu", residual=True)
    observed = observed_ranges(graph, IMAGES)
    assert without_ignored_tails(graph, observed)[0] == observed[0]


@pytest.mark.parametrize("activation", ["hard_silu", "silu"])
def test_activations_are_nearer_to_the_exact_ones_without_the_tail(activation):
    graph = network(activation)
    quantized = correct(graph, IMAGES)
    with_tail = replace(quantized, ranges={**quantized.ranges, 0: observed_ranges(graph, IMAGES)[0]})
    [image] = graph.chunks(IMAGES, len(IMAGES))
    swish = next(index for index, node in enumerate(graph.nodes) if node.op == "MEAN") - 1

    def error(outputs):
        return float(np.square(np.asarray(dict(outputs)[swish]) - exact).mean())

    exact = np.asarray(dict(graph.walk(image))[swish])
    # The steps of the input are about half as long; the output has steps of its own, which stay.
    assert error(quantized.outputs(image)) < 0.8 * error(with_tail.outputs(image))
