"""Anybody's classifier through the whole command: small Keras models, one for each kind of file, head and input."""

import json
import re

import keras
import numpy as np
import pytest

from mobilenet_tf.contract.manifest import Manifest
from mobilenet_tf.contract.preprocessing import load_rgb, normalize, preprocess
from mobilenet_tf.data.photos import bundled_photos
from mobilenet_tf.keras_loader import tf
from mobilenet_tf.tasks.classification import softmax
from mobilenet_tf.tflite.flatbuffer import parse
from mobilenet_tf.tflite.image_model import ImageModel
from tests.support.commands import images_in, run_export
from tests.support.networks import lively

RES = 16
LAYERS = keras.layers
# float32 computes as Keras but for the order of its sums: export/verify.py's limit.
LIMIT = 1e-4
INT8_LIMIT = 0.03  # mean over the scores: int8 was seen to be 0.01 off; another input or head is 0.1 and more


def network(activation="softmax", outputs=3, first=(), seed=0):
    """A classifier of one convolution whose ReLU has no limit; `first` are layers that its image goes through."""
    image = x = keras.Input((RES, RES, 3))
    for layer in first:
        x = layer(x)
    x = LAYERS.ReLU()(LAYERS.BatchNormalization()(LAYERS.Conv2D(8, 3, 2, padding="same")(x)))
    x = LAYERS.GlobalAveragePooling2D()(x)
    model = keras.Model(image, LAYERS.Dense(outputs, activation=activation)(x))
    model.set_weights([*model.get_weights()[:-8], *lively(model, np.random.default_rng(seed))[-8:]])
    return model


def photos():
    paths = sorted(bundled_photos().glob("*.jpg"))[:20]
    return np.stack([preprocess(load_rgb(path), RES) for path in paths])


def export(file, tmp_path, *options):
    return run_export("--weights", file, "--min-agreement", "0.5", "--output-dir", tmp_path / "out", *options)


def exported(file, tmp_path, *options):
    """(The manifest of an export, what its float32 and int8 files answer for photos)."""
    done = export(file, tmp_path, *options)
    assert done.exit_code == 0, done.output
    (folder,) = (tmp_path / "out").iterdir()
    manifest = Manifest.read(folder / "manifest.json")
    return manifest, [ImageModel(folder / record.path).predict(photos()) for record in manifest.files]


def saved(model, path):
    if path.suffix == ".tflite":
        path.write_bytes(tf.lite.TFLiteConverter.from_keras_model(model).convert())
    elif path.suffix:
        model.save(path)
    else:
        model.export(path, verbose=False)
    return path


@pytest.mark.parametrize(
    ("name", "source"),
    [
        ("net.keras", "a .keras file"),
        ("net.h5", "a Keras .h5 file"),
        ("net.tflite", "a float .tflite"),
        ("net", "a SavedModel"),
    ],
)
def test_each_kind_of_file_is_exported_as_its_owner_made_it(name, source, tmp_path):
    model = network()
    file = saved(model, tmp_path / name)
    manifest, (float32, int8) = exported(file, tmp_path, "--input-range", "0..1")
    expected = model.predict(photos() / np.float32(255), verbose=0)
    assert np.abs(float32 - expected).max() < LIMIT
    assert np.abs(int8 - expected).mean() < INT8_LIMIT
    assert (manifest.name, manifest.arch, manifest.alpha, manifest.res) == ("net_r16", "net", None, RES)
    assert (manifest.head, manifest.mean, manifest.std) == ("softmax", [0], [255])
    assert manifest.converted_from == source
    assert [record.path for record in manifest.files] == ["net_r16_float32.tflite", "net_r16_int8.tflite"]


def test_a_quantized_file_is_exported_as_the_float_network_that_its_integers_stand_for(tmp_path):
    converter = tf.lite.TFLiteConverter.from_keras_model(network())
    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    converter.representative_dataset = lambda: ([image[None]] for image in normalize(photos()))
    converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
    converter.inference_input_type = converter.inference_output_type = tf.uint8
    (tmp_path / "net.tflite").write_bytes(converter.convert())
    manifest, (float32, _) = exported(tmp_path / "net.tflite", tmp_path)
    own = ImageModel(tmp_path / "net.tflite").predict(photos())
    assert np.abs(float32 - own).mean() < INT8_LIMIT
    assert manifest.converted_from == "a quantized .tflite"
    assert manifest.mean == pytest.approx([127.5], abs=1)  # to a step of the input, which the photos' range makes
    assert any("made of weights that were integers, agrees with the file itself on" in note for note in manifest.notes)


def test_arithmetic_inside_becomes_the_normalization_and_int8_takes_bytes(tmp_path):
    model = network(first=[LAYERS.Rescaling(1 / 127.5, offset=-1)])
    manifest, (float32, int8) = exported(saved(model, tmp_path / "net.keras"), tmp_path)
    expected = model.predict(photos().astype(np.float32), verbose=0)
    assert np.abs(float32 - expected).max() < LIMIT
    assert np.abs(int8 - expected).mean() < INT8_LIMIT
    assert manifest.mean == pytest.approx([127.5], rel=1e-5)  # as float32 has it
    first = manifest.files[1]
    assert first.input.zero_point in (-1, 0)
    assert first.input.scale == pytest.approx(1 / 127.5, rel=1e-5)


def test_a_normalization_of_each_channel_stands_in_the_float_file_and_goes_into_the_integer_file(tmp_path):
    model = network()
    manifest, (float32, int8) = exported(
        saved(model, tmp_path / "net.keras"), tmp_path, "--mean", "124,116,104", "--std", "58,57,57"
    )
    expected = model.predict(normalize(photos(), (124, 116, 104), (58, 57, 57)), verbose=0)
    assert np.abs(float32 - expected).max() < LIMIT
    assert np.abs(int8 - expected).mean() < INT8_LIMIT
    assert (manifest.mean, manifest.std) == ([124, 116, 104], [58, 57, 57])


def test_one_sigmoid_becomes_two_classes_named_by_one_label(tmp_path):
    model = network("sigmoid", outputs=1)
    (tmp_path / "labels.txt").write_text("cat\n")
    manifest, (float32, int8) = exported(saved(model, tmp_path / "net.keras"), tmp_path, "--input-range", "-1..1")
    (probability,) = model.predict(normalize(photos()), verbose=0).T
    expected = np.stack([1 - probability, probability], 1)
    assert np.abs(float32 - expected).max() < LIMIT
    assert np.abs(int8 - expected).mean() < INT8_LIMIT
    assert (manifest.head, manifest.classes) == ("softmax", 2)
    assert (tmp_path / "out" / "net_r16" / "labels.txt").read_text() == "not cat\ncat\n"


def test_logits_become_their_softmax_which_is_said(tmp_path, capfd):
    model = network(None)
    manifest, (float32, _) = exported(saved(model, tmp_path / "net.keras"), tmp_path, "--input-range", "-1..1")
    assert np.abs(float32 - softmax(model.predict(normalize(photos()), verbose=0))).max() < LIMIT
    assert any("gives logits" in note for note in manifest.notes)
    assert "net.keras: It gives logits" in capfd.readouterr().err


def test_tags_stand_for_themselves_and_have_no_top_1(tmp_path):
    model = network("sigmoid", outputs=3)
    (tmp_path / "labels.txt").write_text("cat\ndog\nemu\n")
    for seed, name in enumerate(("cat", "dog", "emu")):
        images_in(tmp_path / "photos" / name, 10, seed=seed)
    options = ("--input-range", "-1..1", "--calibration", tmp_path / "photos")
    manifest, (float32, int8) = exported(saved(model, tmp_path / "net.keras"), tmp_path, *options)
    expected = model.predict(normalize(photos()), verbose=0)
    assert np.abs(float32 - expected).max() < LIMIT
    assert np.mean((int8 >= 0.5) == (expected >= 0.5)) > 0.9
    assert manifest.head == "sigmoid"
    assert all(record.accuracy is None for record in manifest.files)
    assert any("top-1 is not measured: the outputs are tags" in note for note in manifest.notes)
    done = export(tmp_path / "net.keras", tmp_path, *options, "--overwrite")
    assert "Agreement: same decision on a tag" in done.stdout
    assert "top-1" not in done.stdout.splitlines()[0]


def test_what_is_not_known_is_asked_for_and_nothing_is_written(tmp_path):
    done = export(saved(network(), tmp_path / "net.keras"), tmp_path)
    assert done.exit_code == 2
    assert "does not say how its input is normalized" in done.output
    assert "--input-range" in done.output
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--alpha", "0.5"), "--alpha 0.5 is for this project's own networks; .* is another network"),
        (("--arch", "effnet"), "--arch effnet is for this project's own networks"),
        (("--classes", "5"), "--classes says 5; .* has 3 classes"),
        (("--drop-background",), "exported with all its 3 classes"),
        (("--res", "32"), "16x16"),
        (("--input-range", "1..0"), "the lower first"),
        (("--input-range", "0..1", "--mean", "0", "--std", "255"), "got both"),
        (("--io", "float32", "--mean", "1,2,3", "--std", "255"), "--io float32 is for networks with one normalization"),
    ],
)
def test_options_that_say_something_else_than_the_file_are_refused(options, said, tmp_path):
    given = () if {"--input-range", "--mean"} & {*options} else ("--input-range", "0..1")
    done = export(saved(network(), tmp_path / "net.keras"), tmp_path, *given, *options)
    assert done.exit_code == 2
    assert re.search(said, done.output), done.output
    assert not (tmp_path / "out").exists()


def test_a_normalization_is_not_for_networks_of_ours(tmp_path):
    done = run_export("--alpha", "0.25", "--input-range", "0..1", "--output-dir", tmp_path)
    assert done.exit_code == 2
    assert "--input-range are for networks of other people" in done.output


def test_json_says_what_was_exported(tmp_path):
    file = saved(network(), tmp_path / "net.keras")
    done = export(file, tmp_path, "--input-range", "0..1", "--quant", "float32", "--json")
    (entry,) = json.loads(done.stdout)
    assert (entry["name"], entry["head"], entry["mean"], entry["std"]) == ("net_r16_float32", "softmax", [0], [255])


@keras.saving.register_keras_serializable()
class Sine(LAYERS.Layer):
    def call(self, x):
        return tf.sin(x)


def with_sine(path):
    """A file with an op that has no integer kernel, SIN, which the kind of its file needs no code for."""
    return saved(network(first=[Sine()]), path)


def test_an_op_without_an_integer_kernel_stays_float_if_it_may_and_is_named(tmp_path):
    file = with_sine(tmp_path / "net.tflite")
    options = ("--input-range", "-1..1", "--quant", "float32,int8,int16x8")
    refused = export(file, tmp_path, *options)
    assert refused.exit_code == 2
    assert "ops without an integer kernel: SIN" in refused.output
    assert "--allow-float-ops" in refused.output
    done = export(file, tmp_path, *options, "--allow-float-ops")
    assert done.exit_code == 0, done.output
    assert "int8 stays float: SIN." in done.stdout
    manifest, (float32, int8, int16) = exported(file, tmp_path, *options, "--allow-float-ops", "--overwrite")
    assert np.abs(int8 - float32).mean() < INT8_LIMIT
    assert np.abs(int16 - float32).mean() < INT8_LIMIT
    assert [note for note in manifest.notes if "stays float" in note] == [
        "int8 stays float: SIN.",
        "int16x8 stays float: SIN.",
    ]
    content = (tmp_path / "out" / "net_r16" / manifest.files[1].path).read_bytes()
    assert parse(content).description.decode().endswith("every op integer but SIN")


def test_files_in_float_may_have_any_op(tmp_path):
    file = with_sine(tmp_path / "net.tflite")
    options = ("--input-range", "-1..1", "--quant", "float32,float16,dynamic_int8")
    manifest, (float32, _, dynamic) = exported(file, tmp_path, *options)
    assert np.abs(dynamic - float32).mean() < INT8_LIMIT
    assert not any("stays float" in note for note in manifest.notes)
