import numpy as np
import pytest

from mobilenet_tf.errors import ModelError
from mobilenet_tf.tflite.flatbuffer import parse
from mobilenet_tf.tflite.given_input import Normalization
from mobilenet_tf.tflite.metadata_reader import embedded_labels, read_normalization
from mobilenet_tf.tflite.metadata_writer import Metadata, pack_with_metadata


@pytest.fixture(scope="module")
def described(small_files):
    return pack_with_metadata(parse(small_files["int8"]), Metadata("x", "y", ["a"] * 1000))


def test_an_export_tells_its_normalization(described):
    assert read_normalization(described) == Normalization((127.5,), (127.5,))


def test_a_plain_conversion_tells_none(small_files):
    assert read_normalization(small_files["float32"]) is None


def test_damage_is_no_news(described):
    """Whatever is cut off or flipped: an answer or none, never an error."""
    rng = np.random.default_rng(0)
    for _ in range(300):
        cut = bytearray(described[: rng.integers(0, len(described))])
        for _ in range(min(8, len(cut))):
            cut[rng.integers(len(cut))] ^= 1 << rng.integers(8)
        found = read_normalization(bytes(cut))
        assert found is None or len(found.mean) >= 1


def test_a_model_without_labels_is_refused():
    with pytest.raises(ModelError, match="carries no labels"):
        embedded_labels(b"no zip archive here")
