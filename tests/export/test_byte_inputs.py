"""Models that take the bytes of photos as uint8 and cast them inside, through the whole command."""

import keras
import numpy as np
import pytest

from mobilenet_tf.contract.preprocessing import normalize
from mobilenet_tf.keras_loader import tf
from mobilenet_tf.quantization.keras_graph import converted, frozen
from tests.export.test_foreign_network import INT8_LIMIT, LIMIT, RES, export, exported, network, photos, saved

LAYERS = keras.layers


def of_bytes(dtype="uint8", *, rescales=True):
    """A classifier whose input is of integers."""
    image = keras.Input((RES, RES, 3), dtype=dtype)
    inner = network()
    if rescales:
        return keras.Model(image, inner(LAYERS.Rescaling(1 / 127.5, offset=-1)(image)))
    kernel, *others = inner.get_weights()
    inner.set_weights([kernel / 127.5, *others])
    return keras.Model(image, inner(keras.ops.cast(image, "float32")))


def check(found, model):
    manifest, (float32, int8) = found
    expected = model.predict(photos(), verbose=0)
    assert np.ptp(expected, axis=0).max() > 0.1
    assert np.abs(float32 - expected).max() < LIMIT
    assert np.abs(int8 - expected).mean() < INT8_LIMIT
    return manifest


@pytest.mark.parametrize("name", ["net.keras", "net.h5", "net", "net.tflite"])
def test_each_kind_of_file_takes_bytes_as_they_are(name, tmp_path):
    model = of_bytes()
    manifest = check(exported(saved(model, tmp_path / name), tmp_path), model)
    # The rescaling behind the cast is the normalization; a factor of float32 has 7 digits.
    assert (manifest.mean, manifest.std) == (pytest.approx([127.5], rel=1e-5), pytest.approx([127.5], rel=1e-5))


@pytest.mark.parametrize("dtype", ["uint8", "int32"])
def test_without_arithmetic_the_network_computes_on_bytes(dtype, tmp_path):
    model = of_bytes(dtype, rescales=False)
    manifest = check(exported(saved(model, tmp_path / "net.keras"), tmp_path), model)
    assert (manifest.mean, manifest.std) == ([0], [1])


def test_a_signature_of_bytes_and_of_any_size_is_fixed(tmp_path):
    class Server(tf.Module):
        def __init__(self):
            super().__init__()
            self.model = network()

        @tf.function(input_signature=[tf.TensorSpec((None, None, None, 3), tf.uint8)])
        def serve(self, image):
            return self.model(tf.image.resize(tf.image.convert_image_dtype(image, tf.float32), (RES, RES)))

    server = Server()
    tf.saved_model.save(server, str(tmp_path / "net"), signatures=server.serve)
    _, (float32, _) = exported(tmp_path / "net", tmp_path, "--res", str(RES))
    expected = server.model.predict(normalize(photos(), (0,), (255,)), verbose=0)
    assert np.abs(float32 - expected).max() < LIMIT


def test_a_file_of_bytes_with_channels_first_is_taken(tmp_path):
    model = of_bytes()
    content = converted(
        frozen(lambda image: model(tf.transpose(image, (0, 2, 3, 1)), training=False), (3, RES, RES), "uint8")
    )
    (tmp_path / "net.tflite").write_bytes(content)
    check(exported(tmp_path / "net.tflite", tmp_path), model)


def test_another_range_than_bytes_is_refused(tmp_path):
    done = export(saved(of_bytes(), tmp_path / "net.keras"), tmp_path, "--input-range", "0..1")
    assert done.exit_code == 2
    assert "takes the bytes of photos as they are, as integers: it cannot take values from 0 to 1" in done.output
    assert not (tmp_path / "out").exists()


def test_integers_that_hold_no_bytes_are_refused(tmp_path):
    model = network()
    content = converted(frozen(lambda image: model(tf.cast(image, tf.float32)), (RES, RES, 3), "int8"))
    (tmp_path / "net.tflite").write_bytes(content)
    done = export(tmp_path / "net.tflite", tmp_path)
    assert done.exit_code == 2
    assert "takes int8 values without a scale" in done.output
