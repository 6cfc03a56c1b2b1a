import numpy as np
import pytest

from mobilenet_tf.errors import InputError
from mobilenet_tf.tflite.given_input import NOTHING_GIVEN, GivenInput, Normalization


def test_one_number_or_three():
    assert GivenInput.of(0, 255).normalization == Normalization((0.0,), (255.0,))
    assert GivenInput.of([1, 2, 3], 58).normalization == Normalization((1.0, 2.0, 3.0), (58.0,))
    assert GivenInput.of(np.float32([1, 2, 3]), np.float32(58)) == GivenInput.of([1, 2, 3], 58)
    assert GivenInput.of() == NOTHING_GIVEN


def test_a_normalization_reads_as_a_formula():
    assert str(Normalization((0.0,), (255.0,))) == "(byte - 0) / 255"
    assert Normalization((127.5,), (127.5,)).range == "values from -1 to 1"
    assert str(Normalization((1.5, 1.5, 1.5), (58.0, 57.0, 56.0))) == "(byte - 1.5) / (58, 57, 56)"


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"mean": 0}, "--mean needs --std too"),
        ({"std": 255}, "--std needs --mean too"),
        ({"mean": [1, 2], "std": 1}, "expected --mean as one number, or as three for red, green and blue; got 1,2"),
        ({"mean": float("nan"), "std": 1}, "got nan"),
        ({"mean": 0, "std": 0}, "expected --std as one number, above 0, or as three"),
        ({"mean": [0.485, 0.456, 0.406], "std": [0.229, 0.224, 0.225]}, r"becomes --std 58\.395,57\.12,57\.375"),
        ({"res": 0}, "expected --res from 1 to 8192 pixels; got 0"),
    ],
)
def test_what_normalizes_nothing_is_refused(given, message):
    with pytest.raises(InputError, match=message):
        GivenInput.of(**given)
