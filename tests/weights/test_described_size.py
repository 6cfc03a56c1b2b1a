"""A model that its file describes larger than it is: nothing is made of it."""

import json
import resource
import time
import zipfile

import h5py
import keras
import pytest

from mobilenet_tf.errors import WeightsError
from mobilenet_tf.weights.described_size import weights_as_stored
from mobilenet_tf.weights.keras_model import read_keras_model
from mobilenet_tf.weights.load import load_weights
from tests.support.keras2_files import save_as_keras2
from tests.weights.test_keras2 import nested

RES = 32


@pytest.fixture
def model():
    image = keras.Input((RES, RES, 3))
    x = keras.layers.GlobalAveragePooling2D()(keras.layers.Conv2D(4, 3, name="conv")(image))
    return keras.Model(image, keras.layers.Dense(3, name="scores")(x))


def with_settings(path, kind, **changed):
    """Change the settings of the layers of one kind in the description in a file."""

    def change(text):
        description = json.loads(text)
        for layer in description["config"]["layers"]:
            if layer["class_name"] == kind:
                layer["config"].update(changed)
        return json.dumps(description)

    if path.suffix == ".h5":
        with h5py.File(path, "a") as file:
            file.attrs["model_config"] = change(file.attrs["model_config"])
        return
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, change(content) if name == "config.json" else content)


@pytest.mark.parametrize("suffix", [".h5", ".keras"])
def test_a_description_of_more_weights_than_the_file_holds_takes_no_memory(model, suffix, tmp_path):
    """A Dense layer of 4 times 2 ** 31 weights: 32 GB."""
    path = tmp_path / f"model{suffix}"
    model.save(path)
    with_settings(path, "Dense", units=2**31)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for read in (lambda: read_keras_model(path, suffix), lambda: load_weights(str(path))):
        with pytest.raises(
            WeightsError, match="describes a model of more weights than it holds: with the layer scores"
        ):
            read()
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 2**19  # kB


def test_a_description_of_keras_2_is_bounded_too(tmp_path):
    path = tmp_path / "model.h5"
    save_as_keras2(*nested(), path)
    with_settings(path, "Dense", units=2**31)
    with pytest.raises(WeightsError, match="describes a model of more weights than it holds: with the layer dense"):
        read_keras_model(path, ".h5")


def test_a_layer_that_gives_gigabytes_for_one_image_is_named(tmp_path):
    image = keras.Input((RES, RES, 3))
    x = keras.layers.UpSampling2D(1000, name="wide")(image)
    model = keras.Model(image, keras.layers.Dense(3)(keras.layers.GlobalAveragePooling2D()(x)))
    model.save(tmp_path / "model.keras")
    with pytest.raises(WeightsError, match=r"layer wide gives 3072000000 numbers for one image"):
        read_keras_model(tmp_path / "model.keras", ".keras")


def test_layers_make_their_weights_as_before_when_the_bound_has_ended():
    with pytest.raises(WeightsError), weights_as_stored("it", 0):
        keras.layers.Dense(2**20).build((None, 4))
    keras.layers.Dense(2**20).build((None, 2))


@pytest.mark.parametrize("suffix", [".h5", ".keras"])
def test_a_description_of_thousands_of_layers_is_refused_before_any_is_built(model, suffix, tmp_path):
    path = tmp_path / f"model{suffix}"
    model.save(path)
    start = time.process_time()
    with_settings(path, "Conv2D", layers=[{"class_name": "Dense", "config": {"layers": []}}] * 5000)
    for read in (lambda: read_keras_model(path, suffix), lambda: load_weights(str(path))):
        with pytest.raises(WeightsError, match="describes a model of more than 3000 layers"):
            read()
    assert time.process_time() - start < 10  # seconds; building them would take more than 20
