"""The model of anybody's: the float file that is made of it answers as the model itself does."""

import keras
import numpy as np
import pytest

from export.owner import read_owner
from mobilenet_tf.errors import WeightsError
from mobilenet_tf.quantization.keras_graph import float_file
from mobilenet_tf.tflite.interpreter import Session
from mobilenet_tf.weights.keras_model import run_keras
from tests.support.networks import small_model

# Batch norm is folded into the kernels of the file: sums in another order, of values near 1.
TOLERANCE = 1e-5


@pytest.fixture(scope="module")
def model():
    return small_model()


@pytest.fixture(scope="module")
def images():
    return np.random.default_rng(0).uniform(-1, 1, (4, 32, 32, 3)).astype(np.float32)


def saved(model, path):
    if path.suffix == ".tflite":
        path.write_bytes(float_file(model))
    else:
        model.save(path)
    return path


def answers(content, images):
    session = Session(content)
    return np.concatenate([session.run(image[None]) for image in images])


@pytest.mark.parametrize("suffix", [".keras", ".h5", ".tflite"])
def test_the_float_file_answers_as_the_model_of_its_owner(suffix, model, images, tmp_path):
    owner = read_owner(saved(model, tmp_path / f"model{suffix}"))
    assert (owner.res, owner.exact, owner.notes) == (32, True, ())
    expected = run_keras(model, images)
    assert np.abs(expected - expected[0]).max() > 1e-2  # the outputs differ from photo to photo
    np.testing.assert_allclose(owner.run(images), expected, atol=TOLERANCE)
    np.testing.assert_allclose(answers(owner.content, images), expected, atol=TOLERANCE)


def test_the_names_of_a_keras_model_are_told(model, tmp_path):
    image = keras.Input((32, 32, 3))
    whole = keras.Model(image, model(image), name="mine")
    assert {"mine", model.name, "conv0"} <= {*read_owner(saved(whole, tmp_path / "model.keras")).names}


@pytest.mark.parametrize("suffix", [".keras", ".tflite"])
def test_the_resolution_is_that_of_the_file(suffix, model, tmp_path):
    path = saved(model, tmp_path / f"model{suffix}")
    with pytest.raises(WeightsError, match=r"takes images of 32x32; got --res 64\. Leave it out"):
        read_owner(path, 64)
