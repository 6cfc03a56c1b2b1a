"""The table against what keras.applications says itself, for a network of each family."""

import keras
import numpy as np
import pytest

from mobilenet_tf.contract.preprocessing import normalize
from mobilenet_tf.weights.applications_input import input_by_names

A = keras.applications
# The network, the settings that make it small, and the module whose `preprocess_input` is its own.
NETWORKS = [
    (A.MobileNet, {"alpha": 0.25}, A.mobilenet),
    (A.MobileNetV2, {"alpha": 0.35}, A.mobilenet_v2),
    (A.NASNetMobile, {"input_shape": (224, 224, 3)}, A.nasnet),
    (A.InceptionV3, {}, A.inception_v3),
    (A.Xception, {}, A.xception),
    (A.ResNet50V2, {}, A.resnet_v2),
    (A.DenseNet121, {}, A.densenet),
    (A.ResNet50, {}, A.resnet),
    (A.VGG16, {}, A.vgg16),
]
# Those that rescale the image themselves, built without that.
REDUCED = [
    (A.MobileNetV3Small, "MobileNetV3"),
    (A.MobileNetV3Large, "MobileNetV3"),
    (A.EfficientNetV2B0, "EfficientNetV2"),
]


def layer_names(build, **settings):
    keras.utils.clear_session()
    settings = {"input_shape": (96, 96, 3), "weights": None, "include_top": False} | settings
    return [layer.name for layer in build(**settings).layers]


@pytest.mark.parametrize(("build", "settings", "module"), NETWORKS, ids=lambda value: getattr(value, "__name__", ""))
def test_a_network_is_fed_as_keras_applications_feeds_it(build, settings, module):
    found = input_by_names(layer_names(build, **settings))
    pixels = np.random.default_rng(0).integers(256, size=(1, 5, 5, 3), dtype=np.uint8)
    values = normalize(pixels, found.normalization.mean, found.normalization.std)[..., :: -1 if found.takes_bgr else 1]
    # The table has seven digits, Keras four.
    np.testing.assert_allclose(values, module.preprocess_input(pixels.astype(np.float32)), atol=1e-5 * 255)


@pytest.mark.parametrize(("build", "family"), REDUCED)
def test_a_network_built_without_its_rescaling_takes_values_from_minus_1_to_1(build, family):
    found = input_by_names(layer_names(build, include_preprocessing=False))
    assert (found.family, found.normalization.range) == (family, "values from -1 to 1")


def test_the_same_names_in_another_network_are_not_enough():
    assert input_by_names(["conv2d", "conv1", "Conv1", "batch_normalization", "block1_conv1", "predictions"]) is None
    assert input_by_names([]) is None
