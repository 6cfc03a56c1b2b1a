"""The model of anybody's: the float file that is made of it answers as the model itself does."""

import copy

import keras
import numpy as np
import pytest

from export.owner import read_owner
from mobilenet_tf.errors import WeightsError
from mobilenet_tf.keras_loader import tf
from mobilenet_tf.quantization.keras_graph import float_file
from mobilenet_tf.tflite.flatbuffer import pack, parse
from mobilenet_tf.tflite.interpreter import Session
from mobilenet_tf.weights.keras_model import run_keras
from tests.support.networks import lively, small_model

# Batch norm is folded into the kernels of the file: sums in another order, of values near 1.
TOLERANCE = 1e-5


@pytest.fixture(scope="module")
def model():
    return small_model()


@pytest.fixture(scope="module")
def images():
    return np.random.default_rng(0).uniform(-1, 1, (4, 32, 32, 3)).astype(np.float32)


def saved(model, path):
    if path.suffix == ".tflite":
        path.write_bytes(float_file(model))
    else:
        model.save(path)
    return path


def answers(content, images):
    session = Session(content)
    return np.concatenate([session.run(image[None]) for image in images])


@pytest.mark.parametrize("suffix", [".keras", ".h5", ".tflite"])
def test_the_float_file_answers_as_the_model_of_its_owner(suffix, model, images, tmp_path):
    owner = read_owner(saved(model, tmp_path / f"model{suffix}"))
    assert (owner.res, owner.exact, owner.notes) == (32, True, ())
    expected = run_keras(model, images)
    assert np.abs(expected - expected[0]).max() > 1e-2  # the outputs differ from photo to photo
    np.testing.assert_allclose(owner.run(images), expected, atol=TOLERANCE)
    np.testing.assert_allclose(answers(owner.content, images), expected, atol=TOLERANCE)


def test_the_names_of_a_keras_model_are_told(model, tmp_path):
    image = keras.Input((32, 32, 3))
    whole = keras.Model(image, model(image), name="mine")
    assert {"mine", model.name, "conv0"} <= {*read_owner(saved(whole, tmp_path / "model.keras")).names}


@pytest.mark.parametrize("suffix", [".keras", ".tflite"])
def test_the_resolution_is_that_of_the_file(suffix, model, tmp_path):
    path = saved(model, tmp_path / f"model{suffix}")
    with pytest.raises(WeightsError, match=r"takes images of 32x32; got --res 64\. Leave it out"):
        read_owner(path, 64)


def with_arithmetic(res=32):
    """A classifier with operations between its layers."""
    image = keras.Input((res, res, 3))
    x = keras.layers.Conv2D(4, 3, 2, name="conv")(image / 2.0 - 0.1)
    x = x * keras.layers.ReLU(6.0)(x + 3.0) * (1 / 6)
    model = keras.Model(image, keras.layers.Dense(3, name="top")(keras.layers.GlobalAveragePooling2D()(x)))
    model.set_weights(lively(model, np.random.default_rng(1)))
    return model


@pytest.mark.parametrize("suffix", [".keras", ".h5"])
def test_arithmetic_between_layers_is_kept(suffix, images, tmp_path):
    model = with_arithmetic()
    owner = read_owner(saved(model, tmp_path / f"model{suffix}"))
    np.testing.assert_allclose(owner.run(images), run_keras(model, images), atol=TOLERANCE)
    np.testing.assert_allclose(answers(owner.content, images), run_keras(model, images), atol=TOLERANCE)


def test_a_saved_model_is_read_and_its_open_resolution_asked_for(images, tmp_path):
    model = with_arithmetic(None)
    model.export(tmp_path / "saved", verbose=False)
    with pytest.raises(WeightsError, match=r"takes images of any size, \(any, any, any, 3\): give --res N"):
        read_owner(tmp_path / "saved")
    owner = read_owner(tmp_path / "saved", 32)
    assert "conv" in owner.names
    np.testing.assert_allclose(owner.run(images), run_keras(model, images), atol=TOLERANCE)
    np.testing.assert_allclose(answers(owner.content, images), run_keras(model, images), atol=TOLERANCE)


def test_a_tflite_of_open_batch_and_resolution_is_fixed(images, tmp_path):
    model = with_arithmetic(None)
    model.export(tmp_path / "saved", verbose=False)
    converter = tf.lite.TFLiteConverter.from_saved_model(str(tmp_path / "saved"))
    (tmp_path / "model.tflite").write_bytes(converter.convert())
    owner = read_owner(tmp_path / "model.tflite", 32)
    assert Session(owner.content).input.shape == (1, 32, 32, 3)  # no resolution has to be given any more
    np.testing.assert_allclose(answers(owner.content, images), run_keras(model, images), atol=TOLERANCE)
    np.testing.assert_allclose(owner.run(images), run_keras(model, images), atol=TOLERANCE)


def test_a_quantized_tflite_is_dequantized_and_run_as_it_is(model, images, tmp_path):
    converter = tf.lite.TFLiteConverter.from_keras_model(model)
    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    converter.representative_dataset = lambda: ([image[None]] for image in images)
    converter.inference_input_type = converter.inference_output_type = tf.uint8
    (tmp_path / "model.tflite").write_bytes(converter.convert())
    owner = read_owner(tmp_path / "model.tflite")
    assert not owner.exact
    assert "is quantized" in owner.notes[0]
    expected = run_keras(model, images)
    # 8 bits for each of two layers: a softmax moves by some steps of 1 / 256.
    np.testing.assert_allclose(owner.run(images), expected, atol=0.05)
    np.testing.assert_allclose(answers(owner.content, images), expected, atol=0.05)


def test_of_several_graphs_the_first_is_taken_which_is_said(model, images, tmp_path):
    parsed = parse(float_file(model))
    other = copy.copy(parsed.subgraphs[0])
    other.name = b"features"
    parsed.subgraphs.append(other)
    (tmp_path / "model.tflite").write_bytes(pack(parsed))
    owner = read_owner(tmp_path / "model.tflite")
    assert "model.tflite holds 2 graphs; the first is exported." in owner.notes[0]
    np.testing.assert_allclose(owner.run(images), run_keras(model, images), atol=TOLERANCE)


def channels_first():
    image = keras.Input((3, 32, 32))
    x = keras.layers.Conv2D(4, 3, 2, data_format="channels_first")(image)
    return keras.Model(image, keras.layers.Dense(3)(keras.layers.GlobalAveragePooling2D("channels_first")(x)))


def test_images_of_channels_last_are_given_to_a_model_of_channels_first(images, tmp_path):
    owner = read_owner(saved(channels_first(), tmp_path / "model.keras"))
    np.testing.assert_allclose(answers(owner.content, images), owner.run(images), atol=TOLERANCE)


LAYERS = keras.layers


def classifier(shape, *layers):
    return keras.Sequential([keras.Input(shape), *layers])


def two_outputs():
    image = keras.Input((32, 32, 3))
    x = LAYERS.GlobalAveragePooling2D()(image)
    return keras.Model(image, [LAYERS.Dense(2)(x), LAYERS.Dense(4)(x)])


def halved_relu(values):
    return keras.ops.relu(values) / 2


REFUSED = {
    "grey": (lambda: classifier((8, 8, 1), LAYERS.Flatten()), r"photos in RGB, .* takes \(any, 8, 8, 1\)"),
    "oblong": (lambda: classifier((8, 9, 3), LAYERS.Flatten()), r"square images; .* takes \(any, 8, 9, 3\)"),
    "base": (lambda: classifier((8, 8, 3), LAYERS.Conv2D(4, 3)), r"row of scores, .* gives \(any, 6, 6, 4\)"),
    "two outputs": (two_outputs, r"gives one output; .* gives \(2,\) and \(4,\)"),
    "lambda": (
        lambda: classifier((8, 8, 3), LAYERS.Lambda(lambda x: x / 255, name="scale"), LAYERS.Flatten()),
        r"its layer scale is a Lambda, which is Python code[\s\S]*TFLiteConverter",
    ),
    "activation": (
        lambda: classifier((8, 8, 3), LAYERS.Conv2D(4, 3, activation=halved_relu, name="first"), LAYERS.Flatten()),
        r"the activation of its layer first is the function halved_relu[\s\S]*TFLiteConverter",
    ),
}


@pytest.mark.parametrize("suffix", [".keras", ".h5"])
@pytest.mark.parametrize("case", REFUSED)
def test_what_is_no_classifier_of_one_photo_is_refused(case, suffix, tmp_path):
    make, message = REFUSED[case]
    with pytest.raises(WeightsError, match=message) as refusal:
        read_owner(saved(make(), tmp_path / f"model{suffix}"))
    assert len(str(refusal.value).splitlines()) <= 3


@pytest.mark.parametrize("suffix", [".keras", ".h5"])
@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
def test_a_truncated_model_is_called_so(suffix, share, tmp_path):
    path = saved(classifier((8, 8, 3), LAYERS.Conv2D(64, 3), LAYERS.Flatten()), tmp_path / f"model{suffix}")
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * share)])
    with pytest.raises(WeightsError, match=r"cannot read .* truncated or damaged[\s\S]*download it again"):
        read_owner(path)


def test_a_function_of_keras_is_no_code_of_the_owner(tmp_path):
    layers = (LAYERS.Conv2D(4, 3, activation=keras.ops.silu), LAYERS.Conv2D(4, 3, activation=keras.ops.relu6))
    model = classifier((8, 8, 3), *layers, LAYERS.Flatten())
    assert read_owner(saved(model, tmp_path / "model.keras")).res == 8


def test_a_saved_model_that_reads_files_is_not_run(tmp_path):
    class Reader(tf.Module):
        @tf.function(input_signature=[tf.TensorSpec((None, 8, 8, 3))])
        def serve(self, image):
            return tf.reduce_mean(image, (1, 2)) + tf.strings.to_number(tf.io.read_file("secret"))

    module = Reader()
    tf.saved_model.save(module, str(tmp_path / "saved"), signatures=module.serve)
    with pytest.raises(WeightsError, match=r"has the op ReadFile .* which runs code or reads files"):
        read_owner(tmp_path / "saved")
