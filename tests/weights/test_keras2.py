"""Models of Keras 2 are rebuilt as they were: bases inside, TensorFlow functions as layers, settings that are gone."""

import keras
import numpy as np
import pytest

from mobilenet_tf.errors import WeightsError
from mobilenet_tf.weights.keras_model import read_keras_model, run_keras
from tests.support.keras2_files import functional, image_entry, layer_entry, op_entry, save_as_keras2
from tests.support.networks import lively

LAYERS = keras.layers
RES = 32


@pytest.fixture
def images():
    return np.random.default_rng(0).uniform(-3, 3, (3, RES, RES, 3)).astype(np.float32)


def filled(model):
    model.set_weights(lively(model, np.random.default_rng(1)))
    return model


def nested():
    """(a partly frozen base in a model; Keras 2's description of it, where the base is called for the second time)."""
    image = keras.Input((RES, RES, 3), name="photo")
    first = LAYERS.Conv2D(4, 3, 2, use_bias=False, name="conv1", trainable=False)
    norm = LAYERS.BatchNormalization(name="conv1_bn", trainable=False)
    depthwise = LAYERS.DepthwiseConv2D(3, name="conv_dw_1", activation="relu6")
    x = depthwise(norm(first(image)))
    base = keras.Model(image, x, name="base")
    outer = keras.Input((RES, RES, 3), name="input_2")
    dense = LAYERS.Dense(2, activation="softmax", name="dense")
    model = filled(keras.Model(outer, dense(LAYERS.GlobalAveragePooling2D(name="pool")(base(outer))), name="mine"))
    inside = [
        image_entry("photo"),
        layer_entry(first, "photo", filters=4, kernel_size=[3, 3], strides=[2, 2], use_bias=False, trainable=False),
        layer_entry(norm, "conv1", axis=[3], trainable=False, fused=True),
        layer_entry(depthwise, "conv1_bn", kernel_size=[3, 3], activation="relu6", groups=1, depth_multiplier=1),
    ]
    entries = [
        image_entry("input_2"),
        functional("base", inside, [["photo", 0, 0]], [["conv_dw_1", 0, 0]])
        | {"name": "base", "inbound_nodes": [[["input_2", 0, 0, {"training": False}]]]},
        layer_entry(model.get_layer("pool"), "base", call=1, data_format="channels_last"),
        layer_entry(dense, "pool", units=2, activation="softmax", dtype={"class_name": "Policy", "config": {}}),
    ]
    return model, functional("mine", entries, [["input_2", 0, 0]], [["dense", 0, 0]])


def test_a_partly_frozen_base_inside_a_model_answers_as_before(images, tmp_path):
    model, description = nested()
    save_as_keras2(model, description, tmp_path / "model.h5")
    read = read_keras_model(tmp_path / "model.h5", ".h5")
    np.testing.assert_array_equal(run_keras(read, images), run_keras(model, images))


def with_functions(function="nn.relu6"):
    """(a model with arithmetic between its layers, in Keras 3; the same in Keras 2's description)."""
    image = keras.Input((RES, RES, 3), name="image")
    conv = LAYERS.Conv2D(4, 3, 2, name="conv")
    x = conv(image / 2.0 - 1.0)
    x = x * (keras.ops.relu6(x + 3.0) / 6.0)
    x = 1.0 - x
    dense = LAYERS.Dense(2, name="dense")
    x = keras.ops.clip(0.2 * dense(keras.ops.mean(x, (1, 2))) + 0.5, 0.0, 1.0)  # hard_sigmoid, as Keras 2 defines it
    model = filled(keras.Model(image, x))
    entries = [
        image_entry("image"),
        op_entry("tf.math.truediv", "math.truediv", "image", y=2.0),
        op_entry("tf.math.subtract", "math.subtract", "tf.math.truediv", y=1.0),
        layer_entry(conv, "tf.math.subtract", filters=4, kernel_size=[3, 3], strides=[2, 2]),
        op_entry("tf.__operators__.add", "__operators__.add", "conv", y=3.0),
        op_entry("tf.nn.relu6", function, "tf.__operators__.add"),
        op_entry("tf.math.multiply", "math.multiply", "tf.nn.relu6", y=1 / 6),
        op_entry("multiply", "math.multiply", "conv", y=["tf.math.multiply", 0, 0]),
        op_entry("tf.math.subtract_1", "math.subtract", 1.0, y=["multiply", 0, 0]),
        op_entry("tf.math.reduce_mean", "math.reduce_mean", "tf.math.subtract_1", axis=[1, 2]),
        layer_entry(dense, "tf.math.reduce_mean", units=2, activation="hard_sigmoid"),
    ]
    return model, functional("mine", entries, [["image", 0, 0]], [["dense", 0, 0]])


def test_tensorflow_functions_that_are_layers_are_computed(images, tmp_path):
    model, description = with_functions()
    weights = keras.Model(model.inputs, model.get_layer("dense").output)  # a model's own ops are no layers with weights
    save_as_keras2(weights, description, tmp_path / "model.h5")
    read = read_keras_model(tmp_path / "model.h5", ".h5")
    expected = run_keras(model, images)
    assert ((expected > 0) & (expected < 1)).any()  # else the slope of hard_sigmoid would not show
    np.testing.assert_allclose(run_keras(read, images), expected, atol=1e-6)


def test_a_function_that_is_not_known_is_named(tmp_path):
    model, description = with_functions("io.read_file")
    save_as_keras2(keras.Model(model.inputs, model.get_layer("dense").output), description, tmp_path / "model.h5")
    with pytest.raises(
        WeightsError, match=r"its layer tf\.nn\.relu6 is a call of tf\.io\.read_file[\s\S]*TFLiteConverter"
    ):
        read_keras_model(tmp_path / "model.h5", ".h5")


@pytest.mark.parametrize("kind", ["Lambda", "MyAttention"])
def test_a_layer_that_is_code_is_named_and_not_run(kind, tmp_path):
    model, description = nested()
    description["config"]["layers"][2]["class_name"] = kind
    save_as_keras2(model, description, tmp_path / "model.h5")
    with pytest.raises(WeightsError, match=rf"its layer pool is a {kind}, which .* is not run here"):
        read_keras_model(tmp_path / "model.h5", ".h5")


def test_weights_that_do_not_fit_the_description_are_refused(tmp_path):
    model, description = nested()
    description["config"]["layers"][3]["config"]["units"] = 5
    save_as_keras2(model, description, tmp_path / "model.h5")
    with pytest.raises(WeightsError, match=r"layer dense, which takes weights \(4, 5\) and has \(4, 2\)"):
        read_keras_model(tmp_path / "model.h5", ".h5")
