import keras
import numpy as np
import pytest

from mobilenet_tf.quantization.function_prologue import normalization_by_function
from mobilenet_tf.quantization.keras_graph import frozen, graph_of
from mobilenet_tf.quantization.prologue import prologue_of
from mobilenet_tf.tflite.given_input import Normalization

BYTES, UNIT = Normalization((0.0,), (1.0,)), Normalization((0.0,), (255.0,))
MEAN, VARIANCE = [0.485, 0.456, 0.406], [0.229**2, 0.224**2, 0.225**2]  # of ImageNet, from 0 to 1
RES = 8
layers = keras.layers


def network(*first, padding="same"):
    convolution = layers.Conv2D(2, 3, padding=padding, activation="relu")
    return keras.Sequential([keras.Input((RES, RES, 3)), *first, convolution, layers.Flatten(), layers.Dense(2)])


def nested(*first):
    """A model as transfer learning makes it: the first layers within a base that is a layer itself."""
    image = keras.Input((RES, RES, 3))
    base = keras.Model(image, network(*first)(image))
    outer = keras.Input((RES, RES, 3))
    return keras.Model(outer, layers.Softmax()(base(layers.RandomFlip()(outer))))


def with_arithmetic(function):
    image = keras.Input((RES, RES, 3))
    return keras.Model(image, layers.Dense(2)(layers.Flatten()(layers.Conv2D(2, 3)(function(image)))))


def trained_batch_norm():
    layer = layers.BatchNormalization()
    layer.build((None, RES, RES, 3))
    layer.set_weights([np.ones(3), np.zeros(3), np.full(3, 120.0), np.full(3, 3600.0)])
    return layer


def normalization_of(model):
    return normalization_by_function(frozen(lambda image: model(image, training=False), model.input_shape[1:]))


@pytest.mark.parametrize(
    ("model", "expected"),
    [
        (lambda: network(), None),
        (lambda: network(layers.Rescaling(1 / 255)), BYTES),
        (lambda: network(layers.Rescaling(1 / 127.5, -1), padding="valid"), BYTES),
        (lambda: network(layers.Normalization(mean=MEAN, variance=VARIANCE)), UNIT),
        (lambda: network(layers.Rescaling(1 / 255), layers.Normalization(mean=MEAN, variance=VARIANCE)), BYTES),
        (lambda: network(trained_batch_norm()), BYTES),
        (lambda: network(layers.BatchNormalization()), None),
        (lambda: network(layers.Resizing(4, 4), layers.Rescaling(1 / 255), layers.ZeroPadding2D()), BYTES),
        (lambda: nested(layers.Rescaling(1 / 255)), BYTES),
        (lambda: nested(), None),
        (lambda: with_arithmetic(lambda x: x / 127.5 - 1), BYTES),
        (lambda: with_arithmetic(lambda x: x[..., ::-1] - np.float32([104, 117, 124])), BYTES),
        (lambda: with_arithmetic(lambda x: keras.ops.tanh(x / 255)), BYTES),
        (lambda: network(layers.Rescaling(1.0)), BYTES),
        (lambda: network(layers.Rescaling(1 / 20000)), BYTES),
        (lambda: keras.Sequential([keras.Input((RES, RES, 3)), layers.Rescaling(1 / 255), layers.Flatten()]), None),
    ],
)
def test_the_first_ops_show_which_range_goes_in(model, expected):
    assert normalization_of(model()) == expected


@pytest.mark.parametrize("rescaling", [(1 / 255, 0.0, "same"), (1 / 127.5, -1.0, "valid")])
def test_what_the_converter_folds_away_is_seen(rescaling):
    """The reason for looking at the function: the graph of these begins with the convolution."""
    scale, offset, padding = rescaling
    model = network(layers.Rescaling(scale, offset), padding=padding)
    assert not prologue_of(graph_of(model)).rescales
    assert normalization_of(model) == BYTES
