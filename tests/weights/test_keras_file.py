import numpy as np

from mobilenet_tf.weights.keras_file import load_keras_model
from tests.support.networks import small_model


def test_a_file_is_opened_once_until_it_is_written_again(tmp_path):
    path = tmp_path / "model.keras"
    small_model(1).save(path)
    first = load_keras_model(path, ".keras")
    assert load_keras_model(path, ".keras") is first
    other = small_model(2)
    other.save(path)
    again = load_keras_model(path, ".keras")
    for weight, expected in zip(again.get_weights(), other.get_weights(), strict=True):
        np.testing.assert_array_equal(weight, expected)
