"""Small models of each kind that a person may give, written by Keras or by the converter."""

from dataclasses import replace
from pathlib import Path

import keras
import numpy as np
import pytest

from export.normalization import ChosenInput, LabelledImages, choose_normalization
from export.owner import read_owner
from mobilenet_tf.errors import InputError
from mobilenet_tf.quantization.graph_reader import read_graph
from mobilenet_tf.quantization.keras_graph import float_file
from mobilenet_tf.tflite.flatbuffer import parse
from mobilenet_tf.tflite.given_input import BYTES, Normalization
from mobilenet_tf.tflite.input_tensor import OUR_NORMALIZATION
from mobilenet_tf.tflite.metadata_writer import Metadata, pack_with_metadata

UNIT = Normalization((0.0,), (255.0,))
RES, CLASSES = 16, 3
layers = keras.layers


def classifier(*first, padding="same", names=("a", "b"), model="model"):
    """A classifier of two convolutions with these names."""
    inside = [layers.Conv2D(4, 3, 2, padding=padding, name=names[0]), layers.Conv2D(4, 1, name=names[1])]
    end = [layers.GlobalAveragePooling2D(), layers.Dense(CLASSES, activation="softmax")]
    keras.utils.set_random_seed(0)
    return keras.Sequential([keras.Input((RES, RES, 3)), *first, *inside, *end], name=model)


def owner_of(model, folder: Path):
    path = folder / "mine.keras"
    model.save(path)
    return read_owner(path)


def chosen_for(model, folder, given=None):
    owner = owner_of(model, folder)
    return choose_normalization(owner, read_graph(owner.content), given), owner


def images(count=5):
    return np.random.default_rng(0).integers(256, size=(count, RES, RES, 3), dtype=np.uint8)


CASES = {
    "rescaling": (classifier(layers.Rescaling(1 / 127.5, -1)), BYTES, ""),
    "rescaling that the converter folds away": (classifier(layers.Rescaling(1 / 255)), BYTES, ""),
    "with an offset": (classifier(layers.Rescaling(1 / 127.5, -1), padding="valid"), BYTES, ""),
    "ImageNet's from 0 to 1": (
        classifier(layers.Normalization(mean=[0.485, 0.456, 0.406], variance=[0.05] * 3)),
        UNIT,
        "",
    ),
    "rescaling by 1": (classifier(layers.Rescaling(1.0), names=("Conv1", "block_1_expand")), BYTES, ""),
    "our name": (classifier(model="mobilenet_v1_a0.25_r96"), OUR_NORMALIZATION, ""),
    "MobileNetV2": (classifier(names=("Conv1", "block_1_expand")), OUR_NORMALIZATION, "Applications' MobileNetV2"),
    "DenseNet": (
        classifier(names=("conv2_block1_0_bn", "pool2_conv")),
        Normalization((123.675, 116.28, 103.53), (58.395, 57.12, 57.375)),
        "Applications' DenseNet",
    ),
    "VGG": (
        classifier(names=("block1_conv1", "block5_conv3")),
        Normalization((123.68, 116.779, 103.939), (1.0, 1.0, 1.0)),
        "of blue, green and red in this order",
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_the_file_or_its_names_say_what_goes_in(name, tmp_path):
    model, expected, said = CASES[name]
    chosen, owner = chosen_for(model, tmp_path)
    assert chosen.normalization == expected
    assert said in " ".join(chosen.notes)
    assert bool(said) == bool(chosen.notes)
    graph = chosen.graph(read_graph(owner.content))
    assert graph.nodes[0].op == "CONV_2D"
    # The graph for bytes gives what the owner's model gives for the values of these bytes.
    found = np.asarray(graph(graph.normalize(images())))
    np.testing.assert_allclose(found, owner.run(chosen.values(images())), atol=1e-5)


def test_what_is_given_goes_first_and_comes_before_the_rescaling_inside(tmp_path):
    chosen, owner = chosen_for(classifier(layers.Rescaling(2.0, -1)), tmp_path, BYTES)
    assert (owner.normalization, chosen.normalization) == (UNIT, BYTES)
    assert "mine.keras says that its input is (byte - 0) / 255; (byte - 0) / 1 is used, as given." in chosen.notes
    graph = chosen.graph(read_graph(owner.content))
    assert graph.normalization == Normalization((0.5,), (0.5,))
    assert chosen_for(classifier(), tmp_path, UNIT)[0].notes == ()
    assert chosen_for(classifier(layers.Rescaling(1 / 255)), tmp_path, BYTES)[0].notes == ()


def test_metadata_of_a_tflite_says_it(tmp_path):
    file = float_file(classifier())
    metadata = Metadata("mine", "A classifier.", ["a", "b", "c"], UNIT)
    (tmp_path / "mine.tflite").write_bytes(pack_with_metadata(parse(file), metadata))
    owner = read_owner(tmp_path / "mine.tflite")
    assert choose_normalization(owner, read_graph(owner.content)) == ChosenInput(UNIT)


def test_nothing_is_guessed(tmp_path):
    with pytest.raises(InputError, match=r"mine.keras does not say .* --input-range 0..1, -1..1 or 0..255") as error:
        chosen_for(classifier(), tmp_path)
    assert "--calibration a folder with a folder of photos for each of its classes" in str(error.value)
    assert len(str(error.value).splitlines()) <= 3


def test_the_error_says_how_each_guess_does_on_labelled_photos(tmp_path):
    """The classes are the model's own answers for values from 0 to 1, so that this guess alone knows all photos."""
    owner = owner_of(classifier(), tmp_path)
    kernel = np.random.default_rng(1).normal(size=(RES * RES * 3, CLASSES)).astype(np.float32)

    def run(values):
        return np.tanh(values.reshape(len(values), -1) - 0.5) @ kernel

    owner = replace(owner, run=run)
    photos = images(150)
    labelled = LabelledImages(photos, run(photos / np.float32(255)).argmax(1), "photos/dogs")
    with pytest.raises(InputError) as error:
        choose_normalization(owner, read_graph(owner.content), labelled=lambda: labelled)
    last = str(error.value).splitlines()[-1]
    assert last.startswith("Of 100 photos of photos/dogs it knows 100% with --input-range 0..1; ")
    assert all(
        option in last for option in ("-1..1", "0..255", "--mean 123.675,116.28,103.53 --std 58.395,57.12,57.375")
    )
