import keras
import numpy as np
import pytest

from mobilenet_tf.contract.preprocessing import normalize
from mobilenet_tf.networks.mobilenet_v3 import plan
from mobilenet_tf.networks.spec import ModelSpec
from mobilenet_tf.tasks.classification import build_model
from tests.support.parity import assert_same_function, normalized_weights

BUILDERS = {"small": keras.applications.MobileNetV3Small, "large": keras.applications.MobileNetV3Large}


@pytest.mark.parametrize("size", BUILDERS)
@pytest.mark.parametrize("minimalistic", [False, True])
@pytest.mark.parametrize(("alpha", "res"), [(0.75, 96), (1.0, 160), (1.25, 128)])
def test_same_output_and_parameters_as_keras_applications(size, minimalistic, alpha, res):
    theirs = BUILDERS[size](
        (res, res, 3), alpha, minimalistic, weights=None, classifier_activation=None, include_preprocessing=False
    )
    arch = f"mobilenet_v3_{size}" + "_minimalistic" * minimalistic
    assert_same_function(theirs, ModelSpec(arch, alpha, res))


def test_the_rescaling_of_keras_is_the_normalization_of_the_contract():
    theirs = keras.applications.MobileNetV3Small((96, 96, 3), weights=None)
    ours = build_model(ModelSpec("mobilenet_v3_small", 1.0, 96))
    rng = np.random.default_rng(0)
    pixels = rng.integers(0, 256, (8, 96, 96, 3), dtype=np.uint8)
    weights = normalized_weights(theirs, pixels.astype(np.float32), rng)
    ours.set_weights([*weights[:-2], weights[-2].reshape(weights[-2].shape[-2:]), weights[-1]])
    expected = np.asarray(theirs(pixels.astype(np.float32), training=False))
    assert 0.02 < expected.max() < 0.99
    # Rescaling by a product and by a quotient differ in the last digit of a float.
    assert np.abs(np.asarray(ours(normalize(pixels), training=False)) - expected).max() < 1e-5


def layers(size, *, minimalistic=False):
    return {layer.name: layer for layer in plan(1.0, 224, size, minimalistic)}


def test_the_layers_are_tables_1_and_2():
    small, large = layers("small"), layers("large")
    assert (small["block11_project"].out_channels, small["block11_project"].out_size) == (96, (7, 7))
    assert (large["block15_project"].out_channels, large["block15_project"].out_size) == (160, (7, 7))
    assert (small["conv1"].out_channels, large["conv1"].out_channels) == (576, 960)
    assert (small["conv2"].out_channels, large["conv2"].out_channels) == (1024, 1280)
    for found, squeezes in ((small, 9), (large, 8)):
        assert sum(layer.type == "squeeze" for layer in found.values()) == squeezes
    assert large["block4_depthwise"].activation == "relu"
    assert large["block7_depthwise"].activation == "hard_swish"


@pytest.mark.parametrize("size", BUILDERS)
def test_the_minimalistic_form_has_no_squeeze_no_hard_swish_and_no_5x5(size):
    found = layers(size, minimalistic=True).values()
    assert {layer.type for layer in found} == {"conv", "pointwise", "depthwise", "add", "pool"}
    assert {layer.activation for layer in found} == {"relu", "none"}
    assert {layer.kernel for layer in found if layer.type == "depthwise"} == {(3, 3)}
