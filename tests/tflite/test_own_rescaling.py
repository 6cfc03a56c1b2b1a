import keras
import numpy as np
import pytest
import tensorflow as tf

from mobilenet_tf.tflite.given_input import Normalization
from mobilenet_tf.tflite.image_model import ImageModel
from mobilenet_tf.tflite.own_rescaling import normalization_by_graph
from tests.support.tflite_files import (
    classifier,
    classifier_file,
    converted,
    converted_function,
    features,
    photo,
    scores,
)

BYTES, UNIT, OURS = Normalization((0.0,), (1.0,)), Normalization((0.0,), (255.0,)), Normalization((127.5,), (127.5,))
MEAN, VARIANCE = np.array([0.485, 0.456, 0.406]), np.array([0.229, 0.224, 0.225]) ** 2  # of ImageNet, from 0 to 1


def beginning_with(*layers):
    image = x = keras.Input((32, 32, 3))
    for layer in layers:
        x = layer(x)
    return converted(keras.Model(image, scores(features(keras.layers.ZeroPadding2D(1)(x)), 4)))


def rescaling(scale, offset=0.0):
    return keras.layers.Rescaling(scale, offset)


@pytest.mark.parametrize(
    ("layers", "expected"),
    [
        ([rescaling(1 / 255)], BYTES),
        ([rescaling(1 / 127.5, -1)], BYTES),
        ([keras.layers.Normalization(mean=255 * MEAN, variance=255**2 * VARIANCE)], BYTES),
        ([rescaling(1 / 255), keras.layers.Normalization(mean=MEAN, variance=VARIANCE)], BYTES),
        ([keras.layers.Normalization(mean=[123.7, 116.3, 103.5], variance=[1, 1, 1])], BYTES),
        ([rescaling(2, -1)], UNIT),
        ([keras.layers.Normalization(mean=MEAN, variance=VARIANCE)], UNIT),
        ([rescaling(0.5, 0.5)], OURS),
        ([rescaling(1 / 20000)], None),  # no usual range
        ([], None),
    ],
)
def test_the_first_ops_show_which_range_goes_in(layers, expected):
    assert normalization_by_graph(beginning_with(*layers)) == expected


@pytest.mark.parametrize("transposed_first", [False, True])
def test_channels_that_come_first_are_rescaled_before_or_after_they_are_transposed(transposed_first):
    network = classifier()
    mean, std = np.float32(MEAN), np.float32(np.sqrt(VARIANCE))

    def run(x):
        if transposed_first:
            return network((tf.transpose(x, (0, 2, 3, 1)) - mean) / std)
        return network(tf.transpose((x - mean.reshape(3, 1, 1)) / std.reshape(3, 1, 1), (0, 2, 3, 1)))

    assert normalization_by_graph(converted_function(run, (1, 3, 32, 32))) == UNIT


def test_our_own_files_rescale_nothing(small_files):
    assert {normalization_by_graph(content) for content in small_files.values()} == {None}


def test_such_a_file_is_given_that_range_with_a_note():
    model = ImageModel.from_bytes(beginning_with(rescaling(1 / 255)))
    plain = ImageModel.from_bytes(beginning_with())
    np.testing.assert_array_equal(model.tensor(photo())[0], photo().astype(np.float32))
    assert "its first ops rescale it as values from 0 to 255, which it is given" in model.notes[0]
    assert "-1 to 1, is assumed" in plain.notes[0]


def test_damage_is_no_error():
    rng, content = np.random.default_rng(0), beginning_with(rescaling(1 / 127.5, -1))
    for _ in range(300):
        cut = bytearray(content[: rng.integers(0, len(content))])
        for _ in range(min(8, len(cut))):
            cut[rng.integers(len(cut))] ^= 1 << rng.integers(8)
        assert normalization_by_graph(bytes(cut)) in (BYTES, UNIT, OURS, None)
    assert normalization_by_graph(classifier_file()) is None
