import keras
import numpy as np
import pytest

from export.convert import GraphForms, convert
from export.recipes import RECIPES
from mobilenet_tf.contract.preprocessing import normalize
from mobilenet_tf.quantization.hard_swish import split_hard_swish
from mobilenet_tf.quantization.keras_graph import graph_of
from mobilenet_tf.tflite.image_model import ImageModel
from mobilenet_tf.tflite.interpreter import Session
from tests.support.networks import lively

IMAGES = np.random.default_rng(0).integers(0, 256, (16, 16, 16, 3), dtype=np.uint8)


def graph(activation):
    image = keras.Input((16, 16, 3))
    x = keras.layers.Conv2D(8, 3, 2, padding="same", activation=activation)(image)
    x = keras.layers.Conv2D(8, 1, activation=activation)(x)
    x = keras.layers.Dense(4)(keras.layers.GlobalAveragePooling2D()(x))
    model = keras.Model(image, keras.layers.Softmax()(x))
    model.set_weights(lively(model, np.random.default_rng(1)))
    return graph_of(model)


@pytest.fixture(scope="module")
def swish():
    return graph("hard_swish")


def test_hard_swish_becomes_an_addition_and_two_products(swish):
    assert sum(node.op == "HARD_SWISH" for node in swish.nodes) == 2
    split = split_hard_swish(swish)
    assert [node.op for node in split.nodes][:4] == ["CONV_2D", "ADD", "MUL", "MUL"]
    assert all(node.op != "HARD_SWISH" for node in split.nodes)
    found, expected = (np.asarray(g(normalize(IMAGES))) for g in (split, swish))
    assert np.ptp(expected) > 0.1
    # The sixth is a product here and a quotient there: some ulps of a float.
    assert np.abs(found - expected).max() < 1e-6


def test_a_graph_without_it_stays_as_it_is():
    relu = graph("relu")
    assert split_hard_swish(relu) is relu


def test_xnnpack_takes_all_of_the_int8_file_and_the_values_stay(swish):
    by_op, split = (convert(g, RECIPES["int8"], IMAGES) for g in (swish, GraphForms(swish).for_recipe(RECIPES["int8"])))
    assert Session(by_op).left_by_xnnpack == ["HARD_SWISH"]
    assert Session(split).left_by_xnnpack == []
    exact = np.asarray(swish(normalize(IMAGES)))
    errors = [np.abs(ImageModel.from_bytes(file).predict(IMAGES) - exact).mean() for file in (by_op, split)]
    assert errors[1] < 1.5 * errors[0] + 1 / 256  # a step of the softmax


def test_int16x8_has_integer_kernels_for_it_too(swish):
    file = convert(GraphForms(swish).for_recipe(RECIPES["int16x8"]), RECIPES["int16x8"], IMAGES)
    exact = np.asarray(swish(normalize(IMAGES)))
    # Weights in int8 alone: half a step of 127 in each product, of the order of a hundredth of a probability.
    assert np.abs(ImageModel.from_bytes(file).predict(IMAGES) - exact).max() < 0.02


def test_float_files_keep_the_op(swish):
    assert GraphForms(swish).for_recipe(RECIPES["float32"]) is swish
