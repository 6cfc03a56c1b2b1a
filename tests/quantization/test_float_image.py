"""Files that take the bytes of photos and cast them, made by the converter, and what their graph makes of floats."""

import numpy as np
import pytest
import tensorflow as tf

from mobilenet_tf.errors import ModelError
from mobilenet_tf.quantization.graph_reader import read_graph
from mobilenet_tf.quantization.keras_graph import converted, frozen
from mobilenet_tf.tflite.flatbuffer import op_names, parse
from mobilenet_tf.tflite.interpreter import Session

RES = 8
KERNEL = tf.constant(np.random.default_rng(0).normal(size=(3, 3, 3, 4)).astype(np.float32) / 400)


def layer(x):
    return tf.nn.relu6(tf.nn.conv2d(x, KERNEL, 2, "SAME") + 0.5)


def brightness(x):
    return tf.reduce_mean(x, (1, 2, 3), keepdims=True)


def file(function, dtype, shape=(RES, RES, 3)):
    return converted(frozen(function, shape, dtype))


CASTING = {
    "a cast": (lambda x: layer(tf.cast(x, tf.float32)), (RES, RES, 3)),
    "a cast and a rescaling": (lambda x: layer(tf.cast(x, tf.float32) / 2.0 - 30.0), (RES, RES, 3)),
    "a cast of channels first": (
        lambda x: layer(tf.cast(tf.transpose(x, (0, 2, 3, 1)), tf.float32)),
        (3, RES, RES),
    ),
    "a crop of BGR": (lambda x: layer(tf.cast(x[:, 1:, :, ::-1], tf.float32)), (RES, RES, 3)),
    "two casts": (lambda x: layer(tf.cast(x, tf.float32)) + brightness(tf.cast(x, tf.float32)), (RES, RES, 3)),
}


@pytest.mark.parametrize("dtype", ["uint8", "int32"])
@pytest.mark.parametrize("name", CASTING)
def test_the_graph_takes_the_same_values_as_floats(name, dtype):
    function, shape = CASTING[name]
    content = file(function, dtype, shape)
    assert "CAST" in op_names(parse(content))
    graph, session = read_graph(content), Session(content)
    images = np.random.default_rng(1).integers(0, 256, (3, *shape)).astype(dtype)
    expected = np.concatenate([session.run(image[None]) for image in images])
    assert {node.op for node in graph.nodes}.isdisjoint({"CAST"})
    assert np.ptp(expected) > 0.1
    # Sums of 27 products of a byte and a number below 0.01, in another order: below 128, each addition is off by 2^-18.
    np.testing.assert_allclose(np.asarray(graph(images.astype(np.float32))), expected, atol=28 * 2**-18)


@pytest.mark.parametrize(
    ("function", "dtype", "message"),
    [
        (lambda x: layer(tf.cast(x // 2, tf.float32)), "int32", "has the op FLOOR_DIV on integers of the image"),
        (lambda x: layer(tf.cast(x, tf.float32)), "int8", "takes int8 values without a scale"),
    ],
)
def test_what_computes_with_integers_is_refused(function, dtype, message):
    with pytest.raises(ModelError, match=message):
        read_graph(file(function, dtype), "mine")
