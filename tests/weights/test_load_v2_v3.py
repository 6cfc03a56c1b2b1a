"""Weights of MobileNet V2 and V3, whose Keras models are ours and those of Keras Applications."""

import keras
import numpy as np
import pytest

from mobilenet_tf.errors import WeightsError
from mobilenet_tf.networks.spec import ModelSpec
from mobilenet_tf.tasks.classification import build_model
from mobilenet_tf.weights.load import load_weights, model_with
from tests.support.keras2_files import save_weights_as_keras2
from tests.support.parity import normalized_weights
from tests.support.tflite_files import converted


@pytest.mark.parametrize("arch", ["mobilenet_v2", "mobilenet_v3_small", "mobilenet_v3_large_minimalistic"])
@pytest.mark.parametrize("suffix", [".keras", ".weights.h5", ".h5"])
def test_a_file_of_v2_or_v3_is_recognized_under_another_name(arch, suffix, tmp_path):
    model = build_model(ModelSpec(arch, 0.35, 32, 3))
    renamed = keras.Model(model.inputs, model.outputs, name="model")
    path = tmp_path / f"model{suffix}"
    renamed.save_weights(path) if suffix == ".weights.h5" else renamed.save(path)
    weights = load_weights(str(path), arch=arch, alpha=0.35, res=32)
    assert weights.spec == ModelSpec(arch, 0.35, 32, 3)
    for array, expected in zip(weights.arrays, model.get_weights(), strict=True):
        np.testing.assert_array_equal(array, expected)


@pytest.mark.parametrize("arch", ["mobilenet_v2", "mobilenet_v3_small"])
def test_a_whole_model_of_keras_applications_is_recognized_without_an_option(arch, tmp_path):
    builder = {"mobilenet_v2": "MobileNetV2", "mobilenet_v3_small": "MobileNetV3Small"}[arch]
    model = getattr(keras.applications, builder)((64, 64, 3), 0.75, weights=None, classes=4)
    model.save(tmp_path / "theirs.h5")
    weights = load_weights(str(tmp_path / "theirs.h5"))
    assert weights.spec == ModelSpec(arch, 0.75, 64, 4)
    expected = model.get_weights()
    expected[-2] = expected[-2].reshape(expected[-2].shape[-2:])
    for array, value in zip(weights.arrays, expected, strict=True):
        np.testing.assert_array_equal(array, value)


@pytest.mark.parametrize("arch", ["mobilenet_v2", "mobilenet_v3_small"])
def test_a_tflite_file_is_read_with_a_bias_where_the_network_has_no_batch_norm(arch, tmp_path):
    rng = np.random.default_rng(0)
    images = rng.uniform(-1, 1, (8, 64, 64, 3)).astype(np.float32)
    model = build_model(ModelSpec(arch, 0.35, 64, 3))
    normalized_weights(model, images, rng)
    path = tmp_path / "model.tflite"
    path.write_bytes(converted(model))
    weights = load_weights(str(path))
    assert weights.spec == ModelSpec(arch, 0.35, 64, 3)
    # Of V3 only: the kernel and the bias of squeeze-and-excite and of the layer after the average.
    assert len(weights.arrays) == len(model.get_weights())
    # The same float32 kernels, batch norm folded twice: a few ulps in each layer.
    found, expected = (np.asarray(m(images, training=False)) for m in (model_with(weights), model))
    assert np.abs(found - expected).max() < 1e-3


def test_v3_says_where_weights_are():
    with pytest.raises(WeightsError, match=r"no weights of mobilenet_v3_small are bundled\.\nTake --weights keras"):
        load_weights("imagenet", arch="mobilenet_v3_small")


@pytest.mark.parametrize(
    ("arch", "alpha", "res", "said"),
    [
        ("mobilenet_v2", 0.5, 64, r"--alpha 0\.5 at --res 96, 128, 160, 192, 224; got 64"),
        ("mobilenet_v2", 0.6, 224, r"--alpha 0\.35, 0\.5, 0\.75, 1, 1\.3, 1\.4; got 0\.6"),
        ("mobilenet_v3_large", 0.5, 224, r"--alpha 0\.75, 1; got 0\.5"),
    ],
)
def test_the_widths_and_resolutions_of_keras_applications_are_named(arch, alpha, res, said):
    with pytest.raises(WeightsError, match=said):
        load_weights("keras", arch=arch, alpha=alpha, res=res)


def test_weights_of_one_resolution_serve_every_other_and_a_note_says_it(tmp_path, monkeypatch):
    """The file lies in Keras's cache, as after its download; its check of the hash is not made for a file of ours."""
    theirs = keras.applications.MobileNetV3Small((224, 224, 3), 0.75, weights=None)
    models = tmp_path / "models"
    models.mkdir()
    theirs.save_weights(tmp_path / "model.weights.h5")
    save_weights_as_keras2(theirs, models / "weights_mobilenet_v3_small_224_0.75_float.h5")
    file = models / "weights_mobilenet_v3_small_224_0.75_float.h5"
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    monkeypatch.setattr("keras.src.applications.mobilenet_v3.file_utils.get_file", lambda *_, **__: str(file))
    weights = load_weights("keras", arch="mobilenet_v3_small", alpha=0.75, res=96)
    assert weights.spec == ModelSpec("mobilenet_v3_small", 0.75, 96)
    assert "trained at 224x224" in weights.notes[0]
    for array, value in zip(weights.arrays[:-2], theirs.get_weights()[:-2], strict=True):
        np.testing.assert_array_equal(array, value)
