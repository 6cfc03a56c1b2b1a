"""Small networks with something before their first convolution, read from real files of the converter."""

from dataclasses import replace

import numpy as np
import pytest
import tensorflow as tf

from mobilenet_tf.quantization.graph_reader import read_graph
from mobilenet_tf.quantization.keras_graph import convert_function
from mobilenet_tf.quantization.prologue import for_bytes, without_prologue
from mobilenet_tf.tflite.given_input import Normalization
from mobilenet_tf.tflite.interpreter import Session

RES = 9
RNG = np.random.default_rng(0)
KERNEL, DEPTHWISE, ROWS = (
    tf.constant(RNG.normal(size=shape).astype(np.float32) / 4)
    for shape in ((3, 3, 3, 6), (3, 3, 3, 2), (RES * RES * 3, 5))
)
MEAN, STD = tf.constant([0.485, 0.456, 0.406]), tf.constant([0.229, 0.224, 0.225])  # of ImageNet, from 0 to 1
CAFFE = tf.constant([103.939, 116.779, 123.68])  # of blue, green and red
IMAGENET = (123.675, 116.28, 103.53), (58.395, 57.12, 57.375)
PLAIN, HALVES, UNIT = ((0.0,), (1.0,)), ((127.5,), (127.5,)), ((0.0,), (255.0,))


def convolution(x):
    return tf.nn.relu6(tf.nn.conv2d(x, KERNEL, 2, "SAME") + 0.5)


def separable(x):
    return tf.nn.depthwise_conv2d(x, DEPTHWISE, (1, 2, 2, 1), "SAME")


def swapped(x):
    red, green, blue = tf.split(x, 3, -1)
    return tf.concat([blue, green, red], -1)


# What is before the layers, the layers, and what becomes of the bytes that the model takes.
PROLOGUES = {
    "nothing": (lambda x: x, convolution, PLAIN),
    "rescaling": (lambda x: x / 127.5 - 1, convolution, HALVES),
    # The converter folds the factor into the kernel.
    "subtraction first": (lambda x: (x - 127.5) * (1 / 127.5), convolution, ((127.5,), (1.0,))),
    "of channels": (lambda x: (x / 255 - MEAN) / STD, convolution, IMAGENET),
    "of EfficientNet": (lambda x: ((x / 255 - MEAN) / STD) / tf.sqrt(STD), convolution, None),
    "batch norm": (lambda x: x * (1 / STD) + MEAN, convolution, None),
    "clip of bytes": (lambda x: tf.clip_by_value(x, 0, 255) / 127.5 - 1, convolution, HALVES),
    "negated twice": (lambda x: 1 - (255 - x) * (1 / 127.5), convolution, HALVES),
    "BGR": (lambda x: x[..., ::-1] - CAFFE, convolution, (tuple(CAFFE.numpy()[::-1].tolist()), (1.0,) * 3)),
    "BGR by a split": (lambda x: swapped(x / 127.5 - 1), convolution, HALVES),
    "BGR by a gather": (lambda x: tf.gather(x / 127.5 - 1, [2, 1, 0], axis=-1), convolution, HALVES),
    "BGR by a reverse": (lambda x: tf.reverse(x, [-1]) / 127.5 - 1, convolution, HALVES),
    "BGR by a stack": (lambda x: tf.stack([x[..., 2], x[..., 1], x[..., 0]], -1) / 127.5 - 1, convolution, HALVES),
    "divided by channels": (lambda x: tf.math.divide(x - 255 * MEAN, 255 * STD), convolution, None),
    "before a pool": (lambda x: x / 127.5 - 1, lambda x: convolution(tf.nn.max_pool2d(x, 2, 1, "SAME")), HALVES),
    "before a depthwise convolution": (lambda x: (x / 255 - MEAN) / STD, separable, IMAGENET),
    "before a fully connected layer": (
        lambda x: (x / 255 - MEAN) / STD,
        lambda x: tf.matmul(tf.reshape(x, (1, -1)), ROWS),
        IMAGENET,
    ),
}


def images(count=4):
    return np.random.default_rng(1).integers(256, size=(count, RES, RES, 3), dtype=np.uint8)


def bytes_graph(function, shape=(RES, RES, 3)):
    """The graph of a function that takes bytes, and what the interpreter makes of images, (n, *shape)."""
    content = convert_function(function, shape)
    session = Session(content)
    graph = replace(read_graph(content), normalization=Normalization(*PLAIN))
    return graph, lambda inputs: np.stack([session.run(image[None])[0] for image in inputs.astype(np.float32)])


def outputs(graph):
    return np.asarray(graph(graph.normalize(images())))


@pytest.mark.parametrize("name", PROLOGUES)
def test_a_prologue_becomes_the_normalization(name):
    before, layers, expected = PROLOGUES[name]
    graph, run = bytes_graph(lambda x: layers(before(x)))
    stripped = without_prologue(graph)
    assert stripped.nodes[0].op in ("CONV_2D", "DEPTHWISE_CONV_2D", "MAX_POOL_2D", "RESHAPE")
    if expected is not None:
        values = np.broadcast_to(expected[0], 3), np.broadcast_to(expected[1], 3)
        found = stripped.normalization.mean, stripped.normalization.std
        np.testing.assert_allclose([np.broadcast_to(value, 3) for value in found], values, rtol=1e-5)
    np.testing.assert_allclose(outputs(stripped), run(images()), rtol=1e-4, atol=1e-4 * np.abs(run(images())).max())


NOT_REMOVED = {
    "a clip": lambda x: convolution(tf.clip_by_value(x, 10, 200) / 127.5 - 1),
    "a negative": lambda x: convolution(1 - x / 255),
    "grey": lambda x: convolution(tf.reduce_mean(x, -1, keepdims=True) * [1.0, 1.0, 1.0]),
    "a curve": lambda x: convolution(tf.tanh(x / 255)),
    "a crop": lambda x: convolution(x[:, 1:]),
    "a residual": lambda x: convolution(x / 255) + tf.reduce_mean(x, (1, 2, 3), keepdims=True),
    "BGR before a depthwise convolution": lambda x: separable(x[..., ::-1] - CAFFE),
}


@pytest.mark.parametrize("name", NOT_REMOVED)
def test_what_is_no_normalization_stays(name):
    graph, run = bytes_graph(NOT_REMOVED[name])
    stripped = without_prologue(graph)
    assert stripped.nodes[0].kernel is None
    np.testing.assert_allclose(outputs(stripped), run(images()), rtol=1e-4, atol=1e-4 * np.abs(run(images())).max())


@pytest.mark.parametrize(
    "before",
    [
        lambda x: tf.transpose(x, (0, 2, 3, 1)),
        lambda x: tf.transpose(x / 127.5 - 1, (0, 2, 3, 1)),
        lambda x: tf.transpose((x / 255 - tf.reshape(MEAN, (3, 1, 1))) / tf.reshape(STD, (3, 1, 1)), (0, 2, 3, 1)),
        lambda x: tf.transpose(tf.pad(x, ((0, 0), (0, 0), (1, 1), (1, 1))), (0, 2, 3, 1)),
    ],
)
def test_an_image_with_its_channels_first_is_taken_with_them_last(before):
    graph, run = bytes_graph(lambda x: convolution(before(x)), (3, RES, RES))
    stripped = without_prologue(graph)
    assert stripped.input_shape == (RES, RES, 3)
    expected = run(np.moveaxis(images(), -1, 1))
    np.testing.assert_allclose(outputs(stripped), expected, rtol=1e-4, atol=1e-4 * np.abs(expected).max())


def imagenet(before=lambda x: x, layers=convolution):
    graph, _ = bytes_graph(lambda x: layers(before((x / 255 - MEAN) / STD)))
    return without_prologue(graph)


@pytest.mark.parametrize(
    "layers",
    [convolution, separable, lambda x: tf.nn.conv2d(tf.pad(x, [[0, 0], [1, 2], [1, 0], [0, 0]]), KERNEL, 2, "VALID")],
)
def test_one_normalization_of_all_channels_gives_the_same_but_at_padded_borders(layers):
    graph = imagenet(layers=layers)
    one = for_bytes(graph)
    assert len(one.normalization.mean) == len(one.normalization.std) == 1
    assert one.normalization.mean[0] == one.zero_byte
    expected, found = outputs(graph), outputs(one)
    np.testing.assert_allclose(found[:, 1:-1, 1:-1], expected[:, 1:-1, 1:-1], rtol=1e-4, atol=1e-4)
    border = np.abs(found - expected).max()
    # 0 stands for a byte that differs by at most 10 from each channel's mean, 0.18 standard deviations; a kernel's
    # outer taps add up to a few times that.
    assert 1e-3 < border < 0.18 * np.abs(graph.nodes[-1].kernel).sum((0, 1)).sum(0).max()


@pytest.mark.parametrize(
    "layers", [lambda x: tf.nn.conv2d(x, KERNEL, 2, "VALID"), lambda x: tf.matmul(tf.reshape(x, (1, -1)), ROWS)]
)
def test_without_padding_it_is_the_same_function(layers):
    graph = imagenet(layers=layers)
    np.testing.assert_allclose(outputs(for_bytes(graph)), outputs(graph), rtol=1e-4, atol=1e-3)


def test_what_no_layer_can_take_is_a_layer_of_its_own():
    graph = imagenet(layers=lambda x: convolution(x) * tf.reduce_mean(tf.nn.relu(x), (1, 2, 3), keepdims=True))
    one = for_bytes(graph)
    assert (one.nodes[0].op, one.nodes[0].kernel.shape) == ("DEPTHWISE_CONV_2D", (1, 1, 3, 1))
    np.testing.assert_allclose(outputs(one), outputs(graph), rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize(("mean", "kept"), [(127.5, True), (-20.0, False), (300.0, False)])
def test_one_mean_stays_if_a_byte_stands_for_it(mean, kept):
    graph = replace(imagenet(), normalization=Normalization((mean,), (50.0,)))
    one = for_bytes(graph)
    assert (one is graph) == kept
    assert 0 <= one.zero_byte <= 255
    np.testing.assert_allclose(outputs(one)[:, 1:-1, 1:-1], outputs(graph)[:, 1:-1, 1:-1], rtol=1e-4, atol=1e-4)
