"""Quantized files of the converter, and one that clips by its ranges alone, are read as float graphs."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from mobilenet_tf.quantization.correction import quantize_uncorrected
from mobilenet_tf.quantization.dequantized import dequantized_file, is_quantized
from mobilenet_tf.quantization.file_writer import write_integer
from mobilenet_tf.quantization.graph_reader import read_graph
from mobilenet_tf.quantization.keras_graph import graph_of
from mobilenet_tf.tflite.flatbuffer import op_names, pack, parse
from mobilenet_tf.tflite.interpreter import Session
from tests.support.tflite_files import converted

LAYERS = keras.layers
SHAPE = (12, 12, 3)


@pytest.fixture(scope="module")
def model():
    keras.utils.set_random_seed(0)
    image = keras.Input(SHAPE)
    x = LAYERS.Conv2D(8, 3, 2, activation="relu6", bias_initializer="random_normal")(image)
    x = LAYERS.Add()([x, LAYERS.DepthwiseConv2D(3, padding="same", bias_initializer="random_normal")(x)])
    x = LAYERS.Dense(5, activation="softmax")(LAYERS.GlobalAveragePooling2D()(x))
    return keras.Model(image, x)


@pytest.fixture(scope="module")
def images():
    return np.random.default_rng(0).integers(0, 256, (20, *SHAPE), dtype=np.uint8)


def integer_file(model, images, io):
    pixels = (images.astype(np.float32) - 127.5) / 127.5
    return converted(
        model,
        optimizations=[tf.lite.Optimize.DEFAULT],
        representative_dataset=lambda: ([image[None]] for image in pixels),
        target_spec=tf.lite.TargetSpec(supported_ops=[tf.lite.OpsSet.TFLITE_BUILTINS_INT8]),
        inference_input_type=io,
        inference_output_type=io,
    )


@pytest.mark.parametrize("io", [tf.int8, tf.uint8, tf.float32], ids=["int8", "uint8", "float32"])
def test_an_integer_file_gives_the_network_that_it_was_made_of(model, images, io):
    content = integer_file(model, images, io)
    assert any(op.startswith("CONV") for op in op_names(parse(content)))
    graph = read_graph(content, dequantize=True)
    pixels = (images.astype(np.float32) - 127.5) / 127.5
    exact = np.asarray(model(pixels, training=False))
    # Each weight is off by half of 1/127 of the largest of its channel at most; three layers follow each other.
    assert np.abs(np.asarray(graph(pixels)) - exact).max() < 3 / 254 * np.ptp(exact) + 1e-3
    assert [node.op for node in graph.nodes] == [node.op for node in graph_of(model).nodes]


def test_bytes_are_normalized_as_the_input_of_the_file_says(model, images):
    content = integer_file(model, images, tf.uint8)
    tensor = Session(content).input
    graph = read_graph(content, dequantize=True)
    real = (images.astype(np.float32) - tensor.zero_point) * tensor.scale
    # A product and a quotient of numbers below 256: an ulp of each.
    assert graph.normalize(images) == pytest.approx(real, abs=2**-22)


def test_a_file_with_integer_weights_alone_is_read():
    large = keras.Sequential([keras.Input(SHAPE), LAYERS.Conv2D(64, 5), LAYERS.Flatten()])
    content = converted(large, optimizations=[tf.lite.Optimize.DEFAULT])
    assert is_quantized(parse(content))
    kernel, exact = read_graph(content, dequantize=True).nodes[0].kernel, np.asarray(large.weights[0])
    assert kernel != pytest.approx(exact, abs=1e-7)
    # Half of a step of 1/127 of the largest weight.
    assert kernel == pytest.approx(exact, abs=float(np.abs(exact).max()) / 254 * 1.001)


@pytest.mark.parametrize(("high", "expected"), [(6.0, 3), (3.5, 1)])
def test_a_range_that_clips_becomes_the_activation(model, images, high, expected):
    """Files of networks trained with fake quantization have no activation in their options."""
    quantized = quantize_uncorrected(graph_of(model), images)
    quantized.ranges[0] = (0.0, high)
    written = write_integer(quantized, "uint8", "x")
    for op, name in zip(written.subgraphs[0].operators, op_names(written), strict=True):
        if name == "CONV_2D":
            op.builtinOptions.fusedActivationFunction = 0
    first = read_graph(pack(written), dequantize=True).nodes[0]
    assert first.activation == expected


def test_a_range_on_both_sides_of_zero_is_no_activation(model, images):
    written = write_integer(quantize_uncorrected(graph_of(model), images), "int8", "x")
    graph = read_graph(pack(written), dequantize=True)
    assert [node.activation for node in graph.nodes if node.op == "DEPTHWISE_CONV_2D"] == [0]


def test_the_float_file_runs_and_has_no_conversions(model, images):
    content = dequantized_file(integer_file(model, images, tf.uint8))
    assert not {"QUANTIZE", "DEQUANTIZE"} & set(op_names(parse(content)))
    session = Session(content)
    assert session.input.dtype == np.float32
    pixel = np.zeros((1, *SHAPE), np.float32)
    found = np.asarray(read_graph(content)(pixel))
    # Sums of at most 72 products of numbers below 8, in another order.
    assert found == pytest.approx(session.run(pixel), abs=72 * 8 * 2**-23)
