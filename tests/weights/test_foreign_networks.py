"""Files of networks that are not read here, and right files under names that Keras does not take."""

import keras
import numpy as np
import pytest

from mobilenet_tf.errors import WeightsError
from mobilenet_tf.weights.load import load_weights
from tests.support.networks import lively_model


def foreign(nested):
    base = keras.applications.MobileNetV2((32, 32, 3), alpha=0.35, weights=None, include_top=False, pooling="avg")
    image = keras.Input((32, 32, 3)) if nested else base.input
    hidden = keras.layers.Dense(8)(base(image) if nested else base.output)
    return keras.Model(image, keras.layers.Dense(3)(hidden))


@pytest.mark.parametrize("suffix", [".h5", ".keras"])
@pytest.mark.parametrize(("nested", "named"), [(True, r"mobilenetv2_0\.35_\d+"), (False, "a MobileNetV2")])
def test_another_network_is_named(tmp_path, suffix, nested, named):
    path = tmp_path / f"model{suffix}"
    foreign(nested).save(path)
    with pytest.raises(
        WeightsError, match=rf"\(by the names of its layers: {named}\): .*\nmobilenet-export takes it as it is"
    ):
        load_weights(str(path))


@pytest.mark.parametrize("name", ["noext", "best.keras.txt", "best.zip"])
def test_a_keras_file_is_read_under_any_name(tmp_path, name):
    model = lively_model(np.random.default_rng(0), res=32, classes=2)
    model.save(tmp_path / "best.keras")
    (tmp_path / "best.keras").rename(tmp_path / name)
    for one, other in zip(load_weights(str(tmp_path / name)).arrays, model.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)
