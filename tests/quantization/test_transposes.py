"""Files whose activations have channels first between transposes, as converters from PyTorch leave them."""

import numpy as np
import pytest
import tensorflow as tf

from mobilenet_tf.quantization.transposes import with_fewer_transposes
from mobilenet_tf.tflite.flatbuffer import op_names, pack, parse
from mobilenet_tf.tflite.interpreter import Session
from tests.support.tflite_files import converted_function
from tests.support.torch_files import torch_file

LAST, FIRST = (0, 2, 3, 1), (0, 3, 1, 2)
KERNEL = tf.constant(np.random.default_rng(0).normal(size=(3, 3, 4, 4)).astype(np.float32) / 4)
GAINS = tf.constant(np.random.default_rng(1).normal(size=(1, 4, 1, 1)).astype(np.float32))


def conv(x):
    """A convolution of an image of channels first."""
    return tf.transpose(tf.nn.conv2d(tf.transpose(x, LAST), KERNEL, 1, "SAME"), FIRST)


def gated(x):
    return x * tf.sigmoid(tf.reduce_mean(x, (2, 3), keepdims=True))


# A network of channels first, and how many transposes are left of it.
NETWORKS = {
    "two convolutions": (lambda x: conv(tf.tanh(conv(x))), 2),
    "factors of channels": (lambda x: conv(tf.abs(conv(x) * GAINS + 0.5)), 2),
    "a residual": (lambda x: conv(tf.nn.elu(conv(x)) + tf.tanh(conv(x))), 2),
    "padding": (lambda x: conv(tf.pad(tf.tanh(conv(x)), ((0, 0), (0, 0), (1, 0), (2, 1)))), 2),
    "a gate": (lambda x: conv(gated(conv(x))), 2),
    "a gate of rows": (lambda x: conv(conv(x) * tf.reshape(tf.reduce_mean(x, (2, 3)), (1, 4, 1, 1))), 4),
    "a mean of rows": (lambda x: tf.reduce_mean(tf.tanh(conv(x)), (2, 3)), 1),
    "a maximum over channels": (lambda x: tf.reduce_max(conv(x), 1), 1),
    "an output of channels first": (lambda x: tf.tanh(conv(x)), 2),
    "a shuffle": (
        lambda x: conv(tf.reshape(tf.transpose(tf.reshape(x, (1, 2, 2, 6, 6)), (0, 2, 1, 3, 4)), (1, 4, 6, 6))),
        3,
    ),
}


@pytest.mark.parametrize("name", NETWORKS)
def test_the_function_stays_and_the_transposes_go(name):
    function, left = NETWORKS[name]
    content = converted_function(function, (1, 4, 6, 6))
    changed = pack(with_fewer_transposes(parse(content)))
    image = np.random.default_rng(2).normal(size=(1, 4, 6, 6)).astype(np.float32)
    expected = Session(content).run(image)
    # Means over pixels in another order: sums of 36 numbers.
    np.testing.assert_allclose(Session(changed).run(image), expected, rtol=1e-5, atol=1e-5 * np.abs(expected).max())
    assert op_names(parse(changed)).count("TRANSPOSE") == left
    assert op_names(parse(content)).count("TRANSPOSE") >= left


@pytest.mark.parametrize("normalizes", [False, True])
def test_pairs_around_each_op_leave_one_transpose_of_the_image(normalizes):
    content = torch_file(normalizes=normalizes, pairs=True)
    changed = pack(with_fewer_transposes(parse(content)))
    image = np.random.default_rng(2).uniform(0, 255, (1, 3, 32, 32)).astype(np.float32)
    expected = Session(content).run(image)
    assert op_names(parse(content)).count("TRANSPOSE") == 14
    # A mean over the pixels in another order: sums of 16 numbers, of which a layer of 8 inputs makes scores.
    np.testing.assert_allclose(Session(changed).run(image), expected, rtol=1e-5, atol=1e-5 * np.abs(expected).max())
    assert op_names(parse(changed)).count("TRANSPOSE") == 1
