"""Files that leave the height and the width of their input open."""

import keras
import numpy as np
import pytest

from mobilenet_tf.errors import InputError, ModelError
from mobilenet_tf.tflite.given_input import GivenInput
from mobilenet_tf.tflite.image_model import ImageModel
from tests.support.tflite_files import classifier_file, converted, photo


@pytest.fixture(scope="module")
def any_size():
    return classifier_file(shape=(None, None, 3), batch=1)


def test_they_need_a_resolution(any_size):
    with pytest.raises(ModelError, match=r"takes images of any height and width, \(1, -1, -1, 3\): give --res N"):
        ImageModel.from_bytes(any_size)


@pytest.mark.parametrize("res", [32, 48])
def test_they_are_run_at_the_one_that_is_given(any_size, res):
    model = ImageModel.from_bytes(any_size, given=GivenInput(res=res))
    assert (model.res, model.session.input.shape, model.classes) == (res, (1, res, res, 3), 4)
    fixed = ImageModel.from_bytes(classifier_file(shape=(res, res, 3)))
    pixels = photo(res=res)[None]
    np.testing.assert_allclose(model.predict(pixels), fixed.predict(pixels), rtol=1e-4)


def test_an_open_batch_is_one_photo():
    model = ImageModel.from_bytes(classifier_file(batch=None))
    assert (model.res, model.session.input.shape) == (32, (1, 32, 32, 3))
    model = ImageModel.from_bytes(classifier_file(shape=(None, None, 3), batch=None), given=GivenInput(res=40))
    assert model.session.input.shape == (1, 40, 40, 3)


def test_one_open_side_is_as_long_as_the_other():
    assert ImageModel.from_bytes(classifier_file(shape=(32, None, 3))).res == 32


def test_a_fixed_resolution_stays():
    fixed = classifier_file()
    assert ImageModel.from_bytes(fixed, given=GivenInput(res=32)).res == 32
    with pytest.raises(InputError, match=r"takes images of 32x32; got --res 64\. Leave it out"):
        ImageModel.from_bytes(fixed, given=GivenInput(res=64))


def test_a_resolution_that_the_network_cannot_have_is_refused():
    image = keras.Input((None, None, 3), batch_size=1)
    x = keras.layers.Dense(4)(keras.layers.Reshape((8 * 8 * 3,))(keras.layers.AveragePooling2D(4)(image)))
    content = converted(keras.Model(image, x))
    assert ImageModel.from_bytes(content, given=GivenInput(res=32)).res == 32
    with pytest.raises(ModelError, match="cannot run at --res 64"):
        ImageModel.from_bytes(content, given=GivenInput(res=64))
