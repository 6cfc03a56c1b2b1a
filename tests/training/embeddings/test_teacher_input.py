"""What a teacher is given: as its file says, or as --teacher-range says in other words."""

import keras
import numpy as np
import pytest

from mobilenet_tf.contract.preprocessing import normalize
from mobilenet_tf.errors import InputError
from mobilenet_tf.networks.spec import ModelSpec
from mobilenet_tf.tasks.classification import build_model
from mobilenet_tf.training.embeddings.teacher_file import read_teacher
from tests.support.tflite_files import int8_file

IMAGES = normalize(np.random.default_rng(5).integers(0, 256, (3, 32, 32, 3)).astype(np.uint8))


def test_a_range_that_contradicts_the_file_is_refused(tmp_path):
    model = build_model(ModelSpec("mobilenet_v1", 0.25, 32, 8), "embedding")
    model.save(tmp_path / "own.keras")
    with pytest.raises(InputError, match=r"own\.keras takes \(byte - 127\.5\) / 127\.5, as it says itself"):
        read_teacher(str(tmp_path / "own.keras"), "0..255")


@pytest.fixture(scope="module")
def eight_bits(tmp_path_factory):
    """A .tflite that takes integers, which stand for values from -1 to 127/128 or so."""
    path = tmp_path_factory.mktemp("teacher") / "integers.tflite"
    path.write_bytes(int8_file())
    return path


@pytest.mark.parametrize("given", ["-1..1", "0..255"])
def test_a_range_that_says_in_other_words_what_a_quantized_file_says_is_taken(eight_bits, given):
    """The ends of -1..1 are rounded to whole integers; 0..255 is what goes in. The file's own scale counts."""
    expected = read_teacher(str(eight_bits))
    teacher = read_teacher(str(eight_bits), given)
    # Threads may sum in another order, by about 1e-6; a range that is half a step off moves outputs by 1e-3 and more.
    np.testing.assert_allclose(teacher.function(IMAGES), expected.function(IMAGES), atol=1e-5)


def test_another_range_of_a_quantized_file_is_refused(eight_bits):
    with pytest.raises(InputError, match=r"integers\.tflite takes \(byte - .*, as it says itself; something else"):
        read_teacher(str(eight_bits), "0..1")


def test_a_range_is_compared_in_every_channel(tmp_path):
    """0..1 of the file's red and green; its blue goes to 2."""
    image = keras.Input((32, 32, 3))
    x = keras.layers.Rescaling([1 / 255, 1 / 255, 2 / 255])(image)
    keras.Model(image, keras.layers.GlobalAveragePooling2D()(keras.layers.Conv2D(4, 3)(x))).save(tmp_path / "a.keras")
    with pytest.raises(InputError, match="something else is given"):
        read_teacher(str(tmp_path / "a.keras"), "0..1")
