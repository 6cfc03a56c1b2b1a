"""Files of the weights alone of a network of Keras Applications: filled by their names, or refused with the reason."""

import keras
import numpy as np
import pytest

from export.owner import read_weights_alone
from mobilenet_tf.errors import WeightsError
from mobilenet_tf.weights.application_file import read_application
from mobilenet_tf.weights.keras_model import run_keras
from tests.support.keras2_files import save_weights_as_keras2
from tests.support.networks import lively

RES = 64
TOLERANCE = 1e-6  # the same layers with the same numbers, computed by the same Keras


def classifier(base, *, nested, before=None):
    """A base with average pooling and a dense layer, whose weights are random."""
    image = keras.Input((RES, RES, 3))
    if nested:
        image, x = image, base(image if before is None else before(image))
    else:
        image, x = base.input, base.output
    x = keras.layers.Dropout(0.2)(keras.layers.GlobalAveragePooling2D()(x))
    model = keras.Model(image, keras.layers.Dense(3, activation="softmax")(x))
    model.set_weights(lively(model, np.random.default_rng(0)))
    return model


def v2(**options):
    return keras.applications.MobileNetV2((RES, RES, 3), 0.35, include_top=False, weights=None, **options)


def small_v3(**options):
    return keras.applications.MobileNetV3Small((RES, RES, 3), include_top=False, weights=None, **options)


def saved(model, path):
    """The weights by Keras 3, or if the name ends otherwise in the format of Keras 2."""
    model.save_weights(path) if path.name.endswith(".weights.h5") else save_weights_as_keras2(model, path)
    return path


def images():
    return np.random.default_rng(1).uniform(-1, 1, (3, RES, RES, 3)).astype(np.float32)


@pytest.mark.parametrize("name", ["a.weights.h5", "a.h5"])
@pytest.mark.parametrize("nested", [True, False])
def test_a_classifier_is_filled_by_the_names_of_its_weights(name, nested, tmp_path):
    base = v2()
    for layer in base.layers[:80]:
        layer.trainable = False  # partly frozen: the older format stores the trained weights first
    model = classifier(base, nested=nested)
    owner = read_weights_alone(saved(model, tmp_path / name), RES)
    np.testing.assert_allclose(owner.run(images()), run_keras(model, images()), atol=TOLERANCE)
    assert "taken for MobileNetV2, with average pooling and a softmax" in owner.notes[0]
    assert "block_1_expand" in owner.names


@pytest.mark.parametrize("name", ["a.weights.h5", "a.h5"])
def test_the_own_classifier_of_mobilenet_v3_is_read(name, tmp_path):
    model = keras.applications.MobileNetV3Small((RES, RES, 3), weights=None, classes=5)
    model.set_weights(lively(model, np.random.default_rng(0)))
    read, notes = read_application(saved(model, tmp_path / name), RES)
    np.testing.assert_allclose(run_keras(read, images()), run_keras(model, images()), atol=TOLERANCE)
    assert "MobileNetV3Small, with its own classifier" in notes[0]


def test_without_a_resolution_the_default_is_taken_and_said(tmp_path):
    model, notes = read_application(saved(classifier(v2(), nested=False), tmp_path / "a.h5"))
    assert model.input_shape == (None, 224, 224, 3)
    assert "at 224x224 (--res N if it was trained at another resolution)" in notes[0]


def test_weights_without_a_classifier_are_refused(tmp_path):
    with pytest.raises(WeightsError, match="the weights of MobileNetV2 without a classifier"):
        read_application(saved(v2(), tmp_path / "a.weights.h5"))


@pytest.mark.parametrize("name", ["a.weights.h5", "a.h5"])
def test_a_layer_that_the_file_does_not_describe_is_named(name, tmp_path):
    before = keras.layers.Rescaling(1 / 127.5, -1, name="rescaling")
    model = classifier(v2(), nested=True, before=before)
    with pytest.raises(WeightsError, match=r"has the layer rescaling too: .*\n.*model\.save"):
        read_application(saved(model, tmp_path / name))


@pytest.mark.parametrize(
    "head",
    [
        [keras.layers.Flatten(), keras.layers.Dense(3)],
        [keras.layers.GlobalAveragePooling2D(), keras.layers.Dense(8, activation="relu"), keras.layers.Dense(3)],
    ],
)
def test_another_head_than_one_layer_on_the_mean_is_refused(head, tmp_path):
    base = v2()
    x = base.output
    for layer in head:
        x = layer(x)
    path = saved(keras.Model(base.input, x), tmp_path / "a.weights.h5")
    with pytest.raises(
        WeightsError, match=r"layers that take .* numbers; one layer that takes 1280 was expected.*\n.*save"
    ):
        read_application(path)


def test_vgg_is_read(tmp_path):
    base = keras.applications.VGG16(include_top=False, weights=None, input_shape=(RES, RES, 3))
    model = classifier(base, nested=False)
    read, notes = read_application(saved(model, tmp_path / "a.h5"), RES)
    np.testing.assert_allclose(run_keras(read, images()), run_keras(model, images()), atol=TOLERANCE)
    assert "taken for VGG16" in notes[0]


def test_other_networks_are_none_of_keras_applications(tmp_path):
    image = keras.Input((RES, RES, 3))
    model = keras.Model(image, keras.layers.Dense(3)(keras.layers.Conv2D(4, 3)(image)))
    assert read_application(saved(model, tmp_path / "a.weights.h5")) is None


@pytest.mark.parametrize("preprocessing", [True, False])
def test_whether_mobilenet_v3_rescales_is_told_by_the_layers_of_the_file(preprocessing, tmp_path):
    model = classifier(small_v3(include_preprocessing=preprocessing), nested=True)
    read, _ = read_application(saved(model, tmp_path / "a.weights.h5"), RES)
    np.testing.assert_allclose(run_keras(read, images()), run_keras(model, images()), atol=TOLERANCE)


def test_efficientnet_rescales_as_it_does_with_the_weights_of_imagenet(tmp_path):
    base = keras.applications.EfficientNetB0(include_top=False, weights=None, input_shape=(RES, RES, 3))
    mean, variance = np.array([0.485, 0.456, 0.406]), np.array([0.229, 0.224, 0.225])
    model = classifier(base, nested=False)
    normalization = next(layer for layer in model.layers if isinstance(layer, keras.layers.Normalization))
    normalization.adapt_mean.assign(mean.reshape(normalization.adapt_mean.shape))
    normalization.adapt_variance.assign(variance.reshape(normalization.adapt_variance.shape))
    image = keras.Input((RES, RES, 3))
    nested = keras.Model(image, model.layers[-1](model.layers[-3](base(image))))
    path = saved(nested, tmp_path / "a.h5")
    normalization.adapt_variance.assign((variance * [0.229, 0.224, 0.225]).reshape(normalization.adapt_variance.shape))
    normalization.finalize_state()  # x / sqrt(variance) / sqrt(deviation), as keras.applications writes it
    photos = np.random.default_rng(1).uniform(0, 255, (3, RES, RES, 3)).astype(np.float32)
    np.testing.assert_allclose(
        run_keras(read_application(path, RES)[0], photos), run_keras(model, photos), atol=TOLERANCE
    )
